// A draw: rows are chosen, fetched into a batch, and come back with how surprising they were.
import type { Random } from '../random.ts'
import type { Batch, Stateful } from '../types.ts'
import type { RowChoice } from './row-choice.ts'
import type { Transitions } from './transitions.ts'

/** Chooses the rows of batches. Restore the replay buffer first: what is drawn from must be there. */
export interface Draw extends Stateful {
  /**
   * Fills a batch with transitions, drawn with replacement. `agent`: whose they are, where agents may be absent; default: the agent of the
   * draw.
   * @throws RangeError when there is none to draw from yet.
   */
  sample(random: Random, into: Batch, agent?: number): void
  /** Fills a batch with the transitions of the last `sample` once more, also after `restore`; its TD errors stay. */
  again(into: Batch, agent?: number): void
  /** Takes in the TD errors of the rows of the last batch, `batch.tdErrors`, before other rows are inserted. */
  learnt(batch: Batch): void
}

/** A draw of rows by some choice, for an agent or for all (null). */
export function createDraw(
  transitions: Pick<Transitions, 'size' | 'relocation'>,
  choice: RowChoice,
  fetch: (slots: Uint32Array, into: Batch, agent: number | null) => void,
  own: number | null = null,
): Draw {
  let slots = new Uint32Array(0)
  const again = (into: Batch, agent: number | null = own) => {
    into.drawn = (into.drawn ?? 0) + 1
    choice.weigh(slots, into.weights)
    fetch(slots, into, agent)
  }
  return {
    sample(random, into, agent) {
      if (transitions.size === 0)
        throw new RangeError('replay: expected at least one transition to draw from, got none; insert first')
      if (slots.length !== into.rows) slots = new Uint32Array(into.rows)
      choice.choose(random, slots)
      into.tdErrors.fill(0)
      again(into, agent)
    },
    again,
    learnt: ({ tdErrors }) => choice.learnt(slots, tdErrors),
    save: () => ({ slots, choice: choice.save() }),
    restore(saved) {
      const state = saved as { slots: Uint32Array; choice: ReturnType<RowChoice['save']> }
      const { relocation } = transitions
      slots = Uint32Array.from(state.slots, slot => relocation?.now(slot) ?? slot)
      choice.restore(state.choice)
    },
  }
}

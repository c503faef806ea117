// A draw: rows are chosen, fetched into a batch, and come back with how surprising they were.
import type { Random } from '../random.ts'
import type { Batch, Stateful } from '../types.ts'
import type { RowChoice } from './row-choice.ts'
import type { Transitions } from './transitions.ts'

/** Chooses the rows of batches. Restore the replay buffer first: what is drawn from must be there. */
export interface Draw extends Stateful {
  /**
   * Fills a batch with transitions, drawn with replacement.
   * @throws RangeError when there is none to draw from yet.
   */
  sample(random: Random, into: Batch): void
  /** Fills a batch with the transitions of the last `sample` once more, also after `restore`; its TD errors stays. */
  again(into: Batch): void
  /** Takes in the TD errors of the rows of the last batch, `batch.tdErrors`, before other rows are inserted. */
  learnt(batch: Batch): void
}

/** A draw of rows by some choice. */
export function createDraw(
  transitions: Pick<Transitions, 'size' | 'relocation'>,
  choice: RowChoice,
  fetch: (slots: Uint32Array, into: Batch) => void,
): Draw {
  let slots = new Uint32Array(0)
  const again = (into: Batch) => {
    choice.weigh(slots, into.weights)
    fetch(slots, into)
  }
  return {
    sample(random, into) {
      if (transitions.size === 0)
        throw new RangeError('replay: expected at least one transition to draw from, got none; insert first')
      if (slots.length !== into.rows) slots = new Uint32Array(into.rows)
      choice.choose(random, slots)
      into.tdErrors.fill(0)
      again(into)
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

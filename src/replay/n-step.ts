// Returns over several steps: from a transition on, rewards are summed until the next value counts.

import { pow } from '../elementary.ts'
import type { MatrixStore } from '../nn/matrix.ts'
import type { Batch, Matrix } from '../types.ts'
import type { Transitions } from './transitions.ts'

/**
 * Makes the walk from each row over up to `steps` transitions of its game: fewer where the episode ends, where the newest transition is
 * reached, and where agents come or go otherwise than by terminating, for the discount of a row is one for all its agents. The walk
 * writes what depends on all of it into the batch: rewards, the sum of gamma^i r; discounts, gamma^m after m steps; terminated,
 * whether the agent terminated on the way; present, of the first row. What it returns, [rows], is where each walk ended; overwritten
 * by the next.
 */
export function createWalk(
  store: MatrixStore,
  transitions: Transitions,
  steps: number,
  gamma: number,
): (slots: Uint32Array, into: Batch) => Uint32Array {
  const { layout } = transitions
  const agents = layout.observations.length
  // Side by side in a row: [agents] rewards, [agents] present, [agents] terminated, over.
  const columns = 3 * agents + 1
  const [present, terminated, over] = [agents, 2 * agents, 3 * agents]
  const sums = new Float64Array(agents)
  const factors = Float64Array.from({ length: steps + 1 }, (_, step) => pow(gamma, step))
  const buffers = new Map<number, Buffers>()

  /** Whether those who play on after the outcome at `at` are those present in the outcome at `next`. */
  const samePlayers = (data: Float32Array, at: number, next: number) => {
    for (let agent = 0; agent < agents; agent++) {
      const playsOn = data[at + present + agent] === 1 && data[at + terminated + agent] === 0
      if (playsOn !== (data[next + present + agent] === 1)) return false
    }
    return true
  }

  return (slots, into) => {
    const rows = slots.length
    const { indices, outcomes, last } = buffersFor(buffers, store, rows, steps, columns)
    // All outcomes that may be met are read side by side: one after the other, each would be waited for.
    for (let row = 0; row < rows; row++) {
      const slot = slots[row]!
      let there = 0
      for (let at = slot; at >= 0 && there < steps; at = transitions.following(at)) indices[there++ * rows + row] = at
      last[row] = there
      for (let step = there; step < steps; step++) indices[step * rows + row] = slot
    }
    transitions.gather(indices, [{ column: layout.rewards, to: outcomes }])
    const { data } = outcomes
    for (let row = 0, to = 0; row < rows; row++, to += agents) {
      const most = last[row]!
      let at = row * columns
      for (let agent = 0; agent < agents; agent++) {
        into.present.data[to + agent] = data[at + present + agent]!
        into.terminated.data[to + agent] = data[at + terminated + agent]!
        sums[agent] = data[at + agent]!
      }
      let taken = 1
      for (; taken < most && data[at + over] === 0; taken++) {
        const next = at + rows * columns
        if (!samePlayers(data, at, next)) break
        at = next
        for (let agent = 0; agent < agents; agent++) {
          sums[agent]! += factors[taken]! * data[at + agent]!
          if (data[at + terminated + agent] === 1) into.terminated.data[to + agent] = 1
        }
      }
      for (let agent = 0; agent < agents; agent++) into.rewards.data[to + agent] = sums[agent]!
      into.discounts[row] = factors[taken]!
      last[row] = indices[(taken - 1) * rows + row]!
    }
    return last
  }
}

interface Buffers {
  readonly indices: Uint32Array // [steps * rows]
  readonly outcomes: Matrix // [steps * rows, columns]
  readonly last: Uint32Array // [rows]
}

function buffersFor(
  known: Map<number, Buffers>,
  store: MatrixStore,
  rows: number,
  steps: number,
  columns: number,
): Buffers {
  const found = known.get(rows) ?? {
    indices: new Uint32Array(steps * rows),
    outcomes: store.matrix(steps * rows, columns),
    last: new Uint32Array(rows),
  }
  known.set(rows, found)
  return found
}

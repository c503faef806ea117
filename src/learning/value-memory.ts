// What a V that remembers carries from round to round, and its passes: step by step when a round begins, over sequences or chunks for learning.
import type { Backend } from '../nn/backend.ts'
import type { Network } from '../nn/network.ts'
import { withSequence } from '../nn/recurrence.ts'
import type { Rows } from '../rollout/rows.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import type { Matrix, Stateful } from '../types.ts'
import { growingMatrix } from './growing-matrix.ts'

/** V at every row of a round, and at what was seen next. */
export interface ValuesOfRound {
  /** [rows of the trajectory] */
  readonly values: Float64Array
  /** [rows of the trajectory] V of what was seen next, before a reset. */
  readonly nextValues: Float64Array
  /** [chunks * sequences, units] What its network remembered when each sequence or chunk began; empty: it remembers nothing. */
  readonly memories: Float64Array
}

export interface ValueMemory extends Stateful {
  /**
   * Goes on through the steps of a trajectory from what was remembered at the end of the one before; where an agent was absent it remembers
   * what it did. What was seen next in the rows `next` is looked at in one step more, which nothing remembers: it may be of an episode that is over.
   */
  walk(
    trajectory: Trajectory,
    next: Uint32Array,
    inputOf: (trajectory: Trajectory, rows: Uint32Array, when: 'observation' | 'nextObservation') => Matrix,
  ): ValuesOfRound
  /** Of sequences or chunks, to learn from. */
  forward(rows: Rows, input: Matrix, memories: ArrayLike<number>): Matrix
}

/** `chunkSteps`: how many steps chunks have; null: sequences are whole. */
export function createValueMemory(backend: Backend, plain: Network, chunkSteps: number | null): ValueMemory {
  const network = withSequence(plain)
  const { stateSize: size } = network
  const [states, afters, chosen] = [size, size, size].map(columns => growingMatrix(backend, columns)) as [
    ReturnType<typeof growingMatrix>,
    ReturnType<typeof growingMatrix>,
    ReturnType<typeof growingMatrix>,
  ]
  /** [sequences, size]; of another number of sequences: begun anew. */
  let carried = new Float32Array(0)

  return {
    walk(trajectory, next, inputOf) {
      const { rows, steps, sequences, present, restarted } = trajectory
      const values = new Float64Array(rows)
      const nextValues = new Float64Array(rows)
      const chunk = chunkSteps ?? steps
      const memories = new Float64Array(Math.ceil(steps / chunk) * sequences * size)
      const state = states(sequences)
      state.data.fill(0)
      if (carried.length === state.data.length) state.data.set(carried)
      let ahead = 0
      for (let step = 0; step < steps; step++) {
        if (step % chunk === 0) memories.set(state.data, (step / chunk) * sequences * size)
        const first = step * sequences
        const own = Uint32Array.from({ length: sequences }, (_, sequence) => first + sequence)
        const after = afters(sequences)
        const memory = { state, restarted: restarted.subarray(first, first + sequences), next: after }
        const { data } = network.infer(inputOf(trajectory, own, 'observation'), memory)
        for (let sequence = 0; sequence < sequences; sequence++) {
          if (present[first + sequence] === 0) continue
          values[first + sequence] = data[sequence]!
          const at = sequence * size
          state.data.set(after.data.subarray(at, at + size), at)
        }
        const from = ahead
        while (ahead < next.length && next[ahead]! < first + sequences) ahead++
        if (ahead === from) continue
        const cut = next.subarray(from, ahead)
        const ofCut = chosen(cut.length)
        cut.forEach((row, i) => {
          const at = (row - first) * size
          ofCut.data.set(state.data.subarray(at, at + size), i * size)
        })
        const following = network.infer(inputOf(trajectory, cut, 'nextObservation'), { state: ofCut })
        cut.forEach((row, i) => {
          nextValues[row] = following.data[i]!
        })
      }
      carried = state.data.slice()
      return { values, nextValues, memories }
    },
    forward({ trajectory, indices, sequences: firsts }, input, memories) {
      const { sequences, steps, restarted } = trajectory
      const chunk = chunkSteps ?? steps
      const state = chosen(firsts!.length)
      firsts!.forEach((first, i) => {
        const at = (Math.floor(first / (chunk * sequences)) * sequences + (first % sequences)) * size
        for (let c = 0; c < size; c++) state.data[i * size + c] = memories[at + c]!
      })
      return network.sequence(input, { state, restarted: Uint8Array.from(indices, row => restarted[row]!) })
    },
    save: () => carried,
    restore(saved) {
      carried = (saved as Float32Array).slice()
    },
  }
}

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
  /** [sequences, size], by member and game; of another number of sequences: begun anew. */
  let carried = new Float32Array(0)

  return {
    walk(trajectory, next, inputOf) {
      const { rows, steps, sequences, present, restarted } = trajectory
      const values = new Float64Array(rows)
      const nextValues = new Float64Array(rows)
      const chunk = chunkSteps ?? steps
      const memories = new Float64Array(Math.ceil(steps / chunk) * sequences * size)
      if (carried.length !== sequences * size) carried = new Float32Array(sequences * size)
      for (const wave of wavesOf(trajectory)) {
        const state = states(wave.length)
        wave.forEach(({ from }, i) => {
          if (from === null) state.data.fill(0, i * size, (i + 1) * size)
          else state.data.set(carried.subarray(from * size, (from + 1) * size), i * size)
        })
        /** Of the rows `next`, the first that is not behind. */
        let ahead = 0
        for (let step = 0; step < steps; step++) {
          const first = step * sequences
          if (step % chunk === 0) {
            const to = (step / chunk) * sequences
            wave.forEach(({ sequence }, i) => {
              memories.set(state.data.subarray(i * size, (i + 1) * size), (to + sequence) * size)
            })
          }
          const own = Uint32Array.from(wave, ({ sequence }) => first + sequence)
          const after = afters(wave.length)
          const memory = { state, restarted: Uint8Array.from(own, row => restarted[row]!), next: after }
          const { data } = network.infer(inputOf(trajectory, own, 'observation'), memory)
          own.forEach((row, i) => {
            if (present[row] === 0) return
            values[row] = data[i]!
            state.data.set(after.data.subarray(i * size, (i + 1) * size), i * size)
          })
          const from = ahead
          while (ahead < next.length && next[ahead]! < first + sequences) ahead++
          if (ahead === from) continue
          const places = new Map(Array.from(own, (row, i) => [row, i]))
          const cut = next.subarray(from, ahead).filter(row => places.has(row))
          if (cut.length === 0) continue
          const ofCut = chosen(cut.length)
          cut.forEach((row, i) => {
            const at = places.get(row)! * size
            ofCut.data.set(state.data.subarray(at, at + size), i * size)
          })
          const following = network.infer(inputOf(trajectory, cut, 'nextObservation'), { state: ofCut })
          cut.forEach((row, i) => {
            nextValues[row] = following.data[i]!
          })
        }
        wave.forEach(({ to }, i) => void carried.set(state.data.subarray(i * size, (i + 1) * size), to * size))
      }
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

/** A sequence, whose memory it goes on from (null: none), and under whose its own is kept. */
interface Walker {
  readonly sequence: number
  readonly from: number | null
  readonly to: number
}

/** Sequences that can be walked side by side: where lanes and games come apart, one of each game after the other. */
function wavesOf({ sequences, lanes, origins }: Trajectory): readonly (readonly Walker[])[] {
  if (origins.length === 0) {
    return [Array.from({ length: sequences }, (_, sequence) => ({ sequence, from: sequence, to: sequence }))]
  }
  const waves: Walker[][] = []
  for (let sequence = 0; sequence < sequences; sequence++) {
    const lane = sequence % lanes
    const { game, afterGap } = origins[lane]!
    const before = origins.slice(0, lane).filter(other => other.game === game).length
    const to = sequence - lane + game
    ;(waves[before] ??= []).push({ sequence, from: afterGap ? null : to, to })
  }
  return waves
}

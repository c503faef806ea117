// What products with the Fisher matrix want of each slice of a round, gone forward once for all of them: the policy stands still meanwhile.
import type { StochasticPolicy } from '../learning/stochastic-policy.ts'
import type { Rows } from '../rollout/rows.ts'
import type { Matrix } from '../types.ts'

export interface SliceAt {
  /** [rows, outputs] Of the network's last `forward`. */
  readonly outputs: Matrix
  /** [rows] The part of each in a mean over the rows in which the agent was there. */
  readonly scale: Float64Array
  readonly mask?: Matrix
}

export interface SlicesAt {
  /** `round`: by which slices are known; where it is another one than before, the policy has moved. */
  at(rows: Rows, round: object): SliceAt
}

/** Numbers, 32 MB of them, that forwards of a policy may take: slices beyond that are gone forward again each time. */
const mostNumbers = 2 ** 23

export function createSlicesAt(policy: StochasticPolicy): SlicesAt {
  const { inputs, layers } = policy.network.spec
  const numbersOfRow = layers.reduce((sum, { size }) => sum + size, inputs)
  /** By their first row. */
  const kept = new Map<number, SliceAt & { recall(): void }>()
  let known: object | null = null
  let numbers = 0

  return {
    at(rows, round) {
      if (round !== known) {
        kept.clear()
        known = round
        numbers = 0
      }
      const first = rows.indices[0]!
      const found = kept.get(first)
      if (found !== undefined) {
        found.recall()
        return found
      }
      const scale = scaleOf(rows)
      const mask = policy.maskOf(rows)
      numbers += numbersOfRow * rows.indices.length
      const forward = numbers > mostNumbers ? null : policy.keep(rows, kept.size)
      if (forward === null) return { outputs: policy.forward(rows), scale, ...(mask && { mask }) }
      const { outputs, recall } = forward
      const slice = { outputs, recall, scale, ...(mask && { mask: { ...mask, data: mask.data.slice() } }) }
      kept.set(first, slice)
      return slice
    },
  }
}

function scaleOf({ trajectory: { present }, indices, count }: Rows): Float64Array {
  const each = new Float64Array(indices.length)
  for (let i = 0; i < each.length; i++) each[i] = present[indices[i]!]! / count
  return each
}

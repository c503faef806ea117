// The mix of values by the kernels (kernels/mixing.ts), shared out by rows.
import type { Matrix } from '../../types.ts'
import { type MixingPasses, mix, mixGradient } from '../mixing.ts'
import { checkMatrix } from '../shapes.ts'
import type { SimdMemory } from './memory.ts'
import type { ThreadPool } from './thread-pool.ts'

/** Rows that a thread takes at a time. */
const chunkRows = 32
/** Nanoseconds of one core for a weight of the first layer. */
const eachNanoseconds = 0.5

/** Matrices that are not all in the backend's memory are mixed in JavaScript. */
export function createMixing(memory: SimdMemory, pool: ThreadPool): MixingPasses {
  const { words } = pool
  const place = (matrices: readonly Matrix[], from: number) => {
    matrices.forEach(({ data }, i) => void (words[from + i] = data.byteOffset))
  }
  const run = (kind: 'mix' | 'mixGradient', { rows, columns }: Matrix, units: number) => {
    words[9] = columns
    words[10] = units
    pool.run(kind, rows, chunkRows, 0, eachNanoseconds * rows * columns * units)
  }
  const check = (values: Matrix, first: Matrix, others: readonly Matrix[], ones: readonly Matrix[]) => {
    const units = others[0]!.columns
    checkMatrix('mix: first', first, values.columns * units, values.rows)
    for (const matrix of others) checkMatrix('mix: units', matrix, units, values.rows)
    for (const matrix of ones) checkMatrix('mix: one number a row', matrix, 1, values.rows)
  }
  return {
    mix(values, weights, hidden, total) {
      const { first, bias, second, base } = weights
      check(values, first, [bias, second, hidden], [base, total])
      const all = [values, first, bias, second, base, hidden, total]
      if (!all.every(matrix => memory.owns(matrix))) return mix(values, weights, hidden, total)
      place([values], 8)
      place([first, bias, second, base, hidden, total], 11)
      run('mix', values, hidden.columns)
    },
    mixGradient(values, weights, hidden, gradient, to, toValues) {
      const { first, second } = weights
      check(values, first, [second, hidden, to.bias, to.second], [gradient, to.base])
      checkMatrix('mix: to.first', to.first, first.columns, values.rows)
      checkMatrix('mix: toValues', toValues, values.columns, values.rows)
      const written = [to.first, to.bias, to.second, to.base, toValues]
      if (![values, first, second, hidden, gradient, ...written].every(matrix => memory.owns(matrix)))
        return mixGradient(values, weights, hidden, gradient, to, toValues)
      place([values], 8)
      place([first], 11)
      place([second, gradient, hidden, ...written], 13)
      run('mixGradient', values, hidden.columns)
    },
  }
}

// The Gumbel-softmax and its gradient, wherever their matrices live.
import type { Matrix } from '../../types.ts'
import type { Backend } from '../backend.ts'
import { checkColumns, checkData, checkMatrix, checkPositive } from '../shapes.ts'
import { Area, type SimdMemory } from './memory.ts'
import type { ThreadPool } from './thread-pool.ts'

/** Rows that a thread takes at a time: a multiple of four, the lanes of a vector. */
const chunkRows = 64

export function createGumbel(
  memory: SimdMemory,
  pool: ThreadPool,
): Pick<Backend, 'gumbelSoftmax' | 'gumbelSoftmaxGradient'> {
  const { words, floats } = pool
  const areas = [new Area(memory), new Area(memory), new Area(memory)] as const

  /** The address of a matrix that the kernel reads (or reads and writes); one from outside is copied in. */
  const reach = (matrix: Matrix, area: Area) => {
    if (memory.owns(matrix)) return matrix.data.byteOffset
    const pointer = area.at(4 * matrix.data.length)
    memory.floats(pointer, matrix.data.length).set(matrix.data)
    return pointer
  }
  /** Brings the results back to a matrix from outside. */
  const deliver = (matrix: Matrix, pointer: number) => {
    if (!memory.owns(matrix)) matrix.data.set(memory.floats(pointer, matrix.data.length))
  }

  return {
    gumbelSoftmax(logits, columns, temperature, noise, to) {
      checkData('gumbelSoftmax: logits', logits)
      checkColumns('gumbelSoftmax: columns', columns, logits.columns)
      checkPositive('gumbelSoftmax: temperature', temperature)
      checkMatrix('gumbelSoftmax: to', to, logits.columns, logits.rows)
      const source = reach(logits, areas[0])
      const target = reach(to, areas[1])
      const stride = 4 * logits.columns
      words[8] = source
      words[9] = target
      words[10] = stride
      words[11] = logits.columns
      words[12] = columns.from
      words[13] = columns.to
      words[14] = noise.low
      words[15] = noise.high
      floats[16] = temperature
      const count = logits.rows * (columns.to - columns.from)
      pool.run('gumbelSoftmax', logits.rows, chunkRows, 64 + 16 * logits.columns, 5 * count)
      deliver(to, target)
    },

    gumbelSoftmaxGradient(sample, columns, temperature, gradient, to) {
      checkData('gumbelSoftmaxGradient: sample', sample)
      checkColumns('gumbelSoftmaxGradient: columns', columns, sample.columns)
      checkPositive('gumbelSoftmaxGradient: temperature', temperature)
      checkMatrix('gumbelSoftmaxGradient: gradient', gradient, sample.columns, sample.rows)
      checkMatrix('gumbelSoftmaxGradient: to', to, sample.columns, sample.rows)
      const target = reach(to, areas[2])
      words[8] = reach(sample, areas[0])
      words[9] = reach(gradient, areas[1])
      words[10] = target
      words[11] = 4 * sample.columns
      words[12] = columns.from
      words[13] = columns.to
      floats[14] = temperature
      const count = sample.rows * (columns.to - columns.from)
      pool.run('gumbelSoftmaxGradient', sample.rows, chunkRows, 0, 1.5 * count)
      deliver(to, target)
    },
  }
}

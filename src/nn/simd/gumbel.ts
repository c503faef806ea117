// The Gumbel-softmax and its gradient, wherever their matrices live.
import type { Matrix } from '../../types.ts'
import type { Backend } from '../backend.ts'
import { Area, type SimdMemory } from './memory.ts'
import { checkColumns, checkData, checkMatrix, checkPositive } from './shapes.ts'

export function createGumbel(memory: SimdMemory): Pick<Backend, 'gumbelSoftmax' | 'gumbelSoftmaxGradient'> {
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
      const { kernels } = memory
      checkData('gumbelSoftmax: logits', logits)
      checkColumns('gumbelSoftmax: columns', columns, logits.columns)
      checkPositive('gumbelSoftmax: temperature', temperature)
      checkMatrix('gumbelSoftmax: to', to, logits.columns, logits.rows)
      const source = reach(logits, areas[0])
      const target = reach(to, areas[1])
      const stride = 4 * logits.columns
      kernels.gumbelSoftmax(
        source,
        target,
        stride,
        logits.rows,
        0,
        logits.columns,
        columns.from,
        columns.to,
        noise.low,
        noise.high,
        temperature,
        areas[2].at(16 * logits.columns),
      )
      deliver(to, target)
    },

    gumbelSoftmaxGradient(sample, columns, temperature, gradient, to) {
      const { kernels } = memory
      checkData('gumbelSoftmaxGradient: sample', sample)
      checkColumns('gumbelSoftmaxGradient: columns', columns, sample.columns)
      checkPositive('gumbelSoftmaxGradient: temperature', temperature)
      checkMatrix('gumbelSoftmaxGradient: gradient', gradient, sample.columns, sample.rows)
      checkMatrix('gumbelSoftmaxGradient: to', to, sample.columns, sample.rows)
      const target = reach(to, areas[2])
      kernels.gumbelSoftmaxGradient(
        reach(sample, areas[0]),
        reach(gradient, areas[1]),
        target,
        4 * sample.columns,
        sample.rows,
        columns.from,
        columns.to,
        temperature,
      )
      deliver(to, target)
    },
  }
}

// The Gumbel-softmax in JavaScript: the same counter-based noise as every backend, in double precision, rounded at the end.
// No tensors: a handful of numbers per row cost less than one tensor operation does.

import { log } from '../../elementary.ts'
import { noiseUniform } from '../../random.ts'
import type { Backend } from '../backend.ts'
import { checkColumns, checkData, checkMatrix, checkPositive } from '../shapes.ts'
import { exponentials } from '../softmax.ts'

/** The contract's `gumbelSoftmax` and its gradient; see there for the definition of the noise. */
export const heapGumbel: Pick<Backend, 'gumbelSoftmax' | 'gumbelSoftmaxGradient'> = {
  gumbelSoftmax(logits, columns, temperature, noise, to) {
    checkData('gumbelSoftmax: logits', logits)
    checkColumns('gumbelSoftmax: columns', columns, logits.columns)
    checkPositive('gumbelSoftmax: temperature', temperature)
    checkMatrix('gumbelSoftmax: to', to, logits.columns, logits.rows)
    const row = new Float64Array(columns.to - columns.from)
    for (let r = 0; r < logits.rows; r++) {
      const at = r * logits.columns + columns.from
      for (let c = 0; c < row.length; c++) {
        const gumbel = -log(-log(noiseUniform(noise, at + c)))
        row[c] = (logits.data[at + c]! + gumbel) / temperature
      }
      const sum = exponentials(row, 0, row.length, row, 0)
      for (let c = 0; c < row.length; c++) to.data[at + c] = row[c]! / sum
    }
  },

  gumbelSoftmaxGradient(sample, columns, temperature, gradient, to) {
    checkData('gumbelSoftmaxGradient: sample', sample)
    checkColumns('gumbelSoftmaxGradient: columns', columns, sample.columns)
    checkPositive('gumbelSoftmaxGradient: temperature', temperature)
    checkMatrix('gumbelSoftmaxGradient: gradient', gradient, sample.columns, sample.rows)
    checkMatrix('gumbelSoftmaxGradient: to', to, sample.columns, sample.rows)
    for (let r = 0; r < sample.rows; r++) {
      const at = r * sample.columns
      let mean = 0
      for (let c = columns.from; c < columns.to; c++) mean += sample.data[at + c]! * gradient.data[at + c]!
      for (let c = columns.from; c < columns.to; c++)
        to.data[at + c] = (sample.data[at + c]! * (gradient.data[at + c]! - mean)) / temperature
    }
  },
}

// The counter-based noise and the Gumbel-softmax in plain JavaScript: the definition that kernels must reproduce.
import type { Columns } from '../../src/nn/backend.ts'
import type { NoiseKey } from '../../src/random.ts'

/** u of one element: two keyed rounds of "lowbias32" (Wellons 2018), the upper 23 bits, (k + 0.5) / 2^23. */
export function plainUniform(key: NoiseKey, element: number): number {
  const keyed = (Math.imul(element, 0x9e3779b9) + key.low) | 0
  const bits = mix((mix(keyed) + key.high) | 0)
  return ((bits >>> 9) + 0.5) / 8388608
}

function mix(word: number): number {
  let x = word
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return x ^ (x >>> 16)
}

/** Numbers outside the columns are zero. */
export function plainGumbelSoftmax(
  logits: { readonly rows: number; readonly columns: number; readonly data: ArrayLike<number> },
  part: Columns,
  temperature: number,
  key: NoiseKey,
): Float64Array {
  const to = new Float64Array(logits.rows * logits.columns)
  for (let r = 0; r < logits.rows; r++) {
    const at = r * logits.columns
    let largest = -Infinity
    for (let c = part.from; c < part.to; c++) {
      const gumbel = -Math.log(-Math.log(plainUniform(key, at + c)))
      to[at + c] = (logits.data[at + c]! + gumbel) / temperature
      largest = Math.max(largest, to[at + c]!)
    }
    let sum = 0
    for (let c = part.from; c < part.to; c++) sum += to[at + c] = Math.exp(to[at + c]! - largest)
    for (let c = part.from; c < part.to; c++) to[at + c] = to[at + c]! / sum
  }
  return to
}

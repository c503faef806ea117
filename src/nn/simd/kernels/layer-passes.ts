// What stands between the dense runs of a network, as jobs: layer normalisations by themselves, and the gradient at the input of one layer.
import { address, word } from './job'
import { gainGradient, normalGradient, normalise } from './normalisation'
import { productDerive } from './product'
import { biasGradient } from './weight-gradient'

/** Words: 8 input, 9 place of the normalised rows, 10 of their scales, 11 gain, then shift, 12 result, 13 columns. */
export function normaliseRows(job: usize, from: i32, to: i32): void {
  const columns = word(job, 13)
  const at = (<usize>from) * ((<usize>columns) << 2)
  normalise(
    address(job, 8) + at, address(job, 9) + at, address(job, 10) + ((<usize>from) << 2), address(job, 11),
    address(job, 11) + ((<usize>columns) << 2), address(job, 12) + at, to - from, columns,
  )
}

/** Words: as above, 8 the output gradient, 12 the gradient at the input. */
export function normalGradientRows(job: usize, from: i32, to: i32): void {
  const columns = word(job, 13)
  const at = (<usize>from) * ((<usize>columns) << 2)
  normalGradient(
    address(job, 8) + at, address(job, 9) + at, address(job, 10) + ((<usize>from) << 2), address(job, 11), address(job, 12) + at,
    to - from, columns,
  )
}

/** Piece 0 adds to the gradient of the gain, piece 1 to that of the shift. Words: 8, 9 as above, 12 their gradients, 13 columns, 14 rows. */
export function gainGradients(job: usize, from: i32, to: i32): void {
  const columns = word(job, 13)
  const bytes = (<usize>columns) << 2
  for (let piece = from; piece < to; piece++) {
    if (piece == 0) gainGradient(address(job, 8), address(job, 9), address(job, 12), word(job, 14), columns)
    else biasGradient(address(job, 8), bytes, address(job, 12) + bytes, word(job, 14), columns)
  }
}

/**
 * Words: 8 gradient at the sums [rows, size], 9 packed weights, 10 results h [rows, inputs] of the layer before or 0, 11 result [rows, columns],
 * 12 size, 13 inputs, 14 columns, 15 activation of h.
 */
export function layerInputRows(job: usize, from: i32, to: i32): void {
  const h = address(job, 10)
  const gStride = (<usize>word(job, 12)) << 2
  const hStride = (<usize>word(job, 13)) << 2
  const stride = (<usize>word(job, 14)) << 2
  const hAt = h == 0 ? h : h + (<usize>from) * hStride
  productDerive(
    address(job, 8) + (<usize>from) * gStride, gStride, address(job, 9), hAt, hStride, address(job, 11) + (<usize>from) * stride, stride,
    to - from, word(job, 12), word(job, 14), word(job, 15),
  )
}

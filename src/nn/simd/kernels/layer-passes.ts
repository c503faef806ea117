// What stands between the dense runs of a network, as jobs: layer normalisations by themselves, and what is asked of one layer.
import { deriveAll } from './activation'
import { address, BLOCK, word } from './job'
import { copyRows } from './movement'
import { gainGradient, normalGradient, normalise } from './normalisation'
import { productDerive, productForward } from './product'
import { biasGradient, weightGradient } from './weight-gradient'

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

/**
 * How a layer's results move, x dW + dx W + db, the rows [x dx] times dW over W, then times activation'(h). Words: 8 x [rows, inputs], 9 dx or 0,
 * which is x dW + db, 10 dW or dW over W, packed, 11 db, 12 result, 13 inputs, 14 size, 15 results h or 0 for no activation, 16 activation.
 */
export function tangentRows(job: usize, from: i32, to: i32, room: usize): void {
  const inputs = word(job, 13)
  const size = word(job, 14)
  const moves = address(job, 9) != 0
  const inner = moves ? 2 * inputs : inputs
  const width = (<usize>inputs) << 2
  const stride = (<usize>size) << 2
  const h = address(job, 15)
  for (let r = from; r < to; r += BLOCK) {
    const rows = min(BLOCK, to - r)
    const at = (<usize>r) * width
    let x = address(job, 8) + at
    if (moves) {
      copyRows(x, width, room, 2 * width, rows, width)
      copyRows(address(job, 9) + at, width, room + width, 2 * width, rows, width)
      x = room
    }
    const yAt = (<usize>r) * stride
    const y = address(job, 12) + yAt
    productForward(x, (<usize>inner) << 2, address(job, 10), address(job, 11), y, stride, rows, inner, size, 0)
    if (h != 0) deriveAll(y, h + yAt, y, rows * size, word(job, 16))
  }
}

/**
 * The gradients of one layer, by pieces of its inputs; the last item is the bias. Words: 8 input, 9 gradient, 10 of the weight, 11 of the
 * bias, 12 inputs, 13 size, 14 rows, 15 inputs of a piece, a multiple of 8, 16 not 0: input and gradient are the same numbers, and what is left of
 * the diagonal is left out.
 */
export function layerWeightPieces(job: usize, from: i32, to: i32): void {
  const inputs = word(job, 12)
  const size = word(job, 13)
  const rows = word(job, 14)
  const xStride = (<usize>inputs) << 2
  const stride = (<usize>size) << 2
  for (let piece = from; piece < to; piece++) {
    const k = piece * word(job, 15)
    if (k >= inputs) {
      biasGradient(address(job, 9), stride, address(job, 11), rows, size)
      continue
    }
    const first = word(job, 16) == 0 ? 0 : k
    const firstAt = (<usize>first) << 2
    weightGradient(
      address(job, 8) + ((<usize>k) << 2), xStride, address(job, 9) + firstAt, stride, address(job, 10) + (<usize>k) * stride + firstAt, stride,
      rows, min(word(job, 15), inputs - k), size - first,
    )
  }
}

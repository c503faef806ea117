// Pieces of a set made one row (Zaheer et al. 2017): the mean and the largest of each column over the pieces that are there.
// Pieces are taken in their order in every row alike, so the bits of a row depend on no other row.
import { storeFew } from './lanes'

// @ts-ignore: decorator
@inline
function isThere(flag: usize): bool {
  return load<f32>(flag) != 0
}

/**
 * y [rows * count, size], piece by piece; the piece p of row r is there where the number at flags + r * rowStride + p * pieceStride is
 * not 0. The first `size` numbers of a row of `to` become the means, the next `size` the largest; zeros where no piece is there.
 * chosen [rows, size]: the piece that was the largest, the first of equals; -1 where none is there.
 */
export function poolPieces(
  flags: usize, rowStride: usize, pieceStride: usize, y: usize, to: usize, toStride: usize, chosen: usize,
  rows: i32, count: i32, size: i32,
): void {
  const width = (<usize>size) << 2
  for (let row = 0; row < rows; row++) {
    let there = 0
    for (let p = 0, flag = flags; p < count; p++, flag += pieceStride) if (isThere(flag)) there++
    const number = f32x4.splat(<f32>max(there, 1))
    for (let j = 0; j < size; j += 4) {
      const at = (<usize>j) << 2
      const left = size - j
      let sum = f32x4.splat(0)
      let largest = sum
      let which = i32x4.splat(-1)
      let isFirst = true
      for (let p = 0, flag = flags, piece = y + at; p < count; p++, flag += pieceStride, piece += width) {
        if (!isThere(flag)) continue
        const value = v128.load(piece)
        sum = f32x4.add(sum, value)
        if (isFirst) {
          largest = value
          which = i32x4.splat(p)
          isFirst = false
        } else {
          const isLarger = f32x4.gt(value, largest)
          largest = v128.bitselect(value, largest, isLarger)
          which = v128.bitselect(i32x4.splat(p), which, isLarger)
        }
      }
      storeFew(to + at, f32x4.div(sum, number), left)
      storeFew(to + width + at, largest, left)
      storeFew(chosen + at, which, left)
    }
    flags += rowStride
    y += (<usize>count) * width
    to += toStride
    chosen += width
  }
}

/** The gradient at y from the one at what `poolPieces` made, with what it chose; zeros for pieces that are not there. */
export function poolGradient(
  flags: usize, rowStride: usize, pieceStride: usize, g: usize, gStride: usize, chosen: usize, to: usize,
  rows: i32, count: i32, size: i32,
): void {
  const width = (<usize>size) << 2
  for (let row = 0; row < rows; row++) {
    let there = 0
    for (let p = 0, flag = flags; p < count; p++, flag += pieceStride) if (isThere(flag)) there++
    const number = f32x4.splat(<f32>max(there, 1))
    for (let p = 0, flag = flags; p < count; p++, flag += pieceStride) {
      const counts = isThere(flag)
      for (let j = 0; j < size; j += 4) {
        const at = (<usize>j) << 2
        let value = f32x4.splat(0)
        if (counts) {
          const isChosen = i32x4.eq(v128.load(chosen + at), i32x4.splat(p))
          value = f32x4.add(f32x4.div(v128.load(g + at), number), v128.and(v128.load(g + width + at), isChosen))
        }
        storeFew(to + at, value, size - j)
      }
      to += width
    }
    flags += rowStride
    g += gStride
    chosen += width
  }
}

/** The tangent of what `poolPieces` made from the one at y. */
export function poolTangent(
  flags: usize, rowStride: usize, pieceStride: usize, moving: usize, chosen: usize, to: usize, toStride: usize,
  rows: i32, count: i32, size: i32,
): void {
  const width = (<usize>size) << 2
  for (let row = 0; row < rows; row++) {
    let there = 0
    for (let p = 0, flag = flags; p < count; p++, flag += pieceStride) if (isThere(flag)) there++
    const number = f32x4.splat(<f32>max(there, 1))
    for (let j = 0; j < size; j += 4) {
      const at = (<usize>j) << 2
      const left = size - j
      let sum = f32x4.splat(0)
      let largest = sum
      for (let p = 0, flag = flags, piece = moving + at; p < count; p++, flag += pieceStride, piece += width) {
        if (!isThere(flag)) continue
        const value = v128.load(piece)
        sum = f32x4.add(sum, value)
        largest = v128.bitselect(value, largest, i32x4.eq(v128.load(chosen + at), i32x4.splat(p)))
      }
      storeFew(to + at, f32x4.div(sum, number), left)
      storeFew(to + width + at, largest, left)
    }
    flags += rowStride
    moving += (<usize>count) * width
    to += toStride
    chosen += width
  }
}

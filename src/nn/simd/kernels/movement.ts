// Rows and columns moved without arithmetic.

/** Copies `rows` rows of `bytes` bytes from one stride to another. */
export function copyRows(from: usize, fromStride: usize, to: usize, toStride: usize, rows: i32, bytes: usize): void {
  for (let r = 0; r < rows; r++) {
    copyRow(from, to, bytes)
    from += fromStride
    to += toStride
  }
}

/** Row indices[i] of the table, cut into blocks of 2^shift rows, becomes row i of `to`; `column` and `bytes` cut a piece out of the row. */
export function gatherRows(
  blocks: usize, shift: i32, stride: usize, column: usize, indices: usize, rows: i32, to: usize, bytes: usize,
): void {
  const mask = (1 << shift) - 1
  for (let i = 0; i < rows; i++) {
    const index = load<u32>(indices + ((<usize>i) << 2))
    const block = load<u32>(blocks + ((<usize>(index >> shift)) << 2))
    copyRow(block + (index & mask) * stride + column, to, bytes)
    to += bytes
  }
}

// @ts-ignore: decorator
@inline
function copyRow(from: usize, to: usize, bytes: usize): void {
  let i: usize = 0
  for (; i + 16 <= bytes; i += 16) v128.store(to + i, v128.load(from + i))
  for (; i < bytes; i += 4) store<u32>(to + i, load<u32>(from + i))
}

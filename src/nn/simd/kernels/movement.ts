// Rows and columns moved without arithmetic.

const AHEAD: i32 = 32

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
): u32 {
  const mask = (1 << shift) - 1
  let touched: u32 = 0
  for (let i = 0; i < rows; i += AHEAD) {
    const end = min(rows, i + AHEAD)
    // A load of every cache line of the next rows: they miss side by side, where copying would make them miss one after the other.
    for (let r = i; r < end; r++) {
      const from = rowAt(blocks, shift, mask, stride, indices, r) + column
      for (let line = from; line < from + bytes; line += 64) touched |= load<u32>(line)
      touched |= load<u32>(from + bytes - 4)
    }
    for (let r = i; r < end; r++) {
      copyRow(rowAt(blocks, shift, mask, stride, indices, r) + column, to, bytes)
      to += bytes
    }
  }
  return touched
}

// @ts-ignore: decorator
@inline
function rowAt(blocks: usize, shift: i32, mask: i32, stride: usize, indices: usize, r: i32): usize {
  const index = load<u32>(indices + ((<usize>r) << 2))
  return load<u32>(blocks + ((<usize>(index >> shift)) << 2)) + (index & mask) * stride
}

// @ts-ignore: decorator
@inline
function copyRow(from: usize, to: usize, bytes: usize): void {
  let i: usize = 0
  for (; i + 16 <= bytes; i += 16) v128.store(to + i, v128.load(from + i))
  for (; i < bytes; i += 4) store<u32>(to + i, load<u32>(from + i))
}

// Rows and columns moved without arithmetic.
import { address, number, word } from './job'

const AHEAD: i32 = 32

/** Copies `rows` rows of `bytes` bytes from one stride to another. */
export function copyRows(from: usize, fromStride: usize, to: usize, toStride: usize, rows: i32, bytes: usize): void {
  for (let r = 0; r < rows; r++) {
    copyRow(from, to, bytes)
    from += fromStride
    to += toStride
  }
}

/**
 * Row indices[i] of a table, cut into blocks of 2^shift rows, becomes row i of every piece's target, i from `from` to to - 1.
 * Words: 8 blocks, 9 shift, 10 stride, 11 indices, 12 pieces, 13 their number, 14 and 15 the bytes of a row that hold all pieces.
 * A piece is three words: first byte in the row, bytes, target (as wide). What it returns means nothing: it keeps the loads that
 * fetch rows ahead from being left out.
 */
export function gatherPieces(job: usize, from: i32, to: i32): u32 {
  const blocks = address(job, 8)
  const shift = word(job, 9)
  const stride = address(job, 10)
  const indices = address(job, 11)
  const pieces = address(job, 12)
  const lastPiece = pieces + <usize>word(job, 13) * 12
  const first = address(job, 14)
  const end = address(job, 15)
  const mask = (1 << shift) - 1
  let touched: u32 = 0
  for (let i = from; i < to; i += AHEAD) {
    const last = min(to, i + AHEAD)
    // A load of every cache line of the next rows: they miss side by side, where copying would make them miss one after the other.
    for (let r = i; r < last; r++) {
      const row = rowAt(blocks, shift, mask, stride, indices, r)
      for (let line = row + first; line < row + end; line += 64) touched |= load<u32>(line)
      touched |= load<u32>(row + end - 4)
    }
    for (let piece = pieces; piece < lastPiece; piece += 12) {
      const column = address(piece, 0)
      const bytes = address(piece, 1)
      let target = address(piece, 2) + (<usize>i) * bytes
      for (let r = i; r < last; r++) {
        copyRow(rowAt(blocks, shift, mask, stride, indices, r) + column, target, bytes)
        target += bytes
      }
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

/**
 * Row i of the result, i from `from` to to - 1: the block of numbers from places[i] on, or where that is below 0 so many times a number.
 * Words: 8 numbers, 9 places, 10 bytes of a block, 11 result, 12 its stride, 13 that number.
 */
export function copyBlocks(job: usize, from: i32, to: i32): void {
  const numbers = address(job, 8)
  const places = address(job, 9)
  const bytes = address(job, 10)
  const stride = address(job, 12)
  let target = address(job, 11) + (<usize>from) * stride
  for (let i = from; i < to; i++) {
    const place = word(places, i)
    if (place >= 0) copyRow(numbers + ((<usize>place) << 2), target, bytes)
    else for (let at: usize = 0; at < bytes; at += 4) store<f32>(target + at, number(job, 13))
    target += stride
  }
}

// @ts-ignore: decorator
@inline
function copyRow(from: usize, to: usize, bytes: usize): void {
  let i: usize = 0
  for (; i + 16 <= bytes; i += 16) v128.store(to + i, v128.load(from + i))
  for (; i < bytes; i += 4) store<u32>(to + i, load<u32>(from + i))
}

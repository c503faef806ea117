// Products by a native library (BLAS): what src/nn/simd/kernels.ts hands in when the kernels are instantiated. Without one nothing here is
// ever called. A library's bits depend on how a product is cut, so every call's shape follows from the shapes of the batch alone.
import { derive, RELU } from './activation'

/** `cblas_sgemm`: C = alpha A B + beta C; addresses in the process, counts of numbers. */
// @ts-ignore: decorator
@external("env", "sgemm")
declare function sgemm(
  order: i32, transA: i32, transB: i32, m: i32, n: i32, k: i32,
  alpha: f32, a: f64, lda: i32, b: f64, ldb: i32, beta: f32, c: f64, ldc: i32,
): void

/** Where the memory begins in the process. */
// @ts-ignore: decorator
@external("env", "base")
declare const base: f64

const ROW_MAJOR: i32 = 101
const AS_IT_IS: i32 = 111
const TRANSPOSED: i32 = 112

/** y [rows, columns] = x [rows, inner] W [inner, columns] */
export function times(x: usize, w: usize, y: usize, rows: i32, inner: i32, columns: i32): void {
  sgemm(ROW_MAJOR, AS_IT_IS, AS_IT_IS, rows, columns, inner, 1, base + <f64>x, inner, base + <f64>w, columns, 0, base + <f64>y, columns)
}

/** y [rows, columns] = x [rows, inner] W^T, W [columns, inner] */
export function timesTransposed(x: usize, w: usize, y: usize, rows: i32, inner: i32, columns: i32): void {
  sgemm(ROW_MAJOR, AS_IT_IS, TRANSPOSED, rows, columns, inner, 1, base + <f64>x, inner, base + <f64>w, inner, 0, base + <f64>y, columns)
}

/** dw [count, columns] += x^T g over some rows; x: columns of a matrix `inputs` wide. */
export function addGradient(x: usize, inputs: i32, g: usize, dw: usize, rows: i32, count: i32, columns: i32): void {
  sgemm(ROW_MAJOR, TRANSPOSED, AS_IT_IS, count, columns, rows, 1, base + <f64>x, inputs, base + <f64>g, columns, 1, base + <f64>dw, columns)
}

/** y [rows, columns] += bias, rectified where the activation is RELU. */
export function addBias(y: usize, bias: usize, rows: i32, columns: i32, activation: i32): void {
  const width = (<usize>columns) << 2
  const whole = width & ~15
  const low = f32x4.splat(activation == RELU ? 0 : -Infinity)
  const end = y + (<usize>rows) * width
  for (let row = y; row < end; row += width) {
    let k: usize = 0
    for (; k + 64 <= width; k += 64) {
      const at = row + k
      const b = bias + k
      v128.store(at, f32x4.pmax(f32x4.add(v128.load(at), v128.load(b)), low))
      v128.store(at, f32x4.pmax(f32x4.add(v128.load(at, 16), v128.load(b, 16)), low), 16)
      v128.store(at, f32x4.pmax(f32x4.add(v128.load(at, 32), v128.load(b, 32)), low), 32)
      v128.store(at, f32x4.pmax(f32x4.add(v128.load(at, 48), v128.load(b, 48)), low), 48)
    }
    for (; k < whole; k += 16) v128.store(row + k, f32x4.pmax(f32x4.add(v128.load(row + k), v128.load(bias + k)), low))
    for (; k < width; k += 4) {
      const sum = f32x4.pmax(f32x4.add(v128.load32_splat(row + k), v128.load32_splat(bias + k)), low)
      v128.store_lane<u32>(row + k, sum, 0)
    }
  }
}

/** Through a layer of one column: to [rows, inputs] = (g [rows, 1] w [inputs]) * activation'(h), h [rows, inputs]. */
export function deriveColumn(g: usize, w: usize, h: usize, to: usize, rows: i32, inputs: i32, activation: i32): void {
  const width = (<usize>inputs) << 2
  const whole = width & ~15
  for (let r = 0; r < rows; r++) {
    const s = v128.load32_splat(g + ((<usize>r) << 2))
    let k: usize = 0
    if (activation == RELU) {
      const zero = f32x4.splat(0)
      for (; k < whole; k += 16) {
        v128.store(to + k, v128.and(f32x4.mul(s, v128.load(w + k)), f32x4.gt(v128.load(h + k), zero)))
      }
    }
    for (; k < whole; k += 16) v128.store(to + k, derive(f32x4.mul(s, v128.load(w + k)), v128.load(h + k), activation))
    for (; k < width; k += 4) {
      const d = derive(f32x4.mul(s, v128.load32_splat(w + k)), v128.load32_splat(h + k), activation)
      v128.store_lane<u32>(to + k, d, 0)
    }
    to += width
    h += width
  }
}

/** to [columns, rows] = the transpose of w [rows, columns], in tiles of 4 by 4. */
export function transpose(w: usize, to: usize, rows: i32, columns: i32): void {
  const stride = (<usize>columns) << 2
  const toStride = (<usize>rows) << 2
  let r = 0
  for (; r + 4 <= rows; r += 4) {
    let p = w + (<usize>r) * stride
    let q = to + ((<usize>r) << 2)
    let c = 0
    for (; c + 4 <= columns; c += 4) {
      const a = v128.load(p)
      const b = v128.load(p + stride)
      const d = v128.load(p + 2 * stride)
      const e = v128.load(p + 3 * stride)
      const ab01 = v128.shuffle<i32>(a, b, 0, 4, 1, 5)
      const ab23 = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
      const de01 = v128.shuffle<i32>(d, e, 0, 4, 1, 5)
      const de23 = v128.shuffle<i32>(d, e, 2, 6, 3, 7)
      v128.store(q, v128.shuffle<i64>(ab01, de01, 0, 2))
      v128.store(q + toStride, v128.shuffle<i64>(ab01, de01, 1, 3))
      v128.store(q + 2 * toStride, v128.shuffle<i64>(ab23, de23, 0, 2))
      v128.store(q + 3 * toStride, v128.shuffle<i64>(ab23, de23, 1, 3))
      p += 16
      q += 4 * toStride
    }
    for (; c < columns; c++) {
      for (let i: usize = 0; i < 4; i++) store<f32>(q + (i << 2), load<f32>(p + i * stride))
      p += 4
      q += toStride
    }
  }
  for (; r < rows; r++) {
    const p = w + (<usize>r) * stride
    const q = to + ((<usize>r) << 2)
    for (let c = 0; c < columns; c++) store<f32>(q + (<usize>c) * toStride, load<f32>(p + ((<usize>c) << 2)))
  }
}

// Gradients of weights and biases: sums over the batch, always in the order of its rows.
import { multiplyAdd, storeEight, storeFew } from './lanes'

// Rows handled at a time, so that their inputs and gradients stay in the first-level cache while all tiles pass over them.
const BLOCK: i32 = 48

/** dW [inputs, columns] += x [rows, inputs]^T g [rows, columns]. */
export function weightGradient(
  x: usize, xStride: usize, g: usize, gStride: usize, dw: usize, dwStride: usize, rows: i32, inputs: i32, columns: i32,
): void {
  for (let r = 0; r < rows; r += BLOCK) {
    const count = min(BLOCK, rows - r)
    const xr = x + (<usize>r) * xStride
    const gr = g + (<usize>r) * gStride
    for (let k = 0; k < inputs; k += 4) {
      const kAt = (<usize>k) << 2
      for (let j = 0; j < columns; j += 8) {
        const jAt = (<usize>j) << 2
        tile(xr + kAt, xStride, gr + jAt, gStride, dw + (<usize>k) * dwStride + jAt, dwStride, count, inputs - k, columns - j)
      }
    }
  }
}

/** 4 inputs by 8 columns. Inputs and columns past the end are computed from whatever stands there, and not stored. */
// @ts-ignore: decorator
@inline
function tile(
  x: usize, xStride: usize, g: usize, gStride: usize, dw: usize, dwStride: usize, rows: i32, inputs: i32, columns: i32,
): void {
  const d1 = inputs > 1 ? dw + dwStride : dw
  const d2 = inputs > 2 ? d1 + dwStride : d1
  const d3 = inputs > 3 ? d2 + dwStride : d2
  let a0 = v128.load(dw)
  let b0 = v128.load(dw, 16)
  let a1 = v128.load(d1)
  let b1 = v128.load(d1, 16)
  let a2 = v128.load(d2)
  let b2 = v128.load(d2, 16)
  let a3 = v128.load(d3)
  let b3 = v128.load(d3, 16)
  for (let r = 0; r < rows; r++) {
    const ga = v128.load(g)
    const gb = v128.load(g, 16)
    let s = v128.load32_splat(x)
    a0 = multiplyAdd(a0, s, ga)
    b0 = multiplyAdd(b0, s, gb)
    s = v128.load32_splat(x, 4)
    a1 = multiplyAdd(a1, s, ga)
    b1 = multiplyAdd(b1, s, gb)
    s = v128.load32_splat(x, 8)
    a2 = multiplyAdd(a2, s, ga)
    b2 = multiplyAdd(b2, s, gb)
    s = v128.load32_splat(x, 12)
    a3 = multiplyAdd(a3, s, ga)
    b3 = multiplyAdd(b3, s, gb)
    g += gStride
    x += xStride
  }
  storeEight(dw, a0, b0, columns)
  if (inputs > 1) storeEight(d1, a1, b1, columns)
  if (inputs > 2) storeEight(d2, a2, b2, columns)
  if (inputs > 3) storeEight(d3, a3, b3, columns)
}

/** The same for one column: dw [inputs] += x^T g, lanes over the inputs. */
export function weightGradientColumn(x: usize, xStride: usize, g: usize, gStride: usize, dw: usize, rows: i32, inputs: i32): void {
  let k = 0
  for (; k + 32 <= inputs; k += 32) {
    const to = dw + ((<usize>k) << 2)
    let a = v128.load(to)
    let b = v128.load(to, 16)
    let c = v128.load(to, 32)
    let d = v128.load(to, 48)
    let e = v128.load(to, 64)
    let f = v128.load(to, 80)
    let h = v128.load(to, 96)
    let i = v128.load(to, 112)
    let p = x + ((<usize>k) << 2)
    let q = g
    for (let r = 0; r < rows; r++) {
      const s = v128.load32_splat(q)
      a = multiplyAdd(a, s, v128.load(p))
      b = multiplyAdd(b, s, v128.load(p, 16))
      c = multiplyAdd(c, s, v128.load(p, 32))
      d = multiplyAdd(d, s, v128.load(p, 48))
      e = multiplyAdd(e, s, v128.load(p, 64))
      f = multiplyAdd(f, s, v128.load(p, 80))
      h = multiplyAdd(h, s, v128.load(p, 96))
      i = multiplyAdd(i, s, v128.load(p, 112))
      p += xStride
      q += gStride
    }
    v128.store(to, a)
    v128.store(to, b, 16)
    v128.store(to, c, 32)
    v128.store(to, d, 48)
    v128.store(to, e, 64)
    v128.store(to, f, 80)
    v128.store(to, h, 96)
    v128.store(to, i, 112)
  }
  for (; k < inputs; k += 4) {
    const to = dw + ((<usize>k) << 2)
    let a = v128.load(to)
    let p = x + ((<usize>k) << 2)
    let q = g
    for (let r = 0; r < rows; r++) {
      a = multiplyAdd(a, v128.load32_splat(q), v128.load(p))
      p += xStride
      q += gStride
    }
    storeFew(to, a, inputs - k)
  }
}

/** db [columns] += the sum of g's rows. */
export function biasGradient(g: usize, gStride: usize, db: usize, rows: i32, columns: i32): void {
  let j = 0
  for (; j + 32 <= columns; j += 32) {
    const to = db + ((<usize>j) << 2)
    let a = v128.load(to)
    let b = v128.load(to, 16)
    let c = v128.load(to, 32)
    let d = v128.load(to, 48)
    let e = v128.load(to, 64)
    let f = v128.load(to, 80)
    let h = v128.load(to, 96)
    let i = v128.load(to, 112)
    let p = g + ((<usize>j) << 2)
    for (let r = 0; r < rows; r++) {
      a = f32x4.add(a, v128.load(p))
      b = f32x4.add(b, v128.load(p, 16))
      c = f32x4.add(c, v128.load(p, 32))
      d = f32x4.add(d, v128.load(p, 48))
      e = f32x4.add(e, v128.load(p, 64))
      f = f32x4.add(f, v128.load(p, 80))
      h = f32x4.add(h, v128.load(p, 96))
      i = f32x4.add(i, v128.load(p, 112))
      p += gStride
    }
    v128.store(to, a)
    v128.store(to, b, 16)
    v128.store(to, c, 32)
    v128.store(to, d, 48)
    v128.store(to, e, 64)
    v128.store(to, f, 80)
    v128.store(to, h, 96)
    v128.store(to, i, 112)
  }
  for (; j < columns; j += 4) {
    const to = db + ((<usize>j) << 2)
    let a = v128.load(to)
    let p = g + ((<usize>j) << 2)
    for (let r = 0; r < rows; r++) {
      a = f32x4.add(a, v128.load(p))
      p += gStride
    }
    storeFew(to, a, columns - j)
  }
}

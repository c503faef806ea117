// Dense products. Every output element is bias + x[0] w[0] + x[1] w[1] + ... in this order whatever the tile, so a row's
// bits depend neither on the batch nor on how rows are shared out among threads.
import { activate, derive } from './activation'
import { storeEight, sumLanes } from './lanes'

/** Tiles of 4 rows by 8 columns over packed weights: 8 accumulators, 2 weights and a broadcast fit the 16 registers. */
// @ts-ignore: decorator
@inline
function tiles(
  x: usize, xStride: usize, packed: usize, bias: usize, y: usize, yStride: usize,
  rows: i32, inner: i32, columns: i32, activation: i32, h: usize, hStride: usize,
): void {
  const panel = (<usize>inner) << 5
  const width = (<usize>inner) << 2
  for (let r = 0; r < rows; r += 4) {
    const left = rows - r
    // Rows past the end are the last row once more: the same numbers written twice.
    const x0 = x + (<usize>r) * xStride
    const x1 = left > 1 ? x0 + xStride : x0
    const x2 = left > 2 ? x1 + xStride : x1
    const x3 = left > 3 ? x2 + xStride : x2
    const y0 = y + (<usize>r) * yStride
    const y1 = left > 1 ? y0 + yStride : y0
    const y2 = left > 2 ? y1 + yStride : y1
    const y3 = left > 3 ? y2 + yStride : y2
    const h0 = h + (<usize>r) * hStride
    const h1 = left > 1 ? h0 + hStride : h0
    const h2 = left > 2 ? h1 + hStride : h1
    const h3 = left > 3 ? h2 + hStride : h2
    let w = packed
    for (let j = 0; j < columns; j += 8) {
      const at = (<usize>j) << 2
      let a0 = f32x4.splat(0)
      let b0 = a0
      if (bias != 0) {
        a0 = v128.load(bias + at)
        b0 = v128.load(bias + at, 16)
      }
      let a1 = a0
      let b1 = b0
      let a2 = a0
      let b2 = b0
      let a3 = a0
      let b3 = b0
      const end = w + panel
      let p0 = x0
      let p1 = x1
      let p2 = x2
      let p3 = x3
      const even = w + (panel & ~63)
      while (w < even) {
        let wa = v128.load(w)
        let wb = v128.load(w, 16)
        let s = v128.load32_splat(p0)
        a0 = f32x4.add(a0, f32x4.mul(s, wa))
        b0 = f32x4.add(b0, f32x4.mul(s, wb))
        s = v128.load32_splat(p1)
        a1 = f32x4.add(a1, f32x4.mul(s, wa))
        b1 = f32x4.add(b1, f32x4.mul(s, wb))
        s = v128.load32_splat(p2)
        a2 = f32x4.add(a2, f32x4.mul(s, wa))
        b2 = f32x4.add(b2, f32x4.mul(s, wb))
        s = v128.load32_splat(p3)
        a3 = f32x4.add(a3, f32x4.mul(s, wa))
        b3 = f32x4.add(b3, f32x4.mul(s, wb))
        wa = v128.load(w, 32)
        wb = v128.load(w, 48)
        s = v128.load32_splat(p0, 4)
        a0 = f32x4.add(a0, f32x4.mul(s, wa))
        b0 = f32x4.add(b0, f32x4.mul(s, wb))
        s = v128.load32_splat(p1, 4)
        a1 = f32x4.add(a1, f32x4.mul(s, wa))
        b1 = f32x4.add(b1, f32x4.mul(s, wb))
        s = v128.load32_splat(p2, 4)
        a2 = f32x4.add(a2, f32x4.mul(s, wa))
        b2 = f32x4.add(b2, f32x4.mul(s, wb))
        s = v128.load32_splat(p3, 4)
        a3 = f32x4.add(a3, f32x4.mul(s, wa))
        b3 = f32x4.add(b3, f32x4.mul(s, wb))
        w += 64
        p0 += 8
        p1 += 8
        p2 += 8
        p3 += 8
      }
      if (w < end) {
        const wa = v128.load(w)
        const wb = v128.load(w, 16)
        let s = v128.load32_splat(p0)
        a0 = f32x4.add(a0, f32x4.mul(s, wa))
        b0 = f32x4.add(b0, f32x4.mul(s, wb))
        s = v128.load32_splat(p1)
        a1 = f32x4.add(a1, f32x4.mul(s, wa))
        b1 = f32x4.add(b1, f32x4.mul(s, wb))
        s = v128.load32_splat(p2)
        a2 = f32x4.add(a2, f32x4.mul(s, wa))
        b2 = f32x4.add(b2, f32x4.mul(s, wb))
        s = v128.load32_splat(p3)
        a3 = f32x4.add(a3, f32x4.mul(s, wa))
        b3 = f32x4.add(b3, f32x4.mul(s, wb))
        w += 32
      }
      if (h != 0) {
        a0 = derive(a0, v128.load(h0 + at), activation)
        b0 = derive(b0, v128.load(h0 + at, 16), activation)
        a1 = derive(a1, v128.load(h1 + at), activation)
        b1 = derive(b1, v128.load(h1 + at, 16), activation)
        a2 = derive(a2, v128.load(h2 + at), activation)
        b2 = derive(b2, v128.load(h2 + at, 16), activation)
        a3 = derive(a3, v128.load(h3 + at), activation)
        b3 = derive(b3, v128.load(h3 + at, 16), activation)
      } else if (activation != 0) {
        a0 = activate(a0, activation)
        b0 = activate(b0, activation)
        a1 = activate(a1, activation)
        b1 = activate(b1, activation)
        a2 = activate(a2, activation)
        b2 = activate(b2, activation)
        a3 = activate(a3, activation)
        b3 = activate(b3, activation)
      }
      const n = columns - j
      storeEight(y0 + at, a0, b0, n)
      storeEight(y1 + at, a1, b1, n)
      storeEight(y2 + at, a2, b2, n)
      storeEight(y3 + at, a3, b3, n)
    }
  }
}

/** y [rows, columns] = activation(x [rows, inner] W + bias), W packed. */
export function productForward(
  x: usize, xStride: usize, packed: usize, bias: usize, y: usize, yStride: usize,
  rows: i32, inner: i32, columns: i32, activation: i32,
): void {
  tiles(x, xStride, packed, bias, y, yStride, rows, inner, columns, activation, 0, 0)
}

/** y [rows, columns] = (x [rows, inner] W) * activation'(h), W packed, h [rows, columns] an activation's result. */
export function productDerive(
  x: usize, xStride: usize, packed: usize, h: usize, hStride: usize, y: usize, yStride: usize,
  rows: i32, inner: i32, columns: i32, activation: i32,
): void {
  tiles(x, xStride, packed, 0, y, yStride, rows, inner, columns, activation, h, hStride)
}

/** The same numbers as productForward for few rows, W [inner, columns] as it stands: tiles of 1 row by 32 or 8 columns. */
export function productDirect(
  x: usize, xStride: usize, w: usize, wStride: usize, bias: usize, y: usize, yStride: usize,
  rows: i32, inner: i32, columns: i32, activation: i32,
): void {
  const end = x + ((<usize>inner) << 2)
  for (let r = 0; r < rows; r++) {
    const row = (<usize>r) * xStride
    const to = y + (<usize>r) * yStride
    let j = 0
    for (; j + 32 <= columns; j += 32) {
      const at = (<usize>j) << 2
      let a = v128.load(bias + at)
      let b = v128.load(bias + at, 16)
      let c = v128.load(bias + at, 32)
      let d = v128.load(bias + at, 48)
      let e = v128.load(bias + at, 64)
      let f = v128.load(bias + at, 80)
      let g = v128.load(bias + at, 96)
      let h = v128.load(bias + at, 112)
      let q = w + at
      for (let p = x + row; p < end + row; p += 4) {
        const s = v128.load32_splat(p)
        a = f32x4.add(a, f32x4.mul(s, v128.load(q)))
        b = f32x4.add(b, f32x4.mul(s, v128.load(q, 16)))
        c = f32x4.add(c, f32x4.mul(s, v128.load(q, 32)))
        d = f32x4.add(d, f32x4.mul(s, v128.load(q, 48)))
        e = f32x4.add(e, f32x4.mul(s, v128.load(q, 64)))
        f = f32x4.add(f, f32x4.mul(s, v128.load(q, 80)))
        g = f32x4.add(g, f32x4.mul(s, v128.load(q, 96)))
        h = f32x4.add(h, f32x4.mul(s, v128.load(q, 112)))
        q += wStride
      }
      v128.store(to + at, activate(a, activation))
      v128.store(to + at, activate(b, activation), 16)
      v128.store(to + at, activate(c, activation), 32)
      v128.store(to + at, activate(d, activation), 48)
      v128.store(to + at, activate(e, activation), 64)
      v128.store(to + at, activate(f, activation), 80)
      v128.store(to + at, activate(g, activation), 96)
      v128.store(to + at, activate(h, activation), 112)
    }
    for (; j < columns; j += 8) {
      const at = (<usize>j) << 2
      let a = v128.load(bias + at)
      let b = v128.load(bias + at, 16)
      let q = w + at
      for (let p = x + row; p < end + row; p += 4) {
        const s = v128.load32_splat(p)
        a = f32x4.add(a, f32x4.mul(s, v128.load(q)))
        b = f32x4.add(b, f32x4.mul(s, v128.load(q, 16)))
        q += wStride
      }
      storeEight(to + at, activate(a, activation), activate(b, activation), columns - j)
    }
  }
}

/** One output column: y [rows, 1] = activation(x [rows, inner] w + bias). Four lanes over the inner index, then their sum. */
export function productColumn(
  x: usize, xStride: usize, w: usize, bias: usize, y: usize, yStride: usize, rows: i32, inner: i32, activation: i32,
): void {
  const whole = (<usize>(inner & ~3)) << 2
  const b = load<f32>(bias)
  let r = 0
  for (; r + 4 <= rows; r += 4) {
    let a0 = f32x4.splat(0)
    let a1 = a0
    let a2 = a0
    let a3 = a0
    const x0 = x + (<usize>r) * xStride
    const x1 = x0 + xStride
    const x2 = x1 + xStride
    const x3 = x2 + xStride
    for (let k: usize = 0; k < whole; k += 16) {
      const weights = v128.load(w + k)
      a0 = f32x4.add(a0, f32x4.mul(weights, v128.load(x0 + k)))
      a1 = f32x4.add(a1, f32x4.mul(weights, v128.load(x1 + k)))
      a2 = f32x4.add(a2, f32x4.mul(weights, v128.load(x2 + k)))
      a3 = f32x4.add(a3, f32x4.mul(weights, v128.load(x3 + k)))
    }
    const to = y + (<usize>r) * yStride
    finish(a0, x0, w, whole, inner, b, to, activation)
    finish(a1, x1, w, whole, inner, b, to + yStride, activation)
    finish(a2, x2, w, whole, inner, b, to + 2 * yStride, activation)
    finish(a3, x3, w, whole, inner, b, to + 3 * yStride, activation)
  }
  for (; r < rows; r++) {
    let a = f32x4.splat(0)
    const row = x + (<usize>r) * xStride
    for (let k: usize = 0; k < whole; k += 16) a = f32x4.add(a, f32x4.mul(v128.load(w + k), v128.load(row + k)))
    finish(a, row, w, whole, inner, b, y + (<usize>r) * yStride, activation)
  }
}

// @ts-ignore: decorator
@inline
function finish(a: v128, x: usize, w: usize, whole: usize, inner: i32, bias: f32, to: usize, activation: i32): void {
  let sum = sumLanes(a)
  for (let k = whole; k < (<usize>inner) << 2; k += 4) sum += load<f32>(x + k) * load<f32>(w + k)
  v128.store_lane<u32>(to, activate(f32x4.splat(bias + sum), activation), 0)
}

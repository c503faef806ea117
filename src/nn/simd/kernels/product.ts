// Dense products. Every output element is bias + x[0] w[0] + x[1] w[1] + ... in this order whatever the tile, so a row's
// bits depend neither on the batch nor on how rows are shared out among threads.
import { derive, rectified, RELU } from './activation'
import { multiplyAdd, storeEight, sumLanes } from './lanes'

/**
 * Four rows, in tiles of 4 rows by 8 columns over packed weights: 8 accumulators, 2 weights and a broadcast fit the 16
 * registers. Strides of zero make it one row, computed and written four times.
 */
// @ts-ignore: decorator
@inline
function strip(
  x: usize, xStride: usize, packed: usize, bias: usize, y: usize, yStride: usize,
  inner: i32, columns: i32, activation: i32, h: usize, hStride: usize,
): void {
  const panel = (<usize>inner) << 5
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
    let p0 = x
    let p1 = p0 + xStride
    let p2 = p1 + xStride
    let p3 = p2 + xStride
    // Not unrolled: V8 (Node 20) then spills accumulators, at two thirds of the speed. Nine or more accumulators spill too.
    while (w < end) {
      const wa = v128.load(w)
      const wb = v128.load(w, 16)
      let s = v128.load32_splat(p0)
      a0 = multiplyAdd(a0, s, wa)
      b0 = multiplyAdd(b0, s, wb)
      s = v128.load32_splat(p1)
      a1 = multiplyAdd(a1, s, wa)
      b1 = multiplyAdd(b1, s, wb)
      s = v128.load32_splat(p2)
      a2 = multiplyAdd(a2, s, wa)
      b2 = multiplyAdd(b2, s, wb)
      s = v128.load32_splat(p3)
      a3 = multiplyAdd(a3, s, wa)
      b3 = multiplyAdd(b3, s, wb)
      w += 32
      p0 += 4
      p1 += 4
      p2 += 4
      p3 += 4
    }
    if (h != 0) {
      let q = h + at
      a0 = derive(a0, v128.load(q), activation)
      b0 = derive(b0, v128.load(q, 16), activation)
      q += hStride
      a1 = derive(a1, v128.load(q), activation)
      b1 = derive(b1, v128.load(q, 16), activation)
      q += hStride
      a2 = derive(a2, v128.load(q), activation)
      b2 = derive(b2, v128.load(q, 16), activation)
      q += hStride
      a3 = derive(a3, v128.load(q), activation)
      b3 = derive(b3, v128.load(q, 16), activation)
    } else if (activation == RELU) {
      a0 = rectified(a0)
      b0 = rectified(b0)
      a1 = rectified(a1)
      b1 = rectified(b1)
      a2 = rectified(a2)
      b2 = rectified(b2)
      a3 = rectified(a3)
      b3 = rectified(b3)
    }
    const n = columns - j
    let q = y + at
    if (n >= 8) {
      v128.store(q, a0)
      v128.store(q, b0, 16)
      q += yStride
      v128.store(q, a1)
      v128.store(q, b1, 16)
      q += yStride
      v128.store(q, a2)
      v128.store(q, b2, 16)
      q += yStride
      v128.store(q, a3)
      v128.store(q, b3, 16)
    } else {
      storeEight(q, a0, b0, n)
      storeEight(q + yStride, a1, b1, n)
      storeEight(q + 2 * yStride, a2, b2, n)
      storeEight(q + 3 * yStride, a3, b3, n)
    }
  }
}

/** y [rows, columns] = x [rows, inner] W + bias, W packed; rectified where the activation is RELU, any other is a pass of its own. */
export function productForward(
  x: usize, xStride: usize, packed: usize, bias: usize, y: usize, yStride: usize,
  rows: i32, inner: i32, columns: i32, activation: i32,
): void {
  let r = 0
  for (; r + 4 <= rows; r += 4) {
    strip(x, xStride, packed, bias, y, yStride, inner, columns, activation, 0, 0)
    x += xStride << 2
    y += yStride << 2
  }
  // What is left: a strip that begins early, over rows that are done and get the same bits again; or row by row.
  const back = <usize>(rows < 4 ? 0 : r + 4 - rows)
  const xs = rows < 4 ? 0 : xStride
  const ys = rows < 4 ? 0 : yStride
  for (; r < rows; r += rows < 4 ? 1 : 4) {
    strip(x - back * xs, xs, packed, bias, y - back * ys, ys, inner, columns, activation, 0, 0)
    x += xStride
    y += yStride
  }
}

/** y [rows, columns] = (x [rows, inner] W) * activation'(h), W packed, h [rows, columns] an activation's result, or 0 for none. */
export function productDerive(
  x: usize, xStride: usize, packed: usize, h: usize, hStride: usize, y: usize, yStride: usize,
  rows: i32, inner: i32, columns: i32, activation: i32,
): void {
  if (h == 0) hStride = 0
  let r = 0
  for (; r + 4 <= rows; r += 4) {
    strip(x, xStride, packed, 0, y, yStride, inner, columns, activation, h, hStride)
    x += xStride << 2
    y += yStride << 2
    h += hStride << 2
  }
  const back = <usize>(rows < 4 ? 0 : r + 4 - rows)
  const xs = rows < 4 ? 0 : xStride
  const ys = rows < 4 ? 0 : yStride
  const hs = rows < 4 ? 0 : hStride
  for (; r < rows; r += rows < 4 ? 1 : 4) {
    strip(x - back * xs, xs, packed, 0, y - back * ys, ys, inner, columns, activation, h - back * hs, hs)
    x += xStride
    y += yStride
    h += hStride
  }
}

/** The same numbers as productForward for few rows, W [inner, columns] as it stands: tiles of 1 row by 32 or 8 columns. */
export function productDirect(
  x: usize, xStride: usize, w: usize, wStride: usize, bias: usize, y: usize, yStride: usize,
  rows: i32, inner: i32, columns: i32, activation: i32,
): void {
  const end = x + ((<usize>inner) << 2)
  const rectify = activation == RELU
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
        a = multiplyAdd(a, s, v128.load(q))
        b = multiplyAdd(b, s, v128.load(q, 16))
        c = multiplyAdd(c, s, v128.load(q, 32))
        d = multiplyAdd(d, s, v128.load(q, 48))
        e = multiplyAdd(e, s, v128.load(q, 64))
        f = multiplyAdd(f, s, v128.load(q, 80))
        g = multiplyAdd(g, s, v128.load(q, 96))
        h = multiplyAdd(h, s, v128.load(q, 112))
        q += wStride
      }
      if (rectify) {
        a = rectified(a)
        b = rectified(b)
        c = rectified(c)
        d = rectified(d)
        e = rectified(e)
        f = rectified(f)
        g = rectified(g)
        h = rectified(h)
      }
      v128.store(to + at, a)
      v128.store(to + at, b, 16)
      v128.store(to + at, c, 32)
      v128.store(to + at, d, 48)
      v128.store(to + at, e, 64)
      v128.store(to + at, f, 80)
      v128.store(to + at, g, 96)
      v128.store(to + at, h, 112)
    }
    for (; j < columns; j += 8) {
      const at = (<usize>j) << 2
      let a = v128.load(bias + at)
      let b = v128.load(bias + at, 16)
      let q = w + at
      for (let p = x + row; p < end + row; p += 4) {
        const s = v128.load32_splat(p)
        a = multiplyAdd(a, s, v128.load(q))
        b = multiplyAdd(b, s, v128.load(q, 16))
        q += wStride
      }
      if (rectify) {
        a = rectified(a)
        b = rectified(b)
      }
      storeEight(to + at, a, b, columns - j)
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
      a0 = multiplyAdd(a0, weights, v128.load(x0 + k))
      a1 = multiplyAdd(a1, weights, v128.load(x1 + k))
      a2 = multiplyAdd(a2, weights, v128.load(x2 + k))
      a3 = multiplyAdd(a3, weights, v128.load(x3 + k))
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
    for (let k: usize = 0; k < whole; k += 16) a = multiplyAdd(a, v128.load(w + k), v128.load(row + k))
    finish(a, row, w, whole, inner, b, y + (<usize>r) * yStride, activation)
  }
}

// @ts-ignore: decorator
@inline
function finish(a: v128, x: usize, w: usize, whole: usize, inner: i32, bias: f32, to: usize, activation: i32): void {
  let sum = sumLanes(a)
  for (let k = whole; k < (<usize>inner) << 2; k += 4) sum += load<f32>(x + k) * load<f32>(w + k)
  store<f32>(to, activation == RELU && bias + sum < 0 ? 0 : bias + sum)
}

// Layer normalisation (Ba, Kiros and Hinton 2016): every row to mean 0 and variance 1, then a gain and a shift per column.
// Sums over a row go in four lanes, then the lanes, then what is left over: the same order whatever block the row is in.
import { storeFew, sumLanes } from './lanes'

const EPSILON: f32 = 1e-5

// Two rows at a time, so that one's sums do not wait for the other's; an odd last row goes twice, both times with the same numbers.

/** y = gain x' + shift, x' = (x - mean) scale, scale = 1 / sqrt(variance + 1e-5); x' (`normal`, may be x) and scale [rows] are kept. */
export function normalise(
  x: usize, normal: usize, scale: usize, gain: usize, shift: usize, y: usize, rows: i32, columns: i32,
): void {
  const bytes = (<usize>columns) << 2
  const whole = (<usize>(columns & ~3)) << 2
  const share: f32 = <f32>1 / <f32>columns
  for (let r = 0; r < rows; r += 2) {
    const next = r + 1 < rows ? bytes : 0
    const x2 = x + next
    const normal2 = normal + next
    const y2 = y + next
    let sums = f32x4.splat(0)
    let sums2 = sums
    let k: usize = 0
    for (; k < whole; k += 16) {
      sums = f32x4.add(sums, v128.load(x + k))
      sums2 = f32x4.add(sums2, v128.load(x2 + k))
    }
    let sum = sumLanes(sums)
    let sum2 = sumLanes(sums2)
    for (; k < bytes; k += 4) {
      sum += load<f32>(x + k)
      sum2 += load<f32>(x2 + k)
    }
    const mean = sum * share
    const mean2 = sum2 * share
    const means = f32x4.splat(mean)
    const means2 = f32x4.splat(mean2)
    sums = f32x4.splat(0)
    sums2 = sums
    for (k = 0; k < whole; k += 16) {
      const d = f32x4.sub(v128.load(x + k), means)
      const d2 = f32x4.sub(v128.load(x2 + k), means2)
      sums = f32x4.add(sums, f32x4.mul(d, d))
      sums2 = f32x4.add(sums2, f32x4.mul(d2, d2))
    }
    sum = sumLanes(sums)
    sum2 = sumLanes(sums2)
    for (; k < bytes; k += 4) {
      const d = load<f32>(x + k) - mean
      const d2 = load<f32>(x2 + k) - mean2
      sum += d * d
      sum2 += d2 * d2
    }
    const s: f32 = <f32>1 / sqrt<f32>(sum * share + EPSILON)
    const s2: f32 = <f32>1 / sqrt<f32>(sum2 * share + EPSILON)
    const scaleAt = scale + ((<usize>r) << 2)
    store<f32>(scaleAt, s)
    if (next != 0) store<f32>(scaleAt, s2, 4)
    const scales = f32x4.splat(s)
    const scales2 = f32x4.splat(s2)
    for (k = 0; k < whole; k += 16) {
      const g = v128.load(gain + k)
      const b = v128.load(shift + k)
      const d = f32x4.mul(f32x4.sub(v128.load(x + k), means), scales)
      const d2 = f32x4.mul(f32x4.sub(v128.load(x2 + k), means2), scales2)
      v128.store(normal + k, d)
      v128.store(normal2 + k, d2)
      v128.store(y + k, f32x4.add(f32x4.mul(d, g), b))
      v128.store(y2 + k, f32x4.add(f32x4.mul(d2, g), b))
    }
    for (; k < bytes; k += 4) {
      const d = (load<f32>(x + k) - mean) * s
      const d2 = (load<f32>(x2 + k) - mean2) * s2
      store<f32>(normal + k, d)
      store<f32>(normal2 + k, d2)
      store<f32>(y + k, d * load<f32>(gain + k) + load<f32>(shift + k))
      store<f32>(y2 + k, d2 * load<f32>(gain + k) + load<f32>(shift + k))
    }
    x += 2 * bytes
    normal += 2 * bytes
    y += 2 * bytes
  }
}

/** to = scale (q - mean(q) - x' mean(q x')), q = g gain: the gradient at x; `to` may be g. */
export function normalGradient(g: usize, x: usize, scale: usize, gain: usize, to: usize, rows: i32, columns: i32): void {
  const bytes = (<usize>columns) << 2
  const whole = (<usize>(columns & ~3)) << 2
  const share: f32 = <f32>1 / <f32>columns
  for (let r = 0; r < rows; r += 2) {
    const next = r + 1 < rows ? bytes : 0
    const g2 = g + next
    const x2 = x + next
    const to2 = to + next
    let sums = f32x4.splat(0)
    let sums2 = sums
    let products = sums
    let products2 = sums
    let k: usize = 0
    for (; k < whole; k += 16) {
      const w = v128.load(gain + k)
      const q = f32x4.mul(v128.load(g + k), w)
      const q2 = f32x4.mul(v128.load(g2 + k), w)
      sums = f32x4.add(sums, q)
      sums2 = f32x4.add(sums2, q2)
      products = f32x4.add(products, f32x4.mul(q, v128.load(x + k)))
      products2 = f32x4.add(products2, f32x4.mul(q2, v128.load(x2 + k)))
    }
    let sum = sumLanes(sums)
    let sum2 = sumLanes(sums2)
    let product = sumLanes(products)
    let product2 = sumLanes(products2)
    for (; k < bytes; k += 4) {
      const q = load<f32>(g + k) * load<f32>(gain + k)
      const q2 = load<f32>(g2 + k) * load<f32>(gain + k)
      sum += q
      sum2 += q2
      product += q * load<f32>(x + k)
      product2 += q2 * load<f32>(x2 + k)
    }
    const mean = sum * share
    const mean2 = sum2 * share
    const slope = product * share
    const slope2 = product2 * share
    const scaleAt = scale + ((<usize>r) << 2)
    const s = load<f32>(scaleAt)
    const s2 = next == 0 ? s : load<f32>(scaleAt, 4)
    const means = f32x4.splat(mean)
    const means2 = f32x4.splat(mean2)
    const slopes = f32x4.splat(slope)
    const slopes2 = f32x4.splat(slope2)
    const scales = f32x4.splat(s)
    const scales2 = f32x4.splat(s2)
    for (k = 0; k < whole; k += 16) {
      const w = v128.load(gain + k)
      const q = f32x4.sub(f32x4.mul(v128.load(g + k), w), means)
      const q2 = f32x4.sub(f32x4.mul(v128.load(g2 + k), w), means2)
      v128.store(to + k, f32x4.mul(scales, f32x4.sub(q, f32x4.mul(v128.load(x + k), slopes))))
      v128.store(to2 + k, f32x4.mul(scales2, f32x4.sub(q2, f32x4.mul(v128.load(x2 + k), slopes2))))
    }
    for (; k < bytes; k += 4) {
      const q = load<f32>(g + k) * load<f32>(gain + k) - mean
      const q2 = load<f32>(g2 + k) * load<f32>(gain + k) - mean2
      store<f32>(to + k, s * (q - load<f32>(x + k) * slope))
      store<f32>(to2 + k, s2 * (q2 - load<f32>(x2 + k) * slope2))
    }
    g += 2 * bytes
    x += 2 * bytes
    to += 2 * bytes
  }
}

/** dgain [columns] += the sum over rows of g x'. */
export function gainGradient(g: usize, x: usize, to: usize, rows: i32, columns: i32): void {
  const bytes = (<usize>columns) << 2
  let j = 0
  for (; j + 16 <= columns; j += 16) {
    const at = (<usize>j) << 2
    let a = v128.load(to + at)
    let b = v128.load(to + at, 16)
    let c = v128.load(to + at, 32)
    let d = v128.load(to + at, 48)
    let p = g + at
    let q = x + at
    for (let r = 0; r < rows; r++) {
      a = f32x4.add(a, f32x4.mul(v128.load(p), v128.load(q)))
      b = f32x4.add(b, f32x4.mul(v128.load(p, 16), v128.load(q, 16)))
      c = f32x4.add(c, f32x4.mul(v128.load(p, 32), v128.load(q, 32)))
      d = f32x4.add(d, f32x4.mul(v128.load(p, 48), v128.load(q, 48)))
      p += bytes
      q += bytes
    }
    v128.store(to + at, a)
    v128.store(to + at, b, 16)
    v128.store(to + at, c, 32)
    v128.store(to + at, d, 48)
  }
  for (; j < columns; j += 4) {
    const at = (<usize>j) << 2
    let a = v128.load(to + at)
    let p = g + at
    let q = x + at
    for (let r = 0; r < rows; r++) {
      a = f32x4.add(a, f32x4.mul(v128.load(p), v128.load(q)))
      p += bytes
      q += bytes
    }
    storeFew(to + at, a, columns - j)
  }
}

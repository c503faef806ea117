// Layer normalisation (Ba, Kiros and Hinton 2016): every row to mean 0 and variance 1, then a gain and a shift per column.
// Sums over a row go in four lanes, then the lanes, then what is left over: the same order whatever block the row is in.
import { sumLanes } from './lanes'

const EPSILON: f32 = 1e-5

/** y = gain x' + shift, x' = (x - mean) scale, scale = 1 / sqrt(variance + 1e-5); x' (`normal`, may be x) and scale [rows] are kept. */
export function normalise(
  x: usize, normal: usize, scale: usize, gain: usize, shift: usize, y: usize, rows: i32, columns: i32,
): void {
  const bytes = (<usize>columns) << 2
  const whole = (<usize>(columns & ~3)) << 2
  const share: f32 = <f32>1 / <f32>columns
  for (let r = 0; r < rows; r++) {
    let sums = f32x4.splat(0)
    let k: usize = 0
    for (; k < whole; k += 16) sums = f32x4.add(sums, v128.load(x + k))
    let sum = sumLanes(sums)
    for (; k < bytes; k += 4) sum += load<f32>(x + k)
    const mean = sum * share
    const means = f32x4.splat(mean)
    sums = f32x4.splat(0)
    for (k = 0; k < whole; k += 16) {
      const d = f32x4.sub(v128.load(x + k), means)
      sums = f32x4.add(sums, f32x4.mul(d, d))
    }
    sum = sumLanes(sums)
    for (; k < bytes; k += 4) {
      const d = load<f32>(x + k) - mean
      sum += d * d
    }
    const s: f32 = <f32>1 / sqrt<f32>(sum * share + EPSILON)
    store<f32>(scale + ((<usize>r) << 2), s)
    const scales = f32x4.splat(s)
    for (k = 0; k < whole; k += 16) {
      const d = f32x4.mul(f32x4.sub(v128.load(x + k), means), scales)
      v128.store(normal + k, d)
      v128.store(y + k, f32x4.add(f32x4.mul(d, v128.load(gain + k)), v128.load(shift + k)))
    }
    for (; k < bytes; k += 4) {
      const d = (load<f32>(x + k) - mean) * s
      store<f32>(normal + k, d)
      store<f32>(y + k, d * load<f32>(gain + k) + load<f32>(shift + k))
    }
    x += bytes
    normal += bytes
    y += bytes
  }
}

/** to = scale (q - mean(q) - x' mean(q x')), q = g gain: the gradient at x; `to` may be g. */
export function normalGradient(g: usize, x: usize, scale: usize, gain: usize, to: usize, rows: i32, columns: i32): void {
  const bytes = (<usize>columns) << 2
  const whole = (<usize>(columns & ~3)) << 2
  const share: f32 = <f32>1 / <f32>columns
  for (let r = 0; r < rows; r++) {
    let sums = f32x4.splat(0)
    let products = sums
    let k: usize = 0
    for (; k < whole; k += 16) {
      const q = f32x4.mul(v128.load(g + k), v128.load(gain + k))
      sums = f32x4.add(sums, q)
      products = f32x4.add(products, f32x4.mul(q, v128.load(x + k)))
    }
    let sum = sumLanes(sums)
    let product = sumLanes(products)
    for (; k < bytes; k += 4) {
      const q = load<f32>(g + k) * load<f32>(gain + k)
      sum += q
      product += q * load<f32>(x + k)
    }
    const mean = sum * share
    const slope = product * share
    const s = load<f32>(scale + ((<usize>r) << 2))
    const means = f32x4.splat(mean)
    const slopes = f32x4.splat(slope)
    const scales = f32x4.splat(s)
    for (k = 0; k < whole; k += 16) {
      const q = f32x4.sub(f32x4.mul(v128.load(g + k), v128.load(gain + k)), means)
      v128.store(to + k, f32x4.mul(scales, f32x4.sub(q, f32x4.mul(v128.load(x + k), slopes))))
    }
    for (; k < bytes; k += 4) {
      const q = load<f32>(g + k) * load<f32>(gain + k) - mean
      store<f32>(to + k, s * (q - load<f32>(x + k) * slope))
    }
    g += bytes
    x += bytes
    to += bytes
  }
}

/** dgain [columns] += the sum over rows of g x'. */
export function gainGradient(g: usize, x: usize, to: usize, rows: i32, columns: i32): void {
  const bytes = (<usize>columns) << 2
  const whole = (<usize>(columns & ~3)) << 2
  for (let r = 0; r < rows; r++) {
    let k: usize = 0
    for (; k < whole; k += 16) {
      v128.store(to + k, f32x4.add(v128.load(to + k), f32x4.mul(v128.load(g + k), v128.load(x + k))))
    }
    for (; k < bytes; k += 4) store<f32>(to + k, load<f32>(to + k) + load<f32>(g + k) * load<f32>(x + k))
    g += bytes
    x += bytes
  }
}

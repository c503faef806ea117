// Activations of dense layers and their derivatives, four lanes at a time.
import { tanhPair } from './tanh-pair'
import { exp4, expWithin4 } from './transcendental'

// The numbers of src/nn/simd/kernels.ts.
export const IDENTITY: i32 = 0
export const RELU: i32 = 1
export const TANH: i32 = 2
export const LEAKY_RELU: i32 = 3
export const ELU: i32 = 4

/** What negative numbers are multiplied by in the leaky ReLU (Maas et al. 2013). */
const SLOPE: f32 = 0.01

// Of tanh4, loaded as in transcendental.ts.
const CONSTANTS: usize = memory.data<f32>([
  40,
  1,
  2,
  945,
  105,
  420,
  15,
  0.6,
], 64)
const MOST: i32 = 0
const ONE: i32 = 1
const TWO: i32 = 2
const T945: i32 = 3
const T105: i32 = 4
const T420: i32 = 5
const T15: i32 = 6
const FAR: i32 = 7

// @ts-ignore: decorator
@inline
function constant(index: i32): v128 {
  return v128.load32_splat(CONSTANTS + ((<usize>index) << 2))
}

/** x < 0 ? 0 : x; a NaN stays one. */
// @ts-ignore: decorator
@inline
export function rectified(x: v128): v128 {
  return f32x4.pmax(x, f32x4.splat(0))
}

/** gradient * activation'(x), told from y = activation(x). */
// @ts-ignore: decorator
@inline
export function derive(gradient: v128, y: v128, activation: i32): v128 {
  if (activation == RELU) return v128.and(gradient, f32x4.gt(y, f32x4.splat(0)))
  if (activation == TANH) return f32x4.mul(gradient, f32x4.sub(f32x4.splat(1), f32x4.mul(y, y)))
  if (activation == LEAKY_RELU) {
    return v128.bitselect(gradient, f32x4.mul(gradient, f32x4.splat(SLOPE)), f32x4.gt(y, f32x4.splat(0)))
  }
  // Below zero y = exp(x) - 1, so its derivative is y + 1.
  if (activation == ELU) return f32x4.mul(gradient, f32x4.add(f32x4.pmin(y, f32x4.splat(0)), f32x4.splat(1)))
  return gradient
}

/** tanh x = x P(x^2) / Q(x^2) near zero (continued fraction), 1 - 2 / (exp 2|x| + 1) with the sign of x elsewhere. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const size = f32x4.abs(x)
  const e = expWithin4(f32x4.pmin(constant(MOST), f32x4.add(size, size)))
  // x (945 + 105 z + z^2) / (945 + 420 z + 15 z^2), relative error below 3e-9 for |x| < 0.6.
  const z = f32x4.mul(x, x)
  const top = f32x4.mul(size, f32x4.add(constant(T945), f32x4.mul(z, f32x4.add(constant(T105), z))))
  const bottom = f32x4.add(constant(T945), f32x4.mul(z, f32x4.add(constant(T420), f32x4.mul(z, constant(T15)))))
  // One division for both, since it is what takes longest. A NaN is not far, so that it stays one.
  const isFar = f32x4.ge(size, constant(FAR))
  const ratio = f32x4.div(
    v128.bitselect(constant(TWO), top, isFar),
    v128.bitselect(f32x4.add(e, constant(ONE)), bottom, isFar),
  )
  const absolute = v128.bitselect(f32x4.sub(constant(ONE), ratio), ratio, isFar)
  return v128.or(absolute, v128.and(x, i32x4.splat(0x80000000)))
}

/** to = gradient * activation'(x), y = activation(x), over `count` numbers. */
export function deriveAll(gradient: usize, y: usize, to: usize, count: i32, activation: i32): void {
  let i = 0
  // The usual ones in loops of their own, since the choice among activations at every vector costs as much as the rest.
  if (activation == RELU) {
    const zero = f32x4.splat(0)
    for (; i + 16 <= count; i += 16) {
      const at = (<usize>i) << 2
      const g = gradient + at
      const h = y + at
      v128.store(to + at, v128.and(v128.load(g), f32x4.gt(v128.load(h), zero)))
      v128.store(to + at, v128.and(v128.load(g, 16), f32x4.gt(v128.load(h, 16), zero)), 16)
      v128.store(to + at, v128.and(v128.load(g, 32), f32x4.gt(v128.load(h, 32), zero)), 32)
      v128.store(to + at, v128.and(v128.load(g, 48), f32x4.gt(v128.load(h, 48), zero)), 48)
    }
  }
  if (activation == TANH) {
    for (; i + 8 <= count; i += 8) {
      const at = (<usize>i) << 2
      const g = gradient + at
      const h = y + at
      v128.store(to + at, derive(v128.load(g), v128.load(h), TANH))
      v128.store(to + at, derive(v128.load(g, 16), v128.load(h, 16), TANH), 16)
    }
  }
  for (; i + 4 <= count; i += 4) {
    const at = (<usize>i) << 2
    v128.store(to + at, derive(v128.load(gradient + at), v128.load(y + at), activation))
  }
  for (; i < count; i++) {
    const at = (<usize>i) << 2
    const d = derive(v128.load32_splat(gradient + at), v128.load32_splat(y + at), activation)
    v128.store_lane<u32>(to + at, d, 0)
  }
}

/** exp(x) - 1 below zero (Clevert et al. 2016), x above. */
// @ts-ignore: decorator
@inline
export function elu4(x: v128): v128 {
  // pmin(a, b) is b < a ? b : a, so a NaN stays one.
  const low = f32x4.pmin(x, f32x4.splat(0))
  const far = f32x4.sub(exp4(low), f32x4.splat(1))
  // Near zero the subtraction would lose the digits: Taylor to x^8, remainder below 0.35^8 / 9! of it.
  let p = f32x4.add(f32x4.splat(1), f32x4.mul(low, f32x4.splat(1.0 / 8.0)))
  p = f32x4.add(f32x4.splat(1), f32x4.mul(f32x4.mul(low, f32x4.splat(1.0 / 7.0)), p))
  p = f32x4.add(f32x4.splat(1), f32x4.mul(f32x4.mul(low, f32x4.splat(1.0 / 6.0)), p))
  p = f32x4.add(f32x4.splat(1), f32x4.mul(f32x4.mul(low, f32x4.splat(1.0 / 5.0)), p))
  p = f32x4.add(f32x4.splat(1), f32x4.mul(f32x4.mul(low, f32x4.splat(1.0 / 4.0)), p))
  p = f32x4.add(f32x4.splat(1), f32x4.mul(f32x4.mul(low, f32x4.splat(1.0 / 3.0)), p))
  p = f32x4.add(f32x4.splat(1), f32x4.mul(f32x4.mul(low, f32x4.splat(0.5)), p))
  const below = v128.bitselect(f32x4.mul(low, p), far, f32x4.gt(low, f32x4.splat(-0.35)))
  return v128.bitselect(x, below, f32x4.gt(x, f32x4.splat(0)))
}

// @ts-ignore: decorator
@inline
function activate4(x: v128, activation: i32): v128 {
  if (activation == TANH) return tanh4(x)
  if (activation == ELU) return elu4(x)
  if (activation == LEAKY_RELU) return v128.bitselect(x, f32x4.mul(x, f32x4.splat(SLOPE)), f32x4.gt(x, f32x4.splat(0)))
  return rectified(x)
}

/**
 * x = activation(x) over `count` numbers. A pass of its own for all but the ReLU, since a call or so much arithmetic at the end of
 * a product's tile makes V8 spill the tile's accumulators.
 */
export function activateAll(x: usize, count: i32, activation: i32): void {
  if (activation == IDENTITY) return
  let i = 0
  // The usual one of policy gradients in a loop of its own.
  if (activation == TANH) {
    for (; i + 8 <= count; i += 8) tanhPair(x + ((<usize>i) << 2))
  }
  for (; i + 4 <= count; i += 4) {
    const at = x + ((<usize>i) << 2)
    v128.store(at, activate4(v128.load(at), activation))
  }
  for (; i < count; i++) {
    const at = x + ((<usize>i) << 2)
    v128.store_lane<u32>(at, activate4(v128.load32_splat(at), activation), 0)
  }
}

/** x = tanh x over `count` numbers. */
export function tanhAll(x: usize, count: i32): void {
  activateAll(x, count, TANH)
}

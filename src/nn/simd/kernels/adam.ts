// Kernels over parameters: Adam, its norm and finite check, the soft update.

/**
 * The sum of squares, in double precision: squares of float32 numbers cannot overflow there, so the sum is finite
 * exactly when every number is.
 */
export function sumOfSquares(x: usize, count: i32): f64 {
  let a = f64x2.splat(0)
  let b = a
  let i = 0
  for (; i + 4 <= count; i += 4) {
    const v = v128.load(x)
    const low = f64x2.promote_low_f32x4(v)
    const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0))
    a = f64x2.add(a, f64x2.mul(low, low))
    b = f64x2.add(b, f64x2.mul(high, high))
    x += 16
  }
  a = f64x2.add(a, b)
  let sum = f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1)
  for (; i < count; i++) {
    const v = <f64>load<f32>(x)
    sum += v * v
    x += 4
  }
  return sum
}

/**
 * Adam (Kingma and Ba 2015) in TensorFlow 1's form over one tensor: the gradient g is scaled first, then zeroed;
 * m += (g - m)(1 - beta1), v += (g^2 - v)(1 - beta2), parameter -= rate m / (sqrt v + epsilon).
 */
export function adam(
  parameters: usize, gradients: usize, first: usize, second: usize, count: i32,
  scale: f32, beta1: f64, beta2: f64, epsilon: f32, rate: f32,
): void {
  const scales = f32x4.splat(scale)
  const rest1 = f32x4.splat(<f32>(1 - beta1))
  const rest2 = f32x4.splat(<f32>(1 - beta2))
  const epsilons = f32x4.splat(epsilon)
  const rates = f32x4.splat(rate)
  for (let i = 0; i < count; i += 4) {
    const few = count - i < 4
    const g = f32x4.mul(v128.load(gradients), scales)
    let m = v128.load(first)
    let v = v128.load(second)
    m = f32x4.add(m, f32x4.mul(f32x4.sub(g, m), rest1))
    v = f32x4.add(v, f32x4.mul(f32x4.sub(f32x4.mul(g, g), v), rest2))
    const step = f32x4.div(f32x4.mul(rates, m), f32x4.add(f32x4.sqrt(v), epsilons))
    const p = f32x4.sub(v128.load(parameters), step)
    if (few) {
      const left = (<usize>(count - i)) << 2
      storePart(first, m, left)
      storePart(second, v, left)
      storePart(parameters, p, left)
      storePart(gradients, f32x4.splat(0), left)
    } else {
      v128.store(first, m)
      v128.store(second, v)
      v128.store(parameters, p)
      v128.store(gradients, f32x4.splat(0))
    }
    parameters += 16
    gradients += 16
    first += 16
    second += 16
  }
}

/** target = tau * online + rest * target. */
export function softUpdate(target: usize, online: usize, count: i32, tau: f32, rest: f32): void {
  const taus = f32x4.splat(tau)
  const rests = f32x4.splat(rest)
  for (let i = 0; i < count; i += 4) {
    const sum = f32x4.add(f32x4.mul(taus, v128.load(online)), f32x4.mul(rests, v128.load(target)))
    if (count - i < 4) storePart(target, sum, (<usize>(count - i)) << 2)
    else v128.store(target, sum)
    target += 16
    online += 16
  }
}

// @ts-ignore: decorator
@inline
function storePart(to: usize, a: v128, bytes: usize): void {
  v128.store_lane<u32>(to, a, 0)
  if (bytes > 4) v128.store_lane<u32>(to, a, 1, 4)
  if (bytes > 8) v128.store_lane<u32>(to, a, 2, 8)
}

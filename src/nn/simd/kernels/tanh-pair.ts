// tanh of two vectors side by side, with the bits of tanh4: step by step, so that a constant is loaded once for both. Most of what activations of
// policy gradients cost is this.

// In the order of the names that follow: of exp, then of the fraction near zero (transcendental.ts, activation.ts).
const CONSTANTS: usize = memory.data<f32>([
  40,
  12582912,
  1.4426950408889634,
  0.693359375,
  -2.12194440054690583e-4,
  1.0 / 5040.0,
  1.0 / 720.0,
  1.0 / 120.0,
  1.0 / 24.0,
  1.0 / 6.0,
  0.5,
  1,
  2,
  0.6,
  945,
  105,
  15,
  420,
], 64)
const MOST: i32 = 0
const MAGIC: i32 = 1
const PER_LN2: i32 = 2
const LN2_HIGH: i32 = 3
const LN2_LOW: i32 = 4
const F5040: i32 = 5
const F720: i32 = 6
const F120: i32 = 7
const F24: i32 = 8
const F6: i32 = 9
const HALF: i32 = 10
const ONE: i32 = 11
const TWO: i32 = 12
const FAR: i32 = 13
const T945: i32 = 14
const T105: i32 = 15
const T15: i32 = 16
const T420: i32 = 17

// @ts-ignore: decorator
@inline
function constant(index: i32): v128 {
  return v128.load32_splat(CONSTANTS + ((<usize>index) << 2))
}

/** c + x y */
// @ts-ignore: decorator
@inline
function plus(c: v128, x: v128, y: v128): v128 {
  return f32x4.add(c, f32x4.mul(x, y))
}

/** The eight numbers at an address become their tanh. */
// @ts-ignore: decorator
@inline
export function tanhPair(at: usize): void {
  const sign = i32x4.splat(0x80000000)
  const one = constant(ONE)
  const x0 = v128.load(at)
  const x1 = v128.load(at, 16)
  const size0 = v128.andnot(x0, sign)
  const size1 = v128.andnot(x1, sign)

  // e = exp 2|x| + 1
  let c = constant(MOST)
  let e0 = f32x4.pmin(c, f32x4.add(size0, size0))
  let e1 = f32x4.pmin(c, f32x4.add(size1, size1))
  const magic = constant(MAGIC)
  c = constant(PER_LN2)
  const k0 = plus(magic, e0, c)
  const k1 = plus(magic, e1, c)
  const n0 = f32x4.sub(k0, magic)
  const n1 = f32x4.sub(k1, magic)
  c = constant(LN2_HIGH)
  e0 = f32x4.sub(e0, f32x4.mul(n0, c))
  e1 = f32x4.sub(e1, f32x4.mul(n1, c))
  c = constant(LN2_LOW)
  const r0 = f32x4.sub(e0, f32x4.mul(n0, c))
  const r1 = f32x4.sub(e1, f32x4.mul(n1, c))
  const d = constant(F5040)
  c = constant(F720)
  e0 = plus(c, r0, d)
  e1 = plus(c, r1, d)
  c = constant(F120)
  e0 = plus(c, r0, e0)
  e1 = plus(c, r1, e1)
  c = constant(F24)
  e0 = plus(c, r0, e0)
  e1 = plus(c, r1, e1)
  c = constant(F6)
  e0 = plus(c, r0, e0)
  e1 = plus(c, r1, e1)
  c = constant(HALF)
  e0 = plus(c, r0, e0)
  e1 = plus(c, r1, e1)
  e0 = f32x4.add(one, plus(r0, f32x4.mul(r0, r0), e0))
  e1 = f32x4.add(one, plus(r1, f32x4.mul(r1, r1), e1))
  // Of k only the low bits count, in which magic has none.
  e0 = f32x4.add(i32x4.add(e0, i32x4.shl(k0, 23)), one)
  e1 = f32x4.add(i32x4.add(e1, i32x4.shl(k1, 23)), one)

  // Near zero x P / Q.
  const z0 = f32x4.mul(x0, x0)
  const z1 = f32x4.mul(x1, x1)
  const all = constant(T945)
  c = constant(T105)
  const top0 = f32x4.mul(size0, plus(all, z0, f32x4.add(c, z0)))
  const top1 = f32x4.mul(size1, plus(all, z1, f32x4.add(c, z1)))
  const last = constant(T15)
  c = constant(T420)
  const bottom0 = plus(all, z0, plus(c, z0, last))
  const bottom1 = plus(all, z1, plus(c, z1, last))
  c = constant(FAR)
  const far0 = f32x4.ge(size0, c)
  const far1 = f32x4.ge(size1, c)
  c = constant(TWO)
  const ratio0 = f32x4.div(v128.bitselect(c, top0, far0), v128.bitselect(e0, bottom0, far0))
  const ratio1 = f32x4.div(v128.bitselect(c, top1, far1), v128.bitselect(e1, bottom1, far1))
  // 1 - ratio far from zero, minus the ratio near it; then the sign of x.
  const y0 = f32x4.sub(v128.and(one, far0), ratio0)
  const y1 = f32x4.sub(v128.and(one, far1), ratio1)
  v128.store(at, v128.bitselect(x0, y0, sign))
  v128.store(at, v128.bitselect(x1, y1, sign), 16)
}

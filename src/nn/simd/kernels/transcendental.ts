// exp and log of four float32 lanes, within two units in the last place.

/** Loaded, since V8 (Node 20) builds a vector of a constant anew wherever it is used, in several instructions. */
const CONSTANTS: usize = memory.data<f32>([
  88,
  -88,
  12582912,
  1.4426950408889634,
  0.693359375,
  -2.12194440054690583e-4,
  1.0 / 720.0,
  1.0 / 5040.0,
  1.0 / 120.0,
  1.0 / 24.0,
  1.0 / 6.0,
  0.5,
  1,
  -87.3,
  2.0 / 7.0,
  2.0 / 9.0,
  2.0 / 3.0,
  2.0 / 5.0,
], 64)
const MOST: i32 = 0
const LEAST: i32 = 1
const MAGIC: i32 = 2
const PER_LN2: i32 = 3
const LN2_HIGH: i32 = 4
const LN2_LOW: i32 = 5
const F720: i32 = 6
const F5040: i32 = 7
const F120: i32 = 8
const F24: i32 = 9
const F6: i32 = 10
const HALF: i32 = 11
const ONE: i32 = 12
const ZERO_BELOW: i32 = 13
const L7: i32 = 14
const L9: i32 = 15
const L3: i32 = 16
const L5: i32 = 17

// @ts-ignore: decorator
@inline
function constant(index: i32): v128 {
  return v128.load32_splat(CONSTANTS + ((<usize>index) << 2))
}

/** exp x for x <= 88; zero below -87.3 (no denormal results). */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const within = expWithin4(f32x4.pmin(constant(MOST), f32x4.pmax(x, constant(LEAST))))
  // Too small becomes zero; a NaN stays one, whatever the bit tricks made of it.
  const kept = v128.andnot(within, f32x4.lt(x, constant(ZERO_BELOW)))
  return v128.bitselect(kept, x, f32x4.eq(x, x))
}

/** exp x for -87.3 <= x <= 88; what comes of anything else means nothing. */
// @ts-ignore: decorator
@inline
export function expWithin4(x: v128): v128 {
  // x = n ln 2 + r with |r| <= ln(2) / 2. Adding 1.5 * 2^23 rounds to the nearest whole number, which then stands in the low bits.
  const magic = constant(MAGIC)
  const shifted = f32x4.add(f32x4.mul(x, constant(PER_LN2)), magic)
  const n = f32x4.sub(shifted, magic)
  // ln 2 in two parts, the first with so few bits that n times it is exact.
  let r = f32x4.sub(x, f32x4.mul(n, constant(LN2_HIGH)))
  r = f32x4.sub(r, f32x4.mul(n, constant(LN2_LOW)))
  // Taylor to r^7: remainder below 0.3466^8 / 8! = 5e-9.
  let p = f32x4.add(constant(F720), f32x4.mul(r, constant(F5040)))
  p = f32x4.add(constant(F120), f32x4.mul(r, p))
  p = f32x4.add(constant(F24), f32x4.mul(r, p))
  p = f32x4.add(constant(F6), f32x4.mul(r, p))
  p = f32x4.add(constant(HALF), f32x4.mul(r, p))
  p = f32x4.add(constant(ONE), f32x4.add(r, f32x4.mul(f32x4.mul(r, r), p)))
  // Times 2^n, by the exponent bits.
  return i32x4.add(p, i32x4.shl(i32x4.sub(shifted, magic), 23))
}

/** log x for normal x > 0. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  // x = m 2^n with m in [sqrt(1/2), sqrt(2)): the subtraction moves sqrt(1/2)'s bits to an exponent boundary.
  const offset = i32x4.sub(x, i32x4.splat(0x3f3504f3))
  const n = f32x4.convert_i32x4_s(i32x4.shr_s(offset, 23))
  const m = i32x4.add(v128.and(offset, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3))
  // log m = 2 artanh s = 2 (s + s^3 / 3 + s^5 / 5 + ...), |s| <= 0.1716: the terms left out are below 2e-9 of it.
  const f = f32x4.sub(m, constant(ONE))
  const s = f32x4.div(f, f32x4.add(m, constant(ONE)))
  const z = f32x4.mul(s, s)
  const upper = f32x4.add(constant(L7), f32x4.mul(z, constant(L9)))
  const lower = f32x4.add(constant(L3), f32x4.mul(z, constant(L5)))
  const p = f32x4.mul(z, f32x4.add(lower, f32x4.mul(f32x4.mul(z, z), upper)))
  // 2 s = f - s f, which keeps the bits of f that a division loses.
  const low = f32x4.add(f32x4.sub(f32x4.mul(s, p), f32x4.mul(s, f)), f32x4.mul(n, constant(LN2_LOW)))
  return f32x4.add(f32x4.mul(n, constant(LN2_HIGH)), f32x4.add(f, low))
}

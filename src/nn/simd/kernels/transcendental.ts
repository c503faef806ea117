// exp and log of four float32 lanes, within two units in the last place.

/** exp x for x <= 88; zero below -87.3 (no denormal results). */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const clamped = f32x4.pmin(f32x4.splat(88), f32x4.pmax(x, f32x4.splat(-88)))
  // x = n ln 2 + r with |r| <= ln(2) / 2. Adding 1.5 * 2^23 rounds to the nearest whole number, which then stands in the low bits.
  const magic = f32x4.splat(12582912)
  const shifted = f32x4.add(f32x4.mul(clamped, f32x4.splat(1.4426950408889634)), magic)
  const n = f32x4.sub(shifted, magic)
  // ln 2 in two parts, the first with so few bits that n times it is exact.
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)))
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440054690583e-4)))
  // Taylor to r^7: remainder below 0.3466^8 / 8! = 5e-9.
  let p = f32x4.add(f32x4.splat(1.0 / 720.0), f32x4.mul(r, f32x4.splat(1.0 / 5040.0)))
  p = f32x4.add(f32x4.splat(1.0 / 120.0), f32x4.mul(r, p))
  p = f32x4.add(f32x4.splat(1.0 / 24.0), f32x4.mul(r, p))
  p = f32x4.add(f32x4.splat(1.0 / 6.0), f32x4.mul(r, p))
  p = f32x4.add(f32x4.splat(0.5), f32x4.mul(r, p))
  p = f32x4.add(f32x4.splat(1), f32x4.add(r, f32x4.mul(f32x4.mul(r, r), p)))
  // Times 2^n, by the exponent bits.
  const scaled = i32x4.add(p, i32x4.shl(i32x4.sub(shifted, magic), 23))
  // Too small becomes zero; a NaN stays one, whatever the bit tricks made of it.
  const kept = v128.andnot(scaled, f32x4.lt(x, f32x4.splat(-87.3)))
  return v128.bitselect(kept, x, f32x4.eq(x, x))
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
  const f = f32x4.sub(m, f32x4.splat(1))
  const s = f32x4.div(f, f32x4.add(m, f32x4.splat(1)))
  const z = f32x4.mul(s, s)
  const upper = f32x4.add(f32x4.splat(2.0 / 7.0), f32x4.mul(z, f32x4.splat(2.0 / 9.0)))
  const lower = f32x4.add(f32x4.splat(2.0 / 3.0), f32x4.mul(z, f32x4.splat(2.0 / 5.0)))
  const p = f32x4.mul(z, f32x4.add(lower, f32x4.mul(f32x4.mul(z, z), upper)))
  // 2 s = f - s f, which keeps the bits of f that a division loses.
  const low = f32x4.add(f32x4.sub(f32x4.mul(s, p), f32x4.mul(s, f)), f32x4.mul(n, f32x4.splat(-2.12194440054690583e-4)))
  return f32x4.add(f32x4.mul(n, f32x4.splat(0.693359375)), f32x4.add(f, low))
}

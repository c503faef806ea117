// exp and log of two float64 lanes, to the bit as fdlibm has them (Sun Microsystems 1993: "Permission to use, copy, modify, and
// distribute this software is freely granted, provided that this notice is preserved"): every branch is computed, then one is chosen.

/** exp x for x <= 0; zero below -708, where fdlibm's are below 4e-308. */
// @ts-ignore: decorator
@inline
export function expTwo(x: v128): v128 {
  const size = f64x2.abs(x)
  const sign = v128.and(x, i64x2.splat(0x8000000000000000))
  // x = k ln 2 + r: none below 0.5 ln 2, one up to 1.5 ln 2, as fdlibm tells from the upper words.
  const nearest = f64x2.trunc(f64x2.add(f64x2.mul(f64x2.splat(1.44269504088896338700), x), v128.or(f64x2.splat(0.5), sign)))
  const one = v128.and(v128.or(f64x2.splat(1), sign), f64x2.ge(size, f64x2.splat(reinterpret<f64>(0x3fd62e4300000000))))
  const k = v128.bitselect(nearest, one, f64x2.ge(size, f64x2.splat(reinterpret<f64>(0x3ff0a2b200000000))))
  const hi = f64x2.sub(x, f64x2.mul(k, f64x2.splat(6.93147180369123816490e-1)))
  const lo = f64x2.mul(k, f64x2.splat(1.90821492927058770002e-10))
  const r = f64x2.sub(hi, lo)
  const t = f64x2.mul(r, r)
  let p = f64x2.add(f64x2.splat(-1.65339022054652515390e-6), f64x2.mul(t, f64x2.splat(4.13813679705723846039e-8)))
  p = f64x2.add(f64x2.splat(6.61375632143793436117e-5), f64x2.mul(t, p))
  p = f64x2.add(f64x2.splat(-2.77777777770155933842e-3), f64x2.mul(t, p))
  p = f64x2.add(f64x2.splat(1.66666666666666019037e-1), f64x2.mul(t, p))
  const c = f64x2.sub(r, f64x2.mul(t, p))
  const q = f64x2.div(f64x2.mul(r, c), f64x2.sub(f64x2.splat(2), c))
  const y = f64x2.sub(f64x2.splat(1), f64x2.sub(f64x2.sub(lo, q), hi))
  // Times 2^k: k + 1.5 * 2^52 has k in its low bits.
  const bits = i64x2.shl(f64x2.add(k, f64x2.splat(6755399441055744)), 52)
  const scaled = f64x2.mul(y, i64x2.add(bits, i64x2.splat(0x3ff0000000000000)))
  const small = f64x2.lt(size, f64x2.splat(reinterpret<f64>(0x3e30000000000000)))
  const result = v128.bitselect(f64x2.add(f64x2.splat(1), x), scaled, small)
  return v128.andnot(result, f64x2.lt(x, f64x2.splat(-708)))
}

/** log x for normal x > 0; a NaN stays one. */
// @ts-ignore: decorator
@inline
export function logTwo(x: v128): v128 {
  // x = 2^k (1 + f), f between sqrt(1/2) - 1 and sqrt 2 - 1.
  const mantissa = v128.and(i64x2.shr_u(x, 32), i64x2.splat(0x000fffff))
  const carry = v128.and(i64x2.add(mantissa, i64x2.splat(0x95f64)), i64x2.splat(0x100000))
  const upper = v128.or(mantissa, v128.xor(carry, i64x2.splat(0x3ff00000)))
  const scaled = v128.or(i64x2.shl(upper, 32), v128.and(x, i64x2.splat(0xffffffff)))
  const whole = i64x2.add(i64x2.sub(i64x2.shr_u(x, 52), i64x2.splat(1023)), i64x2.shr_u(carry, 20))
  const k = f64x2.sub(i64x2.add(whole, f64x2.splat(6755399441055744)), f64x2.splat(6755399441055744))
  const f = f64x2.sub(scaled, f64x2.splat(1))
  const high = f64x2.mul(k, f64x2.splat(6.93147180369123816490e-1))
  const low = f64x2.mul(k, f64x2.splat(1.90821492927058770002e-10))
  const s = f64x2.div(f, f64x2.add(f64x2.splat(2), f))
  const z = f64x2.mul(s, s)
  const w = f64x2.mul(z, z)
  let even = f64x2.add(f64x2.splat(2.222219843214978396e-1), f64x2.mul(w, f64x2.splat(1.531383769920937332e-1)))
  even = f64x2.mul(w, f64x2.add(f64x2.splat(3.999999999940941908e-1), f64x2.mul(w, even)))
  let odd = f64x2.add(f64x2.splat(1.818357216161805012e-1), f64x2.mul(w, f64x2.splat(1.479819860511658591e-1)))
  odd = f64x2.add(f64x2.splat(2.857142874366239149e-1), f64x2.mul(w, odd))
  odd = f64x2.mul(z, f64x2.add(f64x2.splat(6.666666666666735130e-1), f64x2.mul(w, odd)))
  const sum = f64x2.add(odd, even)
  const square = f64x2.mul(f64x2.mul(f64x2.splat(0.5), f), f)
  const inner = f64x2.sub(square, f64x2.add(f64x2.mul(s, f64x2.add(square, sum)), low))
  const outer = f64x2.sub(f64x2.mul(s, f64x2.sub(f, sum)), low)
  const isInner = v128.and(
    i64x2.gt_s(mantissa, i64x2.splat(0x61479)),
    i64x2.gt_s(i64x2.splat(0x6b852), mantissa),
  )
  const third = f64x2.sub(f64x2.splat(0.5), f64x2.mul(f64x2.splat(0.33333333333333333), f))
  const nearOne = f64x2.sub(f64x2.mul(f64x2.mul(f, f), third), low)
  // |f| < 2^-20
  const isNear = i64x2.gt_s(i64x2.splat(3), v128.and(i64x2.add(mantissa, i64x2.splat(2)), i64x2.splat(0xfffff)))
  const part = v128.bitselect(nearOne, v128.bitselect(inner, outer, isInner), isNear)
  return v128.bitselect(f64x2.sub(high, f64x2.sub(part, f)), x, f64x2.eq(x, x))
}

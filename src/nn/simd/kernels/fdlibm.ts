// exp and log of two float64 lanes, to the bit as fdlibm has them (Sun Microsystems 1993: "Permission to use, copy, modify, and
// distribute this software is freely granted, provided that this notice is preserved"): every branch is computed, then one is chosen.

/**
 * The constants below as 64 bits each: numbers, thresholds between numbers, and bit patterns. Loaded, since V8 (Node 20) builds a vector
 * of a constant anew wherever it is used, in several instructions.
 */
const CONSTANTS: usize = memory.data<u64>([
  0x3ff71547652b82fe, // 0: 1.44269504088896338700
  0x3fe0000000000000, // 1: 0.5
  0x3ff0000000000000, // 2: 1
  0x3fd62e4300000000, // 3
  0x3ff0a2b200000000, // 4
  0x3fe62e42fee00000, // 5: 6.93147180369123816490e-1
  0x3dea39ef35793c76, // 6: 1.90821492927058770002e-10
  0xbebbbd41c5d26bf1, // 7: -1.65339022054652515390e-6
  0x3e66376972bea4d0, // 8: 4.13813679705723846039e-8
  0x3f11566aaf25de2c, // 9: 6.61375632143793436117e-5
  0xbf66c16c16bebd93, // 10: -2.77777777770155933842e-3
  0x3fc555555555553e, // 11: 1.66666666666666019037e-1
  0x4000000000000000, // 12: 2
  0x4338000000000000, // 13: 6755399441055744
  0x3e30000000000000, // 14
  0xc086200000000000, // 15: -708
  0x3fcc71c51d8e78af, // 16: 2.222219843214978396e-1
  0x3fc39a09d078c69f, // 17: 1.531383769920937332e-1
  0x3fd999999997fa04, // 18: 3.999999999940941908e-1
  0x3fc7466496cb03de, // 19: 1.818357216161805012e-1
  0x3fc2f112df3e5244, // 20: 1.479819860511658591e-1
  0x3fd2492494229359, // 21: 2.857142874366239149e-1
  0x3fe5555555555593, // 22: 6.666666666666735130e-1
  0x3fd5555555555555, // 23: 0.33333333333333333
  0x8000000000000000, // 24
  0x00000000000fffff, // 25
  0x0000000000095f64, // 26
  0x0000000000100000, // 27
  0x000000003ff00000, // 28
  0x00000000ffffffff, // 29
  0x00000000000003ff, // 30: 1023
  0x0000000000061479, // 31
  0x000000000006b852, // 32
  0x0000000000000003, // 33: 3
  0x0000000000000002, // 34: 2
], 64)

// @ts-ignore: decorator
@inline
function constant(index: i32): v128 {
  return v128.load64_splat(CONSTANTS + ((<usize>index) << 3))
}

/** exp x for x <= 0; zero below -708, where fdlibm's are below 4e-308. */
// @ts-ignore: decorator
@inline
export function expTwo(x: v128): v128 {
  const size = f64x2.abs(x)
  const sign = v128.and(x, constant(24))
  // x = k ln 2 + r: none below 0.5 ln 2, one up to 1.5 ln 2, as fdlibm tells from the upper words.
  const nearest = f64x2.trunc(f64x2.add(f64x2.mul(constant(0), x), v128.or(constant(1), sign)))
  const one = v128.and(v128.or(constant(2), sign), f64x2.ge(size, constant(3)))
  const k = v128.bitselect(nearest, one, f64x2.ge(size, constant(4)))
  const hi = f64x2.sub(x, f64x2.mul(k, constant(5)))
  const lo = f64x2.mul(k, constant(6))
  const r = f64x2.sub(hi, lo)
  const t = f64x2.mul(r, r)
  let p = f64x2.add(constant(7), f64x2.mul(t, constant(8)))
  p = f64x2.add(constant(9), f64x2.mul(t, p))
  p = f64x2.add(constant(10), f64x2.mul(t, p))
  p = f64x2.add(constant(11), f64x2.mul(t, p))
  const c = f64x2.sub(r, f64x2.mul(t, p))
  const q = f64x2.div(f64x2.mul(r, c), f64x2.sub(constant(12), c))
  const y = f64x2.sub(constant(2), f64x2.sub(f64x2.sub(lo, q), hi))
  // Times 2^k: k + 1.5 * 2^52 has k in its low bits.
  const bits = i64x2.shl(f64x2.add(k, constant(13)), 52)
  const scaled = f64x2.mul(y, i64x2.add(bits, constant(2)))
  const small = f64x2.lt(size, constant(14))
  const result = v128.bitselect(f64x2.add(constant(2), x), scaled, small)
  return v128.andnot(result, f64x2.lt(x, constant(15)))
}

/** log x for normal x > 0; a NaN stays one. */
// @ts-ignore: decorator
@inline
export function logTwo(x: v128): v128 {
  // x = 2^k (1 + f), f between sqrt(1/2) - 1 and sqrt 2 - 1.
  const mantissa = v128.and(i64x2.shr_u(x, 32), constant(25))
  const carry = v128.and(i64x2.add(mantissa, constant(26)), constant(27))
  const upper = v128.or(mantissa, v128.xor(carry, constant(28)))
  const scaled = v128.or(i64x2.shl(upper, 32), v128.and(x, constant(29)))
  const whole = i64x2.add(i64x2.sub(i64x2.shr_u(x, 52), constant(30)), i64x2.shr_u(carry, 20))
  const k = f64x2.sub(i64x2.add(whole, constant(13)), constant(13))
  const f = f64x2.sub(scaled, constant(2))
  const high = f64x2.mul(k, constant(5))
  const low = f64x2.mul(k, constant(6))
  const s = f64x2.div(f, f64x2.add(constant(12), f))
  const z = f64x2.mul(s, s)
  const w = f64x2.mul(z, z)
  let even = f64x2.add(constant(16), f64x2.mul(w, constant(17)))
  even = f64x2.mul(w, f64x2.add(constant(18), f64x2.mul(w, even)))
  let odd = f64x2.add(constant(19), f64x2.mul(w, constant(20)))
  odd = f64x2.add(constant(21), f64x2.mul(w, odd))
  odd = f64x2.mul(z, f64x2.add(constant(22), f64x2.mul(w, odd)))
  const sum = f64x2.add(odd, even)
  const square = f64x2.mul(f64x2.mul(constant(1), f), f)
  const inner = f64x2.sub(square, f64x2.add(f64x2.mul(s, f64x2.add(square, sum)), low))
  const outer = f64x2.sub(f64x2.mul(s, f64x2.sub(f, sum)), low)
  const isInner = v128.and(
    i64x2.gt_s(mantissa, constant(31)),
    i64x2.gt_s(constant(32), mantissa),
  )
  const third = f64x2.sub(constant(1), f64x2.mul(constant(23), f))
  const nearOne = f64x2.sub(f64x2.mul(f64x2.mul(f, f), third), low)
  // |f| < 2^-20
  const isNear = i64x2.gt_s(constant(33), v128.and(i64x2.add(mantissa, constant(34)), constant(25)))
  const part = v128.bitselect(nearOne, v128.bitselect(inner, outer, isInner), isNear)
  return v128.bitselect(f64x2.sub(high, f64x2.sub(part, f)), x, f64x2.eq(x, x))
}

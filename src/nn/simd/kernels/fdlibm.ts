// exp and log of two float64 lanes, to the bit as fdlibm has them (Sun Microsystems 1993: "Permission to use, copy, modify, and
// distribute this software is freely granted, provided that this notice is preserved"): every branch is computed, then one is chosen.

/**
 * The constants below as 64 bits each: numbers, thresholds, and bit patterns, in the order of the names that follow. Loaded, since V8 (Node 20) builds a vector
 * of a constant anew wherever it is used, in several instructions.
 */
const CONSTANTS: usize = memory.data<u64>([
  0x3ff71547652b82fe, // 1.44269504088896338700
  0x3fe0000000000000, // 0.5
  0x3ff0000000000000, // 1
  0xbfd62e4300000000,
  0x3fe62e42fee00000, // 6.93147180369123816490e-1
  0x3dea39ef35793c76, // 1.90821492927058770002e-10
  0xbebbbd41c5d26bf1, // -1.65339022054652515390e-6
  0x3e66376972bea4d0, // 4.13813679705723846039e-8
  0x3f11566aaf25de2c, // 6.61375632143793436117e-5
  0xbf66c16c16bebd93, // -2.77777777770155933842e-3
  0x3fc555555555553e, // 1.66666666666666019037e-1
  0x4000000000000000, // 2
  0x4338000000000000, // 6755399441055744
  0xbe30000000000000,
  0xc086200000000000, // -708
  0x3fcc71c51d8e78af, // 2.222219843214978396e-1
  0x3fc39a09d078c69f, // 1.531383769920937332e-1
  0x3fd999999997fa04, // 3.999999999940941908e-1
  0x3fc7466496cb03de, // 1.818357216161805012e-1
  0x3fc2f112df3e5244, // 1.479819860511658591e-1
  0x3fd2492494229359, // 2.857142874366239149e-1
  0x3fe5555555555593, // 6.666666666666735130e-1
  0x3fd5555555555555, // 0.33333333333333333
  0x00000000000fffff,
  0x0000000000095f64,
  0x0000000000100000,
  0x000000003ff00000,
  0x00000000ffffffff,
  0x00000000000003ff, // 1023
  0x0000000000061479,
  0x000000000006b852,
  0x0000000000000003, // 3
  0x0000000000000002, // 2
], 64)
const PER_LN2: i32 = 0
const HALF: i32 = 1
const ONE: i32 = 2
const HALF_LN2: i32 = 3
const LN2_HIGH: i32 = 4
const LN2_LOW: i32 = 5
const P4: i32 = 6
const P5: i32 = 7
const P3: i32 = 8
const P2: i32 = 9
const P1: i32 = 10
const TWO: i32 = 11
const MAGIC: i32 = 12
const TINY: i32 = 13
const LEAST: i32 = 14
const L4: i32 = 15
const L6: i32 = 16
const L2: i32 = 17
const L5: i32 = 18
const L7: i32 = 19
const L3: i32 = 20
const L1: i32 = 21
const THIRD: i32 = 22
const MANTISSA: i32 = 23
const TO_ROOT: i32 = 24
const CARRY: i32 = 25
const EXPONENT: i32 = 26
const LOWER: i32 = 27
const BIAS: i32 = 28
const INNER: i32 = 29
const OUTER: i32 = 30
const THREE: i32 = 31
const PAIR: i32 = 32

// @ts-ignore: decorator
@inline
function constant(index: i32): v128 {
  return v128.load64_splat(CONSTANTS + ((<usize>index) << 3))
}

/** exp x for x <= 0; zero below -708, where fdlibm's are below 4e-308. */
// @ts-ignore: decorator
@inline
export function expTwo(x: v128): v128 {
  // x = k ln 2 + r: none above -0.5 ln 2, as fdlibm tells from the upper words. What it tells up to 1.5 ln 2 without a product is the same.
  const nearest = f64x2.trunc(f64x2.sub(f64x2.mul(constant(PER_LN2), x), constant(HALF)))
  const k = v128.and(nearest, f64x2.le(x, constant(HALF_LN2)))
  const hi = f64x2.sub(x, f64x2.mul(k, constant(LN2_HIGH)))
  const lo = f64x2.mul(k, constant(LN2_LOW))
  const r = f64x2.sub(hi, lo)
  const t = f64x2.mul(r, r)
  let p = f64x2.add(constant(P4), f64x2.mul(t, constant(P5)))
  p = f64x2.add(constant(P3), f64x2.mul(t, p))
  p = f64x2.add(constant(P2), f64x2.mul(t, p))
  p = f64x2.add(constant(P1), f64x2.mul(t, p))
  const c = f64x2.sub(r, f64x2.mul(t, p))
  const q = f64x2.div(f64x2.mul(r, c), f64x2.sub(constant(TWO), c))
  const y = f64x2.sub(constant(ONE), f64x2.sub(f64x2.sub(lo, q), hi))
  // Times 2^k, by the exponent bits: k + 1.5 * 2^52 has k in its low bits.
  const scaled = i64x2.add(y, i64x2.shl(f64x2.add(k, constant(MAGIC)), 52))
  const result = v128.bitselect(f64x2.add(constant(ONE), x), scaled, f64x2.gt(x, constant(TINY)))
  return v128.andnot(result, f64x2.lt(x, constant(LEAST)))
}

/** log x for normal x > 0; a NaN stays one. */
// @ts-ignore: decorator
@inline
export function logTwo(x: v128): v128 {
  // x = 2^k (1 + f), f between sqrt(1/2) - 1 and sqrt 2 - 1.
  const mantissa = v128.and(i64x2.shr_u(x, 32), constant(MANTISSA))
  const carry = v128.and(i64x2.add(mantissa, constant(TO_ROOT)), constant(CARRY))
  const upper = v128.or(mantissa, v128.xor(carry, constant(EXPONENT)))
  const scaled = v128.or(i64x2.shl(upper, 32), v128.and(x, constant(LOWER)))
  const whole = i64x2.add(i64x2.sub(i64x2.shr_u(x, 52), constant(BIAS)), i64x2.shr_u(carry, 20))
  const k = f64x2.sub(i64x2.add(whole, constant(MAGIC)), constant(MAGIC))
  const f = f64x2.sub(scaled, constant(ONE))
  const high = f64x2.mul(k, constant(LN2_HIGH))
  const low = f64x2.mul(k, constant(LN2_LOW))
  const s = f64x2.div(f, f64x2.add(constant(TWO), f))
  const z = f64x2.mul(s, s)
  const w = f64x2.mul(z, z)
  let even = f64x2.add(constant(L4), f64x2.mul(w, constant(L6)))
  even = f64x2.mul(w, f64x2.add(constant(L2), f64x2.mul(w, even)))
  let odd = f64x2.add(constant(L5), f64x2.mul(w, constant(L7)))
  odd = f64x2.add(constant(L3), f64x2.mul(w, odd))
  odd = f64x2.mul(z, f64x2.add(constant(L1), f64x2.mul(w, odd)))
  const sum = f64x2.add(odd, even)
  const square = f64x2.mul(f64x2.mul(constant(HALF), f), f)
  const inner = f64x2.sub(square, f64x2.add(f64x2.mul(s, f64x2.add(square, sum)), low))
  const outer = f64x2.sub(f64x2.mul(s, f64x2.sub(f, sum)), low)
  const isInner = v128.and(
    i64x2.gt_s(mantissa, constant(INNER)),
    i64x2.gt_s(constant(OUTER), mantissa),
  )
  const third = f64x2.sub(constant(HALF), f64x2.mul(constant(THIRD), f))
  const nearOne = f64x2.sub(f64x2.mul(f64x2.mul(f, f), third), low)
  // |f| < 2^-20
  const isNear = i64x2.gt_s(constant(THREE), v128.and(i64x2.add(mantissa, constant(PAIR)), constant(MANTISSA)))
  const part = v128.bitselect(nearOne, v128.bitselect(inner, outer, isInner), isNear)
  return v128.bitselect(f64x2.sub(high, f64x2.sub(part, f)), x, f64x2.eq(x, x))
}

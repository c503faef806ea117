// Exponential functions and logarithms in fdlibm's forms: the same bits wherever arithmetic is that of IEEE 754.
//
// Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
// Developed at SunSoft, a Sun Microsystems, Inc. business.
// Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
import { highWord, twoTo, withoutLowWord } from './words.ts'

const ln2High = 0.6931471803691238
const ln2Low = 1.9082149292705877e-10
const inverseLn2 = Math.LOG2E

/** e ** x. Source: fdlibm 5.3, e_exp.c; exp(1) is the double that is nearest to e. */
export function exp(x: number): number {
  const size = Math.abs(x)
  // Also where x is NaN.
  if (!(size < 709.7822265625)) {
    if (x > 709.782712893384) return Number.POSITIVE_INFINITY
    if (x < -745.1332191019411) return 0
    if (Number.isNaN(x)) return x
  }
  let k = 0
  let high = x
  let low = 0
  let r = x
  if (size >= 0.3465735912322998) {
    if (x === 1) return Math.E
    if (size < 1.0397205352783203) k = x < 0 ? -1 : 1
    else k = Math.trunc(inverseLn2 * x + (x < 0 ? -0.5 : 0.5))
    high = x - k * ln2High
    low = k * ln2Low
    r = high - low
  } else if (size < 3.725290298461914e-9) return 1 + x
  const t = r * r
  const c =
    r -
    t *
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t * (0.00006613756321437934 + t * (-0.0000016533902205465252 + t * 4.1381367970572385e-8))))
  if (k === 0) return 1 - ((r * c) / (c - 2) - r)
  const y = 1 - (low - (r * c) / (2 - c) - high)
  if (k < -1021) return y * twoTo(k + 1000) * twoTo(-1000)
  return k === 1024 ? y * 2 * twoTo(1023) : y * twoTo(k)
}

/** e ** x - 1. Source: fdlibm 5.3, s_expm1.c. */
export function expm1(x: number): number {
  const size = Math.abs(x)
  // 56 ln 2. Also where x is NaN.
  if (!(size < 38.81622314453125)) {
    if (Number.isNaN(x)) return x
    if (x > 709.782712893384) return Number.POSITIVE_INFINITY
    if (x < 0) return -1
  }
  let k = 0
  let r = x
  let c = 0
  if (size >= 0.3465735912322998) {
    if (size < 1.0397205352783203) k = x < 0 ? -1 : 1
    else k = Math.trunc(inverseLn2 * x + (x < 0 ? -0.5 : 0.5))
    const high = x - k * ln2High
    const low = k * ln2Low
    r = high - low
    c = high - r - low
  } else if (size < 5.551115123125783e-17) return x
  const half = 0.5 * r
  const square = r * half
  const r1 =
    1 +
    square *
      (-0.03333333333333313 +
        square *
          (0.0015873015872548146 +
            square * (-0.0000793650757867488 + square * (0.000004008217827329362 + square * -2.0109921818362437e-7))))
  const t = 3 - r1 * half
  let e = square * ((r1 - t) / (6 - r * t))
  if (k === 0) return r - (r * e - square)
  e = r * (e - c) - c - square
  if (k === -1) return 0.5 * (r - e) - 0.5
  if (k === 1) return r < -0.25 ? -2 * (e - (r + 0.5)) : 1 + 2 * (r - e)
  if (k <= -2 || k > 56) {
    const y = 1 - (e - r)
    return (k === 1024 ? y * 2 * twoTo(1023) : y * twoTo(k)) - 1
  }
  if (k < 20) return (1 - twoTo(-k) - (e - r)) * twoTo(k)
  return (r - (e + twoTo(-k)) + 1) * twoTo(k)
}

/** The natural logarithm. Source: fdlibm 5.3, e_log.c. */
export function log(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return outside(x)
  let k = 0
  let value = x
  if (x < twoTo(-1022)) {
    k = -54
    value = x * twoTo(54)
  }
  const bits = highWord(value)
  const fraction = bits & 0xfffff
  // Where value times 2^-shift lies between sqrt(1/2) and sqrt(2).
  const shift = (bits >> 20) - 1023 + ((fraction + 0x95f64) >> 20)
  k += shift
  const f = value * twoTo(-shift) - 1
  if ((0xfffff & (2 + fraction)) < 3) {
    if (f === 0) return k * ln2High + k * ln2Low
    const rest = f * f * (0.5 - 0.3333333333333333 * f)
    return k === 0 ? f - rest : k * ln2High - (rest - k * ln2Low - f)
  }
  const s = f / (2 + f)
  const rest = seriesOf(s * s)
  if (((fraction - 0x6147a) | (0x6b851 - fraction)) > 0) {
    const square = 0.5 * f * f
    return k === 0
      ? f - (square - s * (square + rest))
      : k * ln2High - (square - (s * (square + rest) + k * ln2Low) - f)
  }
  return k === 0 ? f - s * (f - rest) : k * ln2High - (s * (f - rest) - k * ln2Low - f)
}

/** log(1 + x). Source: fdlibm 5.3, s_log1p.c. */
export function log1p(x: number): number {
  if (!(x > -1 && x < Number.POSITIVE_INFINITY)) return outside(1 + x)
  let k = 0
  let f = x
  let fraction = 1
  let c = 0
  const high = highWord(x)
  const size = high & 0x7fffffff
  if (high < 0x3fda827a && size < 0x3e200000) return size < 0x3c900000 ? x : x - x * x * 0.5
  if (high >= 0x3fda827a || (high < 0 && high > (0xbfd2bec4 | 0))) {
    const u = size < 0x43400000 ? 1 + x : x
    const bits = highWord(u)
    k = (bits >> 20) - 1023
    if (size < 0x43400000) c = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u
    fraction = bits & 0xfffff
    if (fraction >= 0x6a09e) {
      k++
      fraction = (0x100000 - fraction) >> 2
    }
    f = u * twoTo(-k) - 1
  }
  const square = 0.5 * f * f
  if (fraction === 0) {
    if (f === 0) return k === 0 ? 0 : k * ln2High + (c + k * ln2Low)
    const rest = square * (1 - 0.6666666666666666 * f)
    return k === 0 ? f - rest : k * ln2High - (rest - (k * ln2Low + c) - f)
  }
  const s = f / (2 + f)
  const z = s * s
  const rest =
    z *
    (0.6666666666666735 +
      z *
        (0.3999999999940942 +
          z *
            (0.2857142874366239 +
              z *
                (0.22222198432149784 +
                  z * (0.1818357216161805 + z * (0.15313837699209373 + z * 0.14798198605116586))))))
  return k === 0
    ? f - (square - s * (square + rest))
    : k * ln2High - (square - (s * (square + rest) + (k * ln2Low + c)) - f)
}

/** The logarithm to base 2, exact for powers of two. Source: FreeBSD msun, e_log2.c and k_log.h. */
export function log2(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return outside(x)
  if (x === 1) return 0
  const subnormal = x < twoTo(-1022)
  const value = subnormal ? x * twoTo(54) : x
  const bits = highWord(value)
  const fraction = bits & 0xfffff
  const shift = (bits >> 20) - 1023 + ((fraction + 0x95f64) >> 20)
  const k = shift - (subnormal ? 54 : 0)
  const f = value * twoTo(-shift) - 1
  const square = 0.5 * f * f
  const s = f / (2 + f)
  const rest = s * (square + seriesOf(s * s))
  const high = withoutLowWord(f - square)
  const low = f - high - square + rest
  const upper = high * 1.4426950407214463
  const lower = (low + high) * 1.6751713164886512e-10 + low * 1.4426950407214463
  const sum = k + upper
  return lower + (k - sum + upper) + sum
}

/** The logarithm to base 10. Source: fdlibm 5.3, e_log10.c. */
export function log10(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return outside(x)
  if (x === 1) return 0
  const subnormal = x < twoTo(-1022)
  const value = subnormal ? x * twoTo(54) : x
  const bits = highWord(value)
  const k = (bits >> 20) - 1023 - (subnormal ? 54 : 0)
  const negative = k < 0 ? 1 : 0
  const y = k + negative
  const rest = value * twoTo(-y - (subnormal ? 54 : 0))
  return y * 3.694239077158931e-13 + Math.LOG10E * log(rest) + y * 0.30102999566361177
}

/** Logarithms of what is no positive number: of 0 and infinity, NaN for others. */
function outside(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY
  return x > 0 ? x : Number.NaN
}

/** log((1 + s) / (1 - s)) = 2 s + s R(s * s). */
function seriesOf(z: number): number {
  const w = z * z
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373))
  const odd = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)))
  return odd + even
}

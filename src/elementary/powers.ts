// Powers, cube roots and lengths in the forms of fdlibm and of V8: the same bits wherever arithmetic is that of IEEE 754.
//
// Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
// Developed at SunSoft, a Sun Microsystems, Inc. business.
// Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
import { fromHighWord, fromWords, highWord, lowWord, twoTo, withoutLowWord } from './words.ts'

/** x * x, which every engine gives to the bit. */
export function square(x: number): number {
  return x * x
}

/** x ** y. Source: fdlibm 5.3, e_pow.c, with ECMAScript's results where x is 1 or -1 and y infinite. */
export function pow(x: number, y: number): number {
  return y === 2 ? x * x : powerOf(x, y)
}

function powerOf(x: number, y: number): number {
  if (y === 0) return 1
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN
  if (y === 1) return x
  if (y === -1) return 1 / x
  if (y === 0.5 && x >= 0) return Math.sqrt(x + 0)
  const size = Math.abs(x)
  const whole = y === Math.trunc(y)
  const odd = whole && Math.abs(y) < 9007199254740992 && y % 2 !== 0
  if (Math.abs(y) === Number.POSITIVE_INFINITY) {
    if (size === 1) return Number.NaN
    return size > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0
  }
  if (size === 0 || size === Number.POSITIVE_INFINITY || size === 1) {
    const z = y < 0 ? 1 / size : size
    if (x < 0 && size === 1 && !whole) return Number.NaN
    return odd && (x < 0 || 1 / x < 0) ? -z : z
  }
  if (x < 0 && !whole) return Number.NaN
  return x < 0 && odd ? -positivePower(size, y) : positivePower(size, y)
}

const inverseLn2 = Math.LOG2E
const inverseLn2High = 1.4426950216293335
const inverseLn2Low = 1.9259629911266175e-8

/** x ** y for finite x > 0 but 1, and finite y. */
function positivePower(x: number, y: number): number {
  const size = highWord(x)
  const far = Math.abs(y) >= 2147485696
  // The logarithm of x to base 2 in two parts.
  let high: number
  let low: number
  if (far) {
    if (size < 0x3fefffff || (size <= 0x3fefffff && highWord(Math.abs(y)) > 0x43f00000))
      return y < 0 ? Number.POSITIVE_INFINITY : 0
    if (size > 0x3ff00000 || (size >= 0x3ff00000 && highWord(Math.abs(y)) > 0x43f00000))
      return y > 0 ? Number.POSITIVE_INFINITY : 0
    const t = x - 1
    const w = t * t * (0.5 - t * (0.3333333333333333 - t * 0.25))
    const u = inverseLn2High * t
    const v = t * inverseLn2Low - w * inverseLn2
    high = withoutLowWord(u + v)
    low = v - (high - u)
  } else {
    const subnormal = size < 0x100000
    const value = subnormal ? x * twoTo(53) : x
    const bits = subnormal ? highWord(value) : size
    const fraction = bits & 0xfffff
    // Near 1, below sqrt(3/2), or near 1.5, below sqrt(3); else half of it is near 1.
    const near = fraction > 0x3988e && fraction < 0xbb67a
    const above = fraction >= 0xbb67a ? 1 : 0
    const shift = (bits >> 20) - 0x3ff + above
    const n = shift - (subnormal ? 53 : 0)
    const ax = value * twoTo(-shift)
    const base = near ? 1.5 : 1
    const u = ax - base
    const v = 1 / (ax + base)
    const ss = u * v
    const sHigh = withoutLowWord(ss)
    // ax + base with its last bits zero.
    let tHigh = base + 1 + (above === 1 ? -0.5 + (fraction >> 1) * twoTo(-20) : (fraction >> 1) * twoTo(-19))
    let tLow = ax - (tHigh - base)
    const sLow = v * (u - sHigh * tHigh - sHigh * tLow)
    let s2 = ss * ss
    let r =
      s2 *
      s2 *
      (0.5999999999999946 +
        s2 *
          (0.4285714285785502 +
            s2 *
              (0.33333332981837743 + s2 * (0.272728123808534 + s2 * (0.23066074577556175 + s2 * 0.20697501780033842)))))
    r += sLow * (sHigh + ss)
    s2 = sHigh * sHigh
    tHigh = withoutLowWord(3 + s2 + r)
    tLow = r - (tHigh - 3 - s2)
    const upper = sHigh * tHigh
    const lower = sLow * tHigh + tLow * ss
    const pHigh = withoutLowWord(upper + lower)
    const pLow = lower - (pHigh - upper)
    const zHigh = 0.9617967009544373 * pHigh
    const zLow = -7.028461650952758e-9 * pHigh + pLow * 0.9617966939259756 + (near ? 1.350039202129749e-8 : 0)
    const baseHigh = near ? 0.5849624872207642 : 0
    high = withoutLowWord(zHigh + zLow + baseHigh + n)
    low = zLow - (high - n - baseHigh - zHigh)
  }
  const yHigh = withoutLowWord(y)
  return exp2((y - yHigh) * high + y * low, yHigh * high)
}

/** 2 ** (high + low). */
function exp2(low: number, high: number): number {
  const z = low + high
  if (z >= 1024 && (z > 1024 || low + 8.008566259537294e-17 > z - high)) return Number.POSITIVE_INFINITY
  if (z <= -1075 && (z < -1075 || low <= z - high)) return 0
  const size = withoutLowWord(Math.abs(z))
  const n = size > 0.5 ? (z < 0 ? -Math.floor(size + 0.5) : Math.floor(size + 0.5)) : 0
  const rest = high - n
  const t = withoutLowWord(low + rest)
  const u = t * 0.6931471824645996
  const v = (low - (t - rest)) * Math.LN2 + t * -1.904654299957768e-9
  const x = u + v
  const w = v - (x - u)
  const square = x * x
  const t1 =
    x -
    square *
      (0.16666666666666602 +
        square *
          (-0.0027777777777015593 +
            square * (0.00006613756321437934 + square * (-0.0000016533902205465252 + square * 4.1381367970572385e-8))))
  // As in V8 until Node 22: fdlibm subtracts the last term from the quotient. Both are within one unit in the last place.
  const r = (x * t1) / (t1 - 2 - (w + x * w))
  const y = 1 - (r - x)
  if (n >= 1024) return y * twoTo(n - 1) * 2
  return n < -1021 ? y * twoTo(n + 100) * twoTo(-100) : y * twoTo(n)
}

/** The cube root. Source: FreeBSD msun, s_cbrt.c. */
export function cbrt(x: number): number {
  const size = Math.abs(x)
  if (size === 0 || !(size < Number.POSITIVE_INFINITY)) return x
  const subnormal = size < twoTo(-1022)
  const bits = highWord(subnormal ? size * twoTo(54) : size)
  let t = fromHighWord(Math.trunc(bits / 3) + (subnormal ? 696219795 : 715094163))
  if (x < 0) t = -t
  const r = t * t * (t / x)
  t *=
    1.87595182427177 +
    r * (-1.8849797954337717 + r * 1.6214297201053545) +
    r * r * r * (-0.758397934778766 + r * 0.14599619288661245)
  // Rounded to 23 bits, away from zero.
  const low = lowWord(t)
  t = fromWords(highWord(t) + (low >= 0x80000000 ? 1 : 0), (low + 0x80000000) & 0xc0000000)
  const quotient = x / (t * t)
  return t + t * ((quotient - t) / (t + t + quotient))
}

/** The length of a vector, without overflow between. Source: V8's form, by Kahan's sum over the shares of the largest. */
export function hypot(x: number, y: number): number {
  const a = Math.abs(x)
  const b = Math.abs(y)
  const largest = a > b ? a : b
  // Also where one is NaN.
  if (!(largest > 0 && largest < Number.POSITIVE_INFINITY && a <= largest && b <= largest)) return hypotOf([x, y])
  const first = a / largest
  const second = b / largest
  const sum = first * first
  const summand = second * second
  return Math.sqrt(sum + summand) * largest
}

/** The length of a vector of any size. */
export function hypotOf(values: readonly number[]): number {
  let largest = 0
  let anyNaN = false
  for (const value of values) {
    const size = Math.abs(value)
    if (size === Number.POSITIVE_INFINITY) return size
    if (Number.isNaN(size)) anyNaN = true
    else if (size > largest) largest = size
  }
  if (anyNaN) return Number.NaN
  if (largest === 0) return 0
  let sum = 0
  let compensation = 0
  for (const value of values) {
    const share = Math.abs(value) / largest
    const summand = share * share - compensation
    const next = sum + summand
    compensation = next - sum - summand
    sum = next
  }
  return Math.sqrt(sum) * largest
}

// Arcsine, arccosine and arctangent in fdlibm's forms: the same bits wherever arithmetic is that of IEEE 754.
//
// Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
// Developed at SunSoft, a Sun Microsystems, Inc. business.
// Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
import { highWord, withoutLowWord } from './words.ts'

const halfPi = Math.PI / 2
const halfPiLow = 6.123233995736766e-17
const quarterPi = Math.PI / 4

/** Source: fdlibm 5.3, e_asin.c. */
export function asin(x: number): number {
  const size = Math.abs(x)
  if (!(size < 1)) return size === 1 ? x * halfPi + x * halfPiLow : Number.NaN
  if (size < 0.5) return size < 7.450580596923828e-9 ? x : x + x * shareOf(x * x)
  const t = (1 - size) * 0.5
  const s = Math.sqrt(t)
  const share = shareOf(t)
  let y: number
  if (size >= 0.9749999046325684) y = halfPi - (2 * (s + s * share) - halfPiLow)
  else {
    const w = withoutLowWord(s)
    const c = (t - w * w) / (s + w)
    const p = 2 * s * share - (halfPiLow - 2 * c)
    y = quarterPi - (p - (quarterPi - 2 * w))
  }
  return x > 0 ? y : -y
}

/** Source: fdlibm 5.3, e_acos.c. */
export function acos(x: number): number {
  const size = Math.abs(x)
  if (!(size < 1)) {
    if (size !== 1) return Number.NaN
    return x > 0 ? 0 : Math.PI + 2 * halfPiLow
  }
  if (size < 0.5) {
    if (size < 6.938897756265548e-18) return halfPi + halfPiLow
    return halfPi - (x - (halfPiLow - x * shareOf(x * x)))
  }
  const z = (1 - size) * 0.5
  const s = Math.sqrt(z)
  const share = shareOf(z)
  if (x < 0) return Math.PI - 2 * (s + (share * s - halfPiLow))
  const high = withoutLowWord(s)
  const c = (z - high * high) / (s + high)
  return 2 * (high + (share * s + c))
}

/** (asin(x) - x) / x for z = x * x up to 1/4. */
function shareOf(z: number): number {
  const p =
    z *
    (0.16666666666666666 +
      z *
        (-0.3255658186224009 +
          z *
            (0.20121253213486293 +
              z * (-0.04005553450067941 + z * (0.0007915349942898145 + z * 0.00003479331075960212)))))
  const q =
    1 + z * (-2.403394911734414 + z * (2.0209457602335057 + z * (-0.6882839716054533 + z * 0.07703815055590194)))
  return p / q
}

/** Source: fdlibm 5.3, s_atan.c. */
export function atan(x: number): number {
  const size = Math.abs(x)
  // Also where x is NaN.
  if (!(size < 73786976294838210000)) {
    if (Number.isNaN(x)) return x
    return x > 0 ? halfPi + halfPiLow : -halfPi - halfPiLow
  }
  if (size < 0.4375) return size < 7.450580596923828e-9 ? x : x - x * seriesOf(x)
  let t: number
  let high: number
  let low: number
  if (size < 0.6875) {
    t = (2 * size - 1) / (2 + size)
    high = 0.4636476090008061
    low = 2.2698777452961687e-17
  } else if (size < 1.1875) {
    t = (size - 1) / (size + 1)
    high = 0.7853981633974483
    low = 3.061616997868383e-17
  } else if (size < 2.4375) {
    t = (size - 1.5) / (1 + 1.5 * size)
    high = 0.982793723247329
    low = 1.3903311031230998e-17
  } else {
    t = -1 / size
    high = halfPi
    low = halfPiLow
  }
  const y = high - (t * seriesOf(t) - low - t)
  return x < 0 ? -y : y
}

/** (t - atan(t)) / t for |t| up to 7/16. */
function seriesOf(t: number): number {
  const z = t * t
  const w = z * z
  const odd =
    z *
    (0.3333333333333293 +
      w *
        (0.14285714272503466 +
          w *
            (0.09090887133436507 + w * (0.06661073137387531 + w * (0.049768779946159324 + w * 0.016285820115365782)))))
  const even =
    w *
    (-0.19999999999876483 +
      w * (-0.11111110405462356 + w * (-0.0769187620504483 + w * (-0.058335701337905735 + w * -0.036531572744216916))))
  return odd + even
}

/** The angle of (x, y). Source: fdlibm 5.3, e_atan2.c. */
export function atan2(y: number, x: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN
  const isLeft = x < 0 || 1 / x < 0
  const isBelow = y < 0 || 1 / y < 0
  const signed = (angle: number) => (isBelow ? -angle : angle)
  if (y === 0) return signed(isLeft ? Math.PI : 0)
  if (x === 0) return signed(halfPi)
  const width = Math.abs(x)
  const height = Math.abs(y)
  if (width === Number.POSITIVE_INFINITY) {
    if (height === Number.POSITIVE_INFINITY) return signed(isLeft ? 3 * quarterPi : quarterPi)
    return signed(isLeft ? Math.PI : 0)
  }
  if (height === Number.POSITIVE_INFINITY) return signed(halfPi)
  const steep = (highWord(height) - highWord(width)) >> 20
  if (steep > 60) return signed(halfPi + 0.5 * 1.2246467991473532e-16)
  const angle = isLeft && steep < -60 ? 0 : atan(Math.abs(y / x))
  return signed(isLeft ? Math.PI - (angle - 1.2246467991473532e-16) : angle)
}

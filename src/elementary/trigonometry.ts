// Sine, cosine and tangent in fdlibm's forms: the same bits wherever arithmetic is that of IEEE 754.
//
// Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
// Developed at SunSoft, a Sun Microsystems, Inc. business.
// Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
import { highWord, lowWord, twoTo, withoutLowWord } from './words.ts'

/** pi / 4, by its high word. */
const quarterTurn = 0.7853984832763672

/** Source: fdlibm 5.3, s_sin.c. */
export function sin(x: number): number {
  if (Math.abs(x) < quarterTurn) return sine(x, 0)
  if (!Number.isFinite(x)) return Number.NaN
  const quadrant = reduce(x)
  const y = quadrant & 1 ? cosine(rest[0]!, rest[1]!) : sine(rest[0]!, rest[1]!)
  return quadrant & 2 ? -y : y
}

/** Source: fdlibm 5.3, s_cos.c. */
export function cos(x: number): number {
  if (Math.abs(x) < quarterTurn) return cosine(x, 0)
  if (!Number.isFinite(x)) return Number.NaN
  const quadrant = reduce(x)
  const y = quadrant & 1 ? sine(rest[0]!, rest[1]!) : cosine(rest[0]!, rest[1]!)
  return (quadrant + 1) & 2 ? -y : y
}

/** Source: fdlibm 5.3, s_tan.c. */
export function tan(x: number): number {
  if (Math.abs(x) < quarterTurn) return tangent(x, 0, false)
  if (!Number.isFinite(x)) return Number.NaN
  const quadrant = reduce(x)
  return tangent(rest[0]!, rest[1]!, (quadrant & 1) === 1)
}

/** sin(x + low) for |x| up to pi / 4. Source: fdlibm 5.3, k_sin.c. */
function sine(x: number, low: number): number {
  if (Math.abs(x) < 7.450580596923828e-9) return x
  const z = x * x
  const v = z * x
  const r =
    0.00833333333332249 +
    z *
      (-0.0001984126982985795 +
        z * (0.0000027557313707070068 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)))
  if (low === 0) return x + v * (-0.16666666666666632 + z * r)
  return x - (z * (0.5 * low - v * r) - low - v * -0.16666666666666632)
}

/** cos(x + low) for |x| up to pi / 4. Source: fdlibm 5.3, k_cos.c. */
function cosine(x: number, low: number): number {
  const size = Math.abs(x)
  if (size < 7.450580596923828e-9) return 1
  const z = x * x
  const r =
    z *
    (0.0416666666666666 +
      z *
        (-0.001388888888887411 +
          z *
            (0.00002480158728947673 +
              z * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 + z * -1.1359647557788195e-11)))))
  if (size < 0.2999999523162842) return 1 - (0.5 * z - (z * r - x * low))
  const part = size >= 0.7812504768371582 ? 0.28125 : withoutLowWord(size) / 4
  return 1 - part - (0.5 * z - part - (z * r - x * low))
}

/** tan(x + low) for |x| up to pi / 4, or -1 / tan. Source: fdlibm 5.3, k_tan.c. */
function tangent(x: number, low: number, inverse: boolean): number {
  const size = Math.abs(x)
  if (size < 3.725290298461914e-9) {
    if (!inverse) return x
    if (size === 0) return Number.POSITIVE_INFINITY
    return inverseOf(x, low)
  }
  const isLarge = size >= 0.6743354797363281
  let value = x
  let rest = low
  if (isLarge) {
    if (x < 0) {
      value = -x
      rest = -low
    }
    value = 0.7853981633974483 - value + (3.061616997868383e-17 - rest)
    rest = 0
  }
  const z = value * value
  const w = z * z
  const odd =
    0.13333333333320124 +
    w *
      (0.021869488294859542 +
        w *
          (0.0035920791075913124 +
            w * (0.0005880412408202641 + w * (0.00007817944429395571 + w * -0.000018558637485527546))))
  const even =
    z *
    (0.05396825397622605 +
      w *
        (0.0088632398235993 +
          w *
            (0.0014562094543252903 +
              w * (0.0002464631348184699 + w * (0.00007140724913826082 + w * 0.00002590730518636337)))))
  const s = z * value
  const r = rest + z * (s * (odd + even) + rest) + 0.3333333333333341 * s
  const t = value + r
  if (isLarge) {
    const v = inverse ? -1 : 1
    return (x < 0 ? -1 : 1) * (v - 2 * (value - ((t * t) / (t + v) - r)))
  }
  return inverse ? inverseOf(value, r) : t
}

/** -1 / (x + low), to more bits than a division has. */
function inverseOf(x: number, low: number): number {
  const sum = x + low
  const z = withoutLowWord(sum)
  const v = low - (z - x)
  const a = -1 / sum
  const t = withoutLowWord(a)
  return t + a * (1 + t * z + t * v)
}

/** x less the nearest multiple of pi / 2, in two parts: kept here, so that no call allocates. */
const rest = new Float64Array(2)

const halfPi1 = 1.5707963267341256
const halfPi1Low = 6.077100506506192e-11
const halfPi2 = 6.077100506303966e-11
const halfPi2Low = 2.0222662487959506e-21
const halfPi3 = 2.0222662487111665e-21
const halfPi3Low = 8.4784276603689e-32
const multiples = Int32Array.from({ length: 32 }, (_, n) => highWord(n * (Math.PI / 2)))

/** Leaves the rest of a finite x beyond pi / 4 in `rest`; how many quarter turns were taken off. Source: fdlibm 5.3, e_rem_pio2.c. */
function reduce(x: number): number {
  const size = Math.abs(x)
  const bits = highWord(size)
  if (bits > 0x413921fb) return reduceFar(x)
  const n = Math.trunc(size * 0.6366197723675814 + 0.5)
  const direct = bits < 0x4002d97c
  let r = size - n * halfPi1
  let w = n * halfPi1Low
  let y = r - w
  if (direct ? bits === 0x3ff921fb : n >= 32 || bits === multiples[n]) {
    const exponent = bits >> 20
    if (direct || exponent - ((highWord(y) >> 20) & 0x7ff) > 16) {
      let t = r
      w = n * halfPi2
      r = t - w
      w = n * halfPi2Low - (t - r - w)
      y = r - w
      if (!direct && exponent - ((highWord(y) >> 20) & 0x7ff) > 49) {
        t = r
        w = n * halfPi3
        r = t - w
        w = n * halfPi3Low - (t - r - w)
        y = r - w
      }
    }
  }
  const low = r - y - w
  rest[0] = x < 0 ? -y : y
  rest[1] = x < 0 ? -low : low
  return x < 0 ? -n : n
}

/** 2 / pi times 2^1216 and pi / 2 times 2^128. */
const inverseHalfPi =
  0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2e006492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484e99c7026b45f7e413991d639835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74f463f669e5fea2d7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6babn
const halfPi = 0x1921fb54442d18469898cc51701b839a2n

/** The same for |x| from 2^19 pi / 2, in whole numbers. */
function reduceFar(x: number): number {
  const size = Math.abs(x)
  const high = highWord(size)
  const mantissa = (BigInt((high & 0xfffff) | 0x100000) << 32n) | BigInt(lowWord(size))
  // Quarter turns with 192 bits after the point.
  const turns = (mantissa * inverseHalfPi) >> BigInt(1216 - 192 - ((high >> 20) - 1075))
  const whole = (turns + (1n << 191n)) >> 192n
  const y = (turns - (whole << 192n)) * halfPi
  const nearest = Number(y)
  const scale = twoTo(-320) * (x < 0 ? -1 : 1)
  rest[0] = nearest * scale
  rest[1] = Number(y - BigInt(nearest)) * scale
  const n = Number(whole & 3n)
  return x < 0 ? -n : n
}

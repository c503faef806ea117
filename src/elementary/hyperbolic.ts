// Hyperbolic functions and their inverses in fdlibm's forms: the same bits wherever arithmetic is that of IEEE 754.
//
// Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
// Developed at SunSoft, a Sun Microsystems, Inc. business.
// Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
import { exp, expm1, log, log1p } from './exponentials.ts'

/** exp is infinite beyond, half of it up to here not yet. */
const overflow = 710.4758600739439

/** Source: fdlibm 5.3, e_sinh.c. */
export function sinh(x: number): number {
  const size = Math.abs(x)
  const half = x < 0 ? -0.5 : 0.5
  if (size < 22) {
    if (size < 3.725290298461914e-9) return x
    const t = expm1(size)
    return size < 1 ? half * (2 * t - (t * t) / (t + 1)) : half * (t + t / (t + 1))
  }
  if (size < 709.7822265625) return half * exp(size)
  if (!(size <= overflow)) return x * Number.POSITIVE_INFINITY
  const w = exp(0.5 * size)
  return half * w * w
}

/** Source: fdlibm 5.3, e_cosh.c. */
export function cosh(x: number): number {
  const size = Math.abs(x)
  if (size < 0.3465735912322998) {
    const t = expm1(size)
    const w = 1 + t
    return size < 2.7755575615628914e-17 ? w : 1 + (t * t) / (w + w)
  }
  if (size < 22) {
    const t = exp(size)
    return 0.5 * t + 0.5 / t
  }
  if (size < 709.7822265625) return 0.5 * exp(size)
  if (!(size <= overflow)) return size * Number.POSITIVE_INFINITY
  const w = exp(0.5 * size)
  return 0.5 * w * w
}

/** Source: fdlibm 5.3, s_tanh.c. */
export function tanh(x: number): number {
  const size = Math.abs(x)
  if (!(size < 22)) return x > 0 ? 1 : x < 0 ? -1 : x
  if (size < 3.725290298461914e-9) return x
  let z: number
  if (size >= 1) z = 1 - 2 / (expm1(2 * size) + 2)
  else {
    const t = expm1(-2 * size)
    z = -t / (t + 2)
  }
  return x < 0 ? -z : z
}

/** Source: fdlibm 5.3, s_asinh.c. */
export function asinh(x: number): number {
  const size = Math.abs(x)
  if (!(size >= 3.725290298461914e-9 && size < Number.POSITIVE_INFINITY)) return x
  let y: number
  if (size >= 268435712) y = log(size) + Math.LN2
  else if (size >= 2.000001907348633) y = log(2 * size + 1 / (Math.sqrt(x * x + 1) + size))
  else {
    const t = x * x
    y = log1p(size + t / (1 + Math.sqrt(1 + t)))
  }
  return x < 0 ? -y : y
}

/** Source: fdlibm 5.3, e_acosh.c. */
export function acosh(x: number): number {
  if (!(x >= 1)) return Number.NaN
  if (x >= 268435456) return log(x) + Math.LN2
  if (x >= 2.000001907348633) return log(2 * x - 1 / (x + Math.sqrt(x * x - 1)))
  const t = x - 1
  return log1p(t + Math.sqrt(2 * t + t * t))
}

/** Source: fdlibm 5.3, e_atanh.c. */
export function atanh(x: number): number {
  const size = Math.abs(x)
  if (!(size < 1)) return size === 1 ? x * Number.POSITIVE_INFINITY : Number.NaN
  if (size < 3.725290298461914e-9) return x
  const t = size + size
  const y = 0.5 * log1p(size < 0.5 ? t + (t * size) / (1 - size) : t / (1 - size))
  return x < 0 ? -y : y
}

// The logarithm of the gamma function and its first two derivatives, for arguments above 0, in double precision.
import { log } from '../../elementary.ts'

/**
 * log Gamma(x): Stirling's series from 10 on, its terms' coefficients B_2k / (2k (2k - 1)), reached by Gamma(x + 1) = x Gamma(x)
 * (Abramowitz and Stegun 1964, 6.1.41). Error below 1e-13.
 */
export function logGamma(x: number): number {
  let [shift, at] = [0, x]
  for (; at < 10; at++) shift -= log(at)
  const inverse = 1 / at
  const square = inverse * inverse
  const series =
    inverse *
    (1 / 12 -
      square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188 - (square * 691) / 360360)))))
  return shift + (at - 0.5) * log(at) - at + log(2 * Math.PI) / 2 + series
}

/** psi(x) = d log Gamma / dx (Abramowitz and Stegun 1964, 6.3.18 and 6.3.5). */
export function digamma(x: number): number {
  let [shift, at] = [0, x]
  for (; at < 10; at++) shift -= 1 / at
  const square = 1 / (at * at)
  const series =
    square *
    (1 / 12 -
      square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square * (1 / 132 - (square * 691) / 32760)))))
  return shift + log(at) - 1 / (2 * at) - series
}

/** psi'(x) (Abramowitz and Stegun 1964, 6.4.12 and 6.4.6). */
export function trigamma(x: number): number {
  let [shift, at] = [0, x]
  for (; at < 10; at++) shift += 1 / (at * at)
  const inverse = 1 / at
  const square = inverse * inverse
  const series =
    square *
    inverse *
    (1 / 6 - square * (1 / 30 - square * (1 / 42 - square * (1 / 30 - square * (5 / 66 - (square * 691) / 2730)))))
  return shift + inverse + square / 2 + series
}

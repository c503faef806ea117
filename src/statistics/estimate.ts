// A mean over independent values, and how well it is known.
import { expm1, pow, square, tan } from '../elementary.ts'

export interface Estimate {
  readonly mean: number
  readonly standardError: number
  /** The 95 percent t interval of the mean, [low, high]; NaN of a single value. */
  readonly low: number
  readonly high: number
}

/** Mean, standard error and 95 percent t interval (Student 1908) of independent values. */
export function estimate(values: ArrayLike<number>): Estimate {
  const count = values.length
  const mean = sumOf(values, value => value) / count
  const squares = sumOf(values, value => square(value - mean))
  const standardError = Math.sqrt(squares / Math.max(1, count - 1) / count)
  const half = count < 2 ? Number.NaN : standardError * studentQuantile(count - 1)
  return { mean, standardError, low: mean - half, high: mean + half }
}

/** The 0.975 quantile of Student's t (G. W. Hill 1970, Algorithm 396 of the CACM), to about six digits. */
export function studentQuantile(degreesOfFreedom: number): number {
  const n = degreesOfFreedom
  const tails = 0.05
  if (n === 1) return 1 / tan((tails * Math.PI) / 2)
  if (n === 2) return Math.sqrt(2 / (tails * (2 - tails)) - 2)
  const a = 1 / (n - 0.5)
  const b = 48 / (a * a)
  const c = ((20_700 * a) / b - 98) * a * a - 16 * a + 96.36
  const d = ((94.5 / (b + c) - 3) / b + 1) * Math.sqrt((a * Math.PI) / 2) * n
  const y = pow(d * tails, 2 / n)
  return Math.sqrt(n * (y > 0.05 + a ? fromNormal(n, a, b, c, d) : fromTail(n, d, y)))
}

/** Hill's expansion about the normal quantile. */
function fromNormal(n: number, a: number, b: number, c: number, d: number): number {
  const x = -1.959963984540054
  const small = n < 5 ? 0.3 * (n - 4.5) * (x + 0.6) : 0
  const e = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c + small
  const y = x * x
  const z = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / e - y - 3) / b + 1) * x
  return expm1(a * z * z)
}

/** Hill's expansion far out. */
function fromTail(n: number, d: number, y: number): number {
  const inner = (1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) + 0.5 / (n + 4)) * y - 1
  return (inner * (n + 1)) / (n + 2) + 1 / y
}

function sumOf(values: ArrayLike<number>, term: (value: number) => number): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += term(values[i]!)
  return sum
}

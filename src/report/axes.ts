// Axes of a plot: which numbers stand on them, and where a number lies.
import { log10, pow } from '../elementary.ts'

/** From numbers to pixels. */
export interface Scale {
  readonly low: number
  readonly high: number
  readonly ticks: readonly number[]
  (value: number): number
}

/** A linear scale over some numbers with a little air, onto `from` ... `to` pixels. */
export function scaleOf(values: readonly number[], from: number, to: number, wantedTicks: number, air = 0.04): Scale {
  const finite = values.filter(Number.isFinite)
  let [low, high] = finite.length === 0 ? [0, 1] : [Math.min(...finite), Math.max(...finite)]
  if (low === high) {
    const room = Math.abs(low) * 0.05 || 1
    low -= room
    high += room
  }
  const room = air * (high - low)
  low -= room
  high += room
  const place = (value: number) => from + ((value - low) / (high - low)) * (to - from)
  return Object.assign(place, { low, high, ticks: ticksOf(low, high, wantedTicks) })
}

/** About `wanted` round numbers between two ends: steps of 1, 2 or 5 times a power of ten. */
export function ticksOf(low: number, high: number, wanted: number): number[] {
  const rough = (high - low) / Math.max(1, wanted)
  const power = pow(10, Math.floor(log10(rough)))
  const step = power * ([1, 2, 5, 10].find(factor => factor * power >= rough * 0.9999) ?? 10)
  const ticks: number[] = []
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    // Without negative zeros and the dust of binary fractions.
    ticks.push(Number((i * step).toPrecision(12)) + 0)
  }
  return ticks
}

/** A number as people write it on an axis: 60k, 1.5M, -0.25. */
export function tickText(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e6) return `${signed(value / 1e6, 2)}M`
  if (size >= 1e4) return `${signed(value / 1e3, 1)}k`
  return signed(value, 4)
}

/** A number of a table: three digits that mean something. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const digits = Math.abs(value) >= 100 ? 1 : Math.abs(value) >= 0.995 || value === 0 ? 2 : 3
  return value
    .toFixed(digits)
    .replace(/^-(?=[0.]+$)/, '')
    .replace('-', '−')
}

function signed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits))).replace('-', '−')
}

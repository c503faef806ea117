// What every backend's Adam checks: its settings, and the moments that it is given back.
import type { Saved } from '../types.ts'
import type { OptimizerConfig } from './backend.ts'
import { checkPositive } from './shapes.ts'

export interface AdamState {
  readonly steps: number
  /** The two moments, laid out like `parameters`. */
  readonly first: Float32Array
  readonly second: Float32Array
}

/** @throws RangeError for settings that make no sense. */
export function checkAdamConfig({ learningRate, beta1, beta2, epsilon, clip }: OptimizerConfig): void {
  checkPositive('optimizer: learningRate', learningRate)
  checkPositive('optimizer: epsilon', epsilon)
  checkDecay('beta1', beta1)
  checkDecay('beta2', beta2)
  if (clip !== null) checkPositive('optimizer: clip', clip)
}

/** @throws TypeError unless this is the saved state of an Adam over `count` parameters. */
export function checkAdamState(saved: Saved, count: number): AdamState {
  const { steps, first, second } = (saved ?? {}) as { [key: string]: Saved }
  const isMoment = (value: Saved | undefined): value is Float32Array =>
    value instanceof Float32Array && value.length === count
  if (typeof steps === 'number' && isMoment(first) && isMoment(second)) return { steps, first, second }
  throw new TypeError(`optimizer: restore expects { steps, first, second } with ${count} numbers in each moment`)
}

function checkDecay(name: string, value: number): void {
  if (!(value >= 0 && value < 1)) throw new RangeError(`optimizer: ${name} must be in [0, 1), got ${value}`)
}

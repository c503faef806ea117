// What every backend's optimizers check: their settings, and the state that they are given back.
import type { Saved } from '../../types.ts'
import type { AdamConfig, OptimizerConfig } from '../backend.ts'
import { checkPositive } from '../shapes.ts'

/** Whether a config is Adam's. */
export function isAdam(config: OptimizerConfig): config is OptimizerConfig & AdamConfig {
  return config.rule === undefined || config.rule === 'adam'
}

/** @throws RangeError for settings that make no sense, TypeError for a rule that is not known. */
export function checkOptimizerConfig(config: OptimizerConfig): void {
  checkPositive('optimizer: learningRate', config.learningRate)
  if (config.clip !== null) checkPositive('optimizer: clip', config.clip)
  if (isAdam(config)) {
    checkPositive('optimizer: epsilon', config.epsilon)
    checkDecay('beta1', config.beta1)
    checkDecay('beta2', config.beta2)
  } else if (config.rule === 'rmsProp') {
    checkPositive('optimizer: epsilon', config.epsilon)
    checkDecay('decay', config.decay)
    checkDecay('momentum', config.momentum ?? 0)
  } else if (config.rule === 'sgd') checkDecay('momentum', config.momentum ?? 0)
  else {
    const { rule } = config as { rule: unknown }
    throw new TypeError(`optimizer: rule must be adam, rmsProp or sgd, got ${rule}`)
  }
}

/**
 * The moments of an optimizer's saved state, by name, and its number of steps.
 * @throws TypeError unless that is the state of such an optimizer over `count` parameters.
 */
export function checkOptimizerState(
  saved: Saved,
  names: readonly string[],
  count: number,
): { readonly steps: number; readonly moments: Readonly<Record<string, Float32Array>> } {
  const state = (saved ?? {}) as { readonly [key: string]: Saved }
  const isMoment = (value: Saved | undefined): value is Float32Array =>
    value instanceof Float32Array && value.length === count
  if (typeof state.steps === 'number' && names.every(name => isMoment(state[name]))) {
    return { steps: state.steps, moments: state as Readonly<Record<string, Float32Array>> }
  }
  throw new TypeError(
    `optimizer: restore expects { ${['steps', ...names].join(', ')} } with ${count} numbers in each moment`,
  )
}

function checkDecay(name: string, value: number): void {
  if (!(value >= 0 && value < 1)) throw new RangeError(`optimizer: ${name} must be in [0, 1), got ${value}`)
}

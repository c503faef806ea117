// Update rules of optimizers: Adam, RMSProp, gradient descent with momentum; in plain loops over float32 numbers.

import { pow } from '../../elementary.ts'
import type { AdamConfig, MomentumConfig, OptimizerConfig, RmsPropConfig } from '../backend.ts'
import { isAdam } from './settings.ts'

/** An update rule with its moments, each laid out like `parameters`. */
export interface UpdateRule {
  readonly moments: Readonly<Record<string, Float32Array>>
  /** Prepares step number `steps`, counted from 1, at a learning rate. */
  begin(steps: number, learningRate: number): void
  /** Moves the parameters from ... end - 1, whose gradients count times `scale`. */
  apply(parameters: Float32Array, gradients: Float32Array, from: number, end: number, scale: number): void
}

/** The rule of a config, for so many parameters. */
export function createUpdateRule(config: OptimizerConfig, count: number): UpdateRule {
  if (isAdam(config)) return adam(config, count)
  return config.rule === 'rmsProp' ? rmsProp(config, count) : momentum(config, count)
}

function adam({ beta1, beta2, epsilon }: AdamConfig, count: number): UpdateRule {
  const first = new Float32Array(count)
  const second = new Float32Array(count)
  let rate = 0
  return {
    moments: { first, second },
    begin(steps, learningRate) {
      rate = (learningRate * Math.sqrt(1 - pow(beta2, steps))) / (1 - pow(beta1, steps))
    },
    apply(parameters, gradients, from, end, scale) {
      for (let i = from; i < end; i++) {
        const g = gradients[i]! * scale
        first[i] = first[i]! + (g - first[i]!) * (1 - beta1)
        second[i] = second[i]! + (g * g - second[i]!) * (1 - beta2)
        parameters[i] = parameters[i]! - (rate * first[i]!) / (Math.sqrt(second[i]!) + epsilon)
      }
    },
  }
}

function rmsProp({ form, decay, epsilon, momentum = 0 }: RmsPropConfig, count: number): UpdateRule {
  const squares = new Float32Array(count).fill(form === 'tensorflow' ? 1 : 0)
  const velocity = new Float32Array(count)
  let rate = 0
  return {
    moments: { squares, velocity },
    begin(_, learningRate) {
      rate = learningRate
    },
    apply(parameters, gradients, from, end, scale) {
      for (let i = from; i < end; i++) {
        const g = gradients[i]! * scale
        squares[i] = squares[i]! + (g * g - squares[i]!) * (1 - decay)
        if (form === 'tensorflow') {
          velocity[i] = momentum * velocity[i]! + (rate * g) / Math.sqrt(squares[i]! + epsilon)
          parameters[i] = parameters[i]! - velocity[i]!
        } else {
          velocity[i] = momentum * velocity[i]! + g / (Math.sqrt(squares[i]!) + epsilon)
          parameters[i] = parameters[i]! - rate * velocity[i]!
        }
      }
    },
  }
}

function momentum({ momentum: kept = 0 }: MomentumConfig, count: number): UpdateRule {
  const velocity = new Float32Array(count)
  let rate = 0
  return {
    moments: { velocity },
    begin(_, learningRate) {
      rate = learningRate
    },
    apply(parameters, gradients, from, end, scale) {
      for (let i = from; i < end; i++) {
        velocity[i] = kept * velocity[i]! + gradients[i]! * scale
        parameters[i] = parameters[i]! - rate * velocity[i]!
      }
    },
  }
}

// The weight of the entropy in MASAC's return (alpha), learnt so that the entropy comes to an aim (Haarnoja et al. 2018b, section 5).

import { exp, log, pow } from '../elementary.ts'
import type { Saved, Stateful } from '../types.ts'

export interface EntropyWeight extends Stateful {
  /** Alpha now; always positive. */
  readonly value: number
  /** One step for the mean entropy of a batch and the aim of it: below the aim alpha grows, above it falls. */
  learn(entropy: number, aim: number): void
}

export interface EntropyWeightConfig {
  /** Of the next step. */
  readonly learningRate: () => number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
}

/** A weight that stays as it is. */
export function fixedWeight(value: number): EntropyWeight {
  return { value, learn() {}, save: () => null, restore() {} }
}

/**
 * Minimises log(alpha) (entropy - aim) over log(alpha), whose gradient is entropy - aim, by Adam in the form of the networks' optimizer:
 * step = lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon); in double precision.
 */
export function learntWeight(first: number, config: EntropyWeightConfig): EntropyWeight {
  const { learningRate, beta1, beta2, epsilon } = config
  let logWeight = log(first)
  let [steps, mean, square] = [0, 0, 0]
  return {
    get value() {
      return exp(logWeight)
    },
    learn(entropy, aim) {
      const gradient = entropy - aim
      steps++
      mean = beta1 * mean + (1 - beta1) * gradient
      square = beta2 * square + (1 - beta2) * gradient * gradient
      const rate = (learningRate() * Math.sqrt(1 - pow(beta2, steps))) / (1 - pow(beta1, steps))
      logWeight -= (rate * mean) / (Math.sqrt(square) + epsilon)
    },
    save: () => Float64Array.of(logWeight, steps, mean, square),
    restore(saved: Saved) {
      ;[logWeight, steps, mean, square] = saved as unknown as [number, number, number, number]
    },
  }
}

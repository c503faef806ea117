// Value normalisation: V is learnt in units of its targets' running mean and deviation, so that losses and clips mean the same in every game.
import { square } from '../elementary.ts'
import type { Network } from '../nn/network.ts'
import { tensorLength } from '../nn/network.ts'
import type { Stateful } from '../types.ts'

export interface ValueNorm extends Stateful {
  /** V = mean + deviation x, x what the network says; 0 and 1 before the first targets. */
  readonly mean: number
  readonly deviation: number
  /** Takes in targets, in units of rewards. */
  take(targets: ArrayLike<number>): void
}

/** The least variance. */
const least = 0.01

/**
 * Running means of targets and of their squares, m <- decay m + (1 - decay) mean, both divided by the same mean of ones, so that they are not
 * drawn to where they began (valuenorm.py of on-policy; as Adam's moments). In double precision.
 */
export function createValueNorm(decay: number): ValueNorm {
  let [mean, squares, ones] = [0, 0, 0]
  return {
    get mean() {
      return ones === 0 ? 0 : mean / ones
    },
    get deviation() {
      return ones === 0 ? 1 : Math.sqrt(Math.max(least, squares / ones - square(mean / ones)))
    },
    take(targets) {
      if (targets.length === 0) return
      let [sum, sumOfSquares] = [0, 0]
      for (let i = 0; i < targets.length; i++) {
        sum += targets[i]!
        sumOfSquares += square(targets[i]!)
      }
      mean = decay * mean + ((1 - decay) * sum) / targets.length
      squares = decay * squares + ((1 - decay) * sumOfSquares) / targets.length
      ones = decay * ones + (1 - decay)
    },
    save: () => Float64Array.of(mean, squares, ones),
    restore(saved) {
      ;[mean, squares, ones] = saved as Float64Array as unknown as [number, number, number]
    },
  }
}

/**
 * The same, and what a network says stays as it is in units of rewards when they move (PopArt: van Hasselt et al. 2016):
 * its last weights w <- w old / new and biases b <- (old b + old mean - new mean) / new.
 */
export function withPopArt(norm: ValueNorm, { tensors, parameters }: Network): ValueNorm {
  const [weight, bias] = tensors.slice(-2) as [(typeof tensors)[number], (typeof tensors)[number]]
  return {
    ...norm,
    get mean() {
      return norm.mean
    },
    get deviation() {
      return norm.deviation
    },
    take(targets) {
      const { mean, deviation } = norm
      norm.take(targets)
      const end = weight.offset + tensorLength(weight)
      for (let i = weight.offset; i < end; i++) parameters[i] = (parameters[i]! * deviation) / norm.deviation
      for (let i = bias.offset; i < bias.offset + tensorLength(bias); i++) {
        parameters[i] = (deviation * parameters[i]! + mean - norm.mean) / norm.deviation
      }
    },
  }
}

// A box without chance: the action is the network's output, led into the bounds by tanh (the actor of DDPG, Lillicrap et al. 2016).
import type { Matrix } from '../types.ts'
import { greedySquashed, logTanhSlope, type SquashedPart } from './squashed-gaussian.ts'

/**
 * actions = low + (high - low) (tanh(mean) + 1) / 2 of the part's `size` means, the only outputs that it has. `slopes`, shaped like
 * the outputs, gets d action / d mean.
 */
export function squashMeans(outputs: Matrix, part: SquashedPart, actions: Matrix, slopes: Matrix): void {
  greedySquashed(outputs, part, actions)
  const halfWidth = (part.high - part.low) / 2
  for (let row = 0; row < outputs.rows; row++) {
    const mean = row * outputs.columns + part.output
    for (let i = mean; i < mean + part.size; i++) slopes.data[i] = halfWidth * Math.exp(logTanhSlope(outputs.data[i]!))
  }
}

/** to = the gradient at the outputs, from the gradient at the actions that the slopes belong to. */
export function squashedMeanGradient(slopes: Matrix, part: SquashedPart, gradient: Matrix, to: Matrix): void {
  for (let row = 0; row < slopes.rows; row++) {
    const mean = row * slopes.columns + part.output
    const action = row * gradient.columns + part.action
    for (let i = 0; i < part.size; i++) to.data[mean + i] = slopes.data[mean + i]! * gradient.data[action + i]!
  }
}

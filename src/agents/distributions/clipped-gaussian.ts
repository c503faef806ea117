// The clipped Gaussian of a box: a normal number per action, cut off at the bounds for the game and scored as it was drawn.
import type { Matrix } from '../../types.ts'
import { clamped, drawnIn, eachNumber, halfLogTwoPi, keepDrawn, normal, scoreOfNormal, spreadAt } from './normal.ts'
import type { PartDistribution, Place } from './part.ts'
import type { Bounds } from './squashed-gaussian.ts'

/**
 * u = middle + half width (mean + exp(logDeviation) n), n standard normal, so that outputs of 0 mean the middle of the box and a
 * deviation of 1 half its width; action = u, clipped to the bounds. The policy gradient scores u itself (openai/baselines ppo2: the game
 * clips, the learner does not), whose density is that of the normal number over its unit; where `drawn` (mean + deviation n) is not given,
 * the action counts as it. Deviations that do not depend on the observation are the network's affair.
 */
export function clippedGaussian(place: Place, bounds: Bounds): PartDistribution {
  const { size } = place
  const { low, high } = bounds
  const middle = (low + high) / 2
  const halfWidth = (high - low) / 2
  const constant = halfLogTwoPi + Math.log(halfWidth)
  const clip = (x: number) => Math.min(high, Math.max(low, middle + halfWidth * x))
  const undo = (action: number) => (action - middle) / halfWidth
  const mode = (outputs: Matrix, to: Matrix) =>
    eachNumber(place, outputs, to, (_, mean, action) => {
      to.data[action] = clip(outputs.data[mean]!)
    })
  return {
    kind: 'box',
    place,
    outputs: 2 * size,
    needsDrawn: true,
    ...normal(place),
    mode,
    mean: mode,
    sample(outputs, noise, to) {
      eachNumber(place, outputs, to.actions, (row, mean, action) => {
        const x = outputs.data[mean]! + spreadAt(outputs, mean, size, noise)
        to.actions.data[action] = clip(x)
        keepDrawn(to, action, row, x)
      })
    },
    // -z^2 / 2 - logDeviation - log(2 pi) / 2 - log(half width), z = (x - mean) / deviation
    logProbability(outputs, taken, to) {
      eachNumber(place, outputs, taken.actions, (row, mean, action) => {
        const logDeviation = clamped(outputs.data[mean + size]!)
        const z = (drawnIn(taken, action, row, undo) - outputs.data[mean]!) * Math.exp(-logDeviation)
        to[row]! -= (z * z) / 2 + logDeviation + constant
      })
    },
    logProbabilityGradient: scoreOfNormal(place, undo),
  }
}

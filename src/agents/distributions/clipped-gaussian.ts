// The clipped Gaussian of a box: a normal number per action, cut off at the bounds for the game and scored as it was drawn.

import { log } from '../../elementary.ts'
import { normalBox } from './normal.ts'
import type { PartDistribution, Place } from './part.ts'
import type { Bounds } from './squashed-gaussian.ts'

/**
 * u = middle + half width (mean + exp(logDeviation) n), n standard normal, so that outputs of 0 mean the middle of the box and a
 * deviation of 1 half its width; action = u, clipped to the bounds. The policy gradient scores u itself (openai/baselines ppo2: the game
 * clips, the learner does not), whose density is that of the normal number over its unit; where `drawn` (mean + deviation n) is not given,
 * the action counts as it. Deviations that do not depend on the observation are the network's affair.
 */
export function clippedGaussian(place: Place, bounds: Bounds): PartDistribution {
  const { low, high } = bounds
  const middle = (low + high) / 2
  const halfWidth = (high - low) / 2
  return normalBox(place, {
    action: u => Math.min(high, Math.max(low, middle + halfWidth * u)),
    undo: action => (action - middle) / halfWidth,
    logSlope: () => 0,
    constant: log(halfWidth),
  })
}

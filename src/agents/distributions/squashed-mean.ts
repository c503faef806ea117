// A box without chance: the action is the network's output, led into the bounds by tanh (the actor of DDPG: Lillicrap et al. 2016).

import { exp } from '../../elementary.ts'
import type { Matrix } from '../../types.ts'
import { eachNumber } from './normal.ts'
import type { PartDistribution, Place } from './part.ts'
import { type Bounds, logTanhSlope, squashed } from './squashed-gaussian.ts'

/**
 * action = low + (high - low) (tanh(mean) + 1) / 2. All of the probability is at one point: log-probabilities and divergences do not
 * exist, and asking for one throws TypeError; entropy adds nothing.
 */
export function squashedMean(place: Place, bounds: Bounds): PartDistribution {
  const { size } = place
  const halfWidth = (bounds.high - bounds.low) / 2
  const mode = (outputs: Matrix, to: Matrix) =>
    eachNumber(place, outputs, to, (_, mean, action) => {
      to.data[action] = squashed(outputs.data[mean]!, bounds)
    })
  const refuse = (): never => {
    throw new TypeError('a box without chance has no density: choose a Gaussian or a Beta box')
  }
  return {
    kind: 'box',
    place,
    outputs: size,
    needsDrawn: false,
    mode,
    mean: mode,
    sample: (outputs, _, { actions }) => mode(outputs, actions),
    logProbability: refuse,
    logProbabilityGradient: refuse,
    entropy() {},
    entropyGradient(outputs, _, to) {
      eachNumber(place, outputs, to, (_, mean) => {
        to.data[mean] = 0
      })
    },
    divergence: refuse,
    divergenceGradient: refuse,
    divergenceGradientOfFirst: refuse,
    fisher: refuse,
    path: {
      sample(outputs, _, actions, slopes) {
        mode(outputs, actions)
        eachNumber(place, outputs, slopes, (_, mean) => {
          slopes.data[mean] = halfWidth * exp(logTanhSlope(outputs.data[mean]!))
        })
      },
      gradient(slopes, gradient, to) {
        eachNumber(place, slopes, gradient, (_, mean, action) => {
          to.data[mean] = slopes.data[mean]! * gradient.data[action]!
        })
      },
      surprisal: refuse,
      surprisalGradient: refuse,
    },
  }
}

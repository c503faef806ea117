// The evaluation of a part by its methods one after the other, for those in which they have little in common.
import type { PartDistribution } from './part.ts'

/** The `evaluate` of a part that has none of its own. */
export function evaluateApart(part: PartDistribution): NonNullable<PartDistribution['evaluate']> {
  return (outputs, taken, { logProbability, entropy }, mask) => {
    part.logProbability(outputs, taken, logProbability, mask)
    part.entropy(outputs, entropy, mask)
    return (scale, entropyScale, to) => {
      part.logProbabilityGradient(outputs, taken, scale, to, mask)
      if (entropyScale === null) return
      const further = { rows: to.rows, columns: to.columns, data: new Float32Array(to.rows * to.columns) }
      part.entropyGradient(outputs, entropyScale, further, mask)
      for (let row = 0, at = part.place.output; row < to.rows; row++, at += to.columns) {
        for (let j = 0; j < part.outputs; j++) to.data[at + j]! += further.data[at + j]!
      }
    }
  }
}

// Smoothing of a curve: an exponential moving average without the pull of its begin, as TensorBoard draws it.

/** Weights of what was before, by their names. */
export const SMOOTHINGS = { none: 0, light: 0.6, medium: 0.9, strong: 0.97 } as const
export type Smoothing = keyof typeof SMOOTHINGS

/** The smoothed values; where there is no value there is none afterwards. */
export function smoothed(values: readonly (number | null)[], weight: number): (number | null)[] {
  let sum = 0
  let weights = 0
  return values.map(value => {
    if (value === null || !Number.isFinite(value)) return null
    sum = weight * sum + (1 - weight) * value
    weights = weight * weights + (1 - weight)
    return sum / weights
  })
}

// The vertical axis of a chart: linear, logarithmic, or logarithmic away from 0 where values are on both sides of it.

/** `threshold`: below this size a symmetric axis is linear. */
export type ValueScale =
  | { readonly kind: 'linear' }
  | { readonly kind: 'logarithmic' }
  | { readonly kind: 'symmetric'; readonly threshold: number }

/** Decades that a symmetric axis shows on each side of 0. */
const DECADES = 4

/** The scale that fits these values. */
export function scaleFor(values: Iterable<number | null>, logarithmic: boolean): ValueScale {
  if (!logarithmic) return { kind: 'linear' }
  let [least, smallest, largest] = [Infinity, Infinity, 0]
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue
    const size = Math.abs(value)
    least = Math.min(least, value)
    largest = Math.max(largest, size)
    if (size > 0) smallest = Math.min(smallest, size)
  }
  if (least > 0) return { kind: 'logarithmic' }
  // A power of ten, so that the axis does not move with every value.
  const wanted = Math.max(smallest, largest / 10 ** DECADES)
  return { kind: 'symmetric', threshold: wanted > 0 && wanted < Infinity ? 10 ** Math.floor(Math.log10(wanted)) : 1 }
}

/** What is shown around values from `least` to `most`; nulls: there are none. */
export function rangeOf(scale: ValueScale, least: number | null, most: number | null): [number, number] {
  if (least === null || most === null || !(least <= most)) return scale.kind === 'logarithmic' ? [0.1, 1] : [-1, 0]
  if (scale.kind === 'logarithmic' && least > 0) {
    const factor = most > least * (1 + 1e-9) ? (most / least) ** 0.08 : 2
    return [least / factor, most * factor]
  }
  if (scale.kind === 'symmetric') {
    const to = (value: number) => Math.asinh(value / scale.threshold)
    const [low, high] = linear(to(least), to(most))
    return [scale.threshold * Math.sinh(low), scale.threshold * Math.sinh(high)]
  }
  return linear(least, most)
}

function linear(least: number, most: number): [number, number] {
  // Values that differ in their last digits only are alike: no axis can be divided between them.
  const apart = most - least > 1e-9 * Math.max(Math.abs(least), Math.abs(most))
  const margin = apart ? 0.08 * (most - least) : Math.max(0.5, 0.1 * Math.abs(most))
  return [least - margin, most + margin]
}

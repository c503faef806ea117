// What V loses by being off its target: squares, or Huber's loss, and no more gain from moving than a clip allows.

export interface ValueLossConfig {
  /** Where the loss goes from half the square to a line (Huber 1964); null: it is the square. */
  readonly huberDelta: number | null
  /** How far V may gain by moving away from what it was, as the ratio of policies does (Schulman et al. 2017); null: any way. */
  readonly valueClip: number | null
}

export interface ValueLoss {
  of(value: number, target: number, old: number): number
  /** Its derivative at the value. */
  slope(value: number, target: number, old: number): number
}

/** h(V - target), of a clipped one max(h(V - target), h(old + clip(V - old, -c, c) - target)), h = e^2 or Huber's e^2 / 2 | d (|e| - d / 2). */
export function createValueLoss({ huberDelta: d, valueClip: c }: ValueLossConfig): ValueLoss {
  const h = (e: number) => (d === null ? e * e : Math.abs(e) <= d ? (e * e) / 2 : d * (Math.abs(e) - d / 2))
  const hSlope = (e: number) => (d === null ? 2 * e : Math.max(-d, Math.min(d, e)))
  if (c === null) return { of: (value, target) => h(value - target), slope: (value, target) => hSlope(value - target) }
  const clippedError = (value: number, target: number, old: number) =>
    old + Math.max(-c, Math.min(c, value - old)) - target
  return {
    of: (value, target, old) => Math.max(h(value - target), h(clippedError(value, target, old))),
    slope(value, target, old) {
      const clipped = clippedError(value, target, old)
      if (h(clipped) <= h(value - target)) return hSlope(value - target)
      return Math.abs(value - old) < c ? hSlope(clipped) : 0
    },
  }
}

/** weight (V - target)^2 / 2, or weight times Huber's loss: what is fitted again long after it was played, and so never clipped. */
export function createAuxiliaryLoss(weight: number, huberDelta: number | null): ValueLoss {
  const loss = createValueLoss({ huberDelta, valueClip: null })
  const scale = huberDelta === null ? weight / 2 : weight
  return {
    of: (value, target, old) => scale * loss.of(value, target, old),
    slope: (value, target, old) => scale * loss.slope(value, target, old),
  }
}

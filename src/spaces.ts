// Action spaces: an ordered list of parts; an action is one float32 row of all parts.

/** One of `size` alternatives, written one-hot; where `soft`, any probabilities are legal too. */
export interface ChoicePart {
  readonly name: string
  readonly kind: 'choice'
  readonly size: number
  readonly soft: boolean
  /** What the alternatives are called, for people; absent: by their numbers. */
  readonly names?: readonly string[]
}

/** `size` real numbers in [low, high]. */
export interface BoxPart {
  readonly name: string
  readonly kind: 'box'
  readonly size: number
  readonly low: number
  readonly high: number
}

export type ActionPart = ChoicePart | BoxPart
export type ActionSpace = readonly ActionPart[]

/** Numbers in one action row. */
export function actionSize(space: ActionSpace): number {
  return space.reduce((size, part) => size + part.size, 0)
}

/** What is wrong with the bounds of a part, as a sentence; null: nothing, or it has none. */
export function boxFault(part: ActionPart): string | null {
  if (part.kind !== 'box' || (Number.isFinite(part.high - part.low) && part.low < part.high)) return null
  return `part '${part.name}' is a box from ${part.low} to ${part.high}; bounds must be finite, the lower one first`
}

// Action spaces: an ordered list of parts; an action is one float32 row of all parts.

/** One of `size` alternatives, written one-hot; where `soft`, any probabilities are legal too. */
export interface ChoicePart {
  readonly name: string
  readonly kind: 'choice'
  readonly size: number
  readonly soft: boolean
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

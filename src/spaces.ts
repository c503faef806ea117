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

/** One part of an action: a choice of one of `size` alternatives, or a box of `size` numbers. */
export type ActionPart = ChoicePart | BoxPart
/** What an agent does in a step, part by part; its row of numbers has `actionSize` columns. */
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

/**
 * Why an action may not be done now, as a sentence: the first alternative that it gives anything to though the mask has a 0 there; null: it
 * may. `action` and `mask`: a row of all parts each, the mask's 1 where an alternative is allowed; boxes are not looked at.
 */
export function forbiddenChoice(space: ActionSpace, action: ArrayLike<number>, mask: ArrayLike<number>): string | null {
  let from = 0
  for (const part of space) {
    for (let k = 0; part.kind === 'choice' && k < part.size; k++) {
      if (action[from + k] !== 0 && mask[from + k] === 0) return refusal(part, k, mask, from)
    }
    from += part.size
  }
  return null
}

function refusal(part: ChoicePart, chosen: number, mask: ArrayLike<number>, from: number): string {
  const called = (k: number) => (part.names === undefined ? `${k}` : `${k} (${part.names[k]})`)
  const allowed = Array.from({ length: part.size }, (_, k) => k).filter(k => mask[from + k] !== 0)
  return `takes alternative ${called(chosen)} of part '${part.name}', which is not allowed now; allowed: ${allowed.map(called).join(', ')}`
}

/**
 * Makes an action one that may be done, in place: of a choice that gives anything to a forbidden alternative what remains for the others,
 * scaled to its sum, or the first that is allowed where nothing remains.
 */
export function allowChoices(space: ActionSpace, action: Float32Array, mask: ArrayLike<number>): void {
  let from = 0
  for (const part of space) {
    if (part.kind === 'choice') allowChoice(action.subarray(from, from + part.size), mask, from)
    from += part.size
  }
}

function allowChoice(row: Float32Array, mask: ArrayLike<number>, from: number): void {
  let [sum, kept] = [0, 0]
  row.forEach((value, k) => {
    sum += value
    if (mask[from + k] !== 0) kept += value
  })
  if (row.every((value, k) => value === 0 || mask[from + k] !== 0)) return
  const first = row.findIndex((_, k) => mask[from + k] !== 0)
  row.forEach((value, k) => {
    if (mask[from + k] === 0) row[k] = 0
    else if (kept === 0) row[k] = k === first ? 1 : 0
    else row[k] = (value * sum) / kept
  })
}

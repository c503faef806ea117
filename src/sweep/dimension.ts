// One dimension of a search space: a setting, its values, and their places between 0 and 1.

import { exp, log, log10 } from '../elementary.ts'
import { ConfigError, unknownName } from '../errors.ts'

/** Values of one setting, reached by numbers from 0 to 1. */
export interface Dimension {
  /** `learner.gamma` */
  readonly key: string
  /** Values without an order between them are choices, all else is numeric. */
  readonly kind: 'choice' | 'numeric'
  /** How many values there are; Infinity: a range of real numbers. */
  readonly size: number
  /** The value at a place. */
  at(place: number): unknown
  /** The places of a grid; null: the dimension does not say how many points it has. */
  readonly grid: readonly number[] | null
  /** The places of its extreme values; of choices, all of them. */
  readonly corners: readonly number[]
}

const forms = {
  choice: 'choice: [a, b, c]',
  uniform: 'uniform: [low, high]',
  log: 'log: [low, high]',
  integer: 'integer: [low, high]',
  logInteger: 'logInteger: [low, high]',
} as const
type Form = keyof typeof forms

const expectedForm = `a list of values, or one of {${Object.values(forms).join('}, {')}}`

/**
 * Reads a dimension: a list of values, or a range such as `{log: [0.001, 0.1], points: 5}`.
 * @throws ConfigError with the path `space.<key>` for anything else, and for a range that is empty.
 */
export function dimensionOf(key: string, given: unknown): Dimension {
  const path = `space.${key}`
  if (Array.isArray(given)) return choiceOf(key, given, path)
  if (typeof given !== 'object' || given === null) {
    throw new ConfigError(path, `expected ${expectedForm}, got ${JSON.stringify(given)}`)
  }
  const { points, ...rest } = given as Record<string, unknown>
  const names = Object.keys(rest)
  const strange = names.find(name => !Object.hasOwn(forms, name))
  if (strange !== undefined) {
    throw new ConfigError(
      `${path}.${strange}`,
      unknownName('kind of range', strange, [...Object.keys(forms), 'points']),
    )
  }
  if (names.length !== 1) throw new ConfigError(path, `expected ${expectedForm}, got ${JSON.stringify(given)}`)
  const form = names[0] as Form
  if (form === 'choice') {
    if (points !== undefined)
      throw new ConfigError(`${path}.points`, 'a choice has all its values as points; leave it out')
    return choiceOf(key, rest.choice, `${path}.choice`)
  }
  if (points !== undefined && !(Number.isInteger(points) && (points as number) >= 2)) {
    throw new ConfigError(`${path}.points`, `expected a whole number of at least 2, got ${JSON.stringify(points)}`)
  }
  return rangeOf(key, form, rest[form], `${path}.${form}`, points as number | undefined)
}

function choiceOf(key: string, values: unknown, path: string): Dimension {
  if (!Array.isArray(values) || values.length === 0) {
    throw new ConfigError(path, `expected at least one value, got ${JSON.stringify(values)}`)
  }
  const texts = values.map(value => JSON.stringify(value))
  const twice = texts.find((text, index) => texts.indexOf(text) !== index)
  if (twice !== undefined) throw new ConfigError(path, `${twice} is listed twice`)
  const size = values.length
  const places = values.map((_, index) => (index + 0.5) / size)
  return {
    key,
    kind: 'choice',
    size,
    at: place => values[Math.min(size - 1, Math.floor(place * size))],
    grid: places,
    corners: places,
  }
}

function rangeOf(
  key: string,
  form: Exclude<Form, 'choice'>,
  given: unknown,
  path: string,
  points: number | undefined,
): Dimension {
  const [low, high] = endsOf(given, path)
  const whole = form === 'integer' || form === 'logInteger'
  const inLogs = form === 'log' || form === 'logInteger'
  if (whole && !(Number.isInteger(low) && Number.isInteger(high))) {
    throw new ConfigError(path, `expected whole numbers, got ${JSON.stringify(given)}`)
  }
  if (inLogs && low <= 0) {
    throw new ConfigError(
      path,
      `expected a range above 0, for logarithms are taken of it, got ${JSON.stringify(given)}`,
    )
  }
  // A whole number has the places of all reals that are rounded to it.
  const [from, to] = whole ? [low - 0.5, high + 0.5] : [low, high]
  const scale = inLogs ? log : (value: number) => value
  const back = inLogs ? exp : (value: number) => value
  // Six digits are enough to tell values apart, and can be read; of a narrow range more.
  const narrowness = Math.max(Math.abs(low), Math.abs(high)) / (high - low)
  const precision = Math.min(17, 6 + Math.floor(log10(Math.max(1, narrowness))))
  const at = (place: number) => {
    const value = back(scale(from) + place * (scale(to) - scale(from)))
    const rounded = whole ? Math.round(value) : Number(value.toPrecision(precision))
    return Math.min(high, Math.max(low, rounded))
  }
  const placeOf = (value: number) => (scale(value) - scale(from)) / (scale(to) - scale(from))
  const steps = Array.from({ length: points ?? 0 }, (_, i) => {
    const value = back(scale(low) + (i / (points! - 1)) * (scale(high) - scale(low)))
    return placeOf(whole ? Math.round(value) : value)
  })
  return {
    key,
    kind: 'numeric',
    size: whole ? high - low + 1 : Number.POSITIVE_INFINITY,
    at,
    grid: points === undefined ? null : [...new Set(steps)],
    corners: [placeOf(low), placeOf(high)],
  }
}

function endsOf(given: unknown, path: string): [number, number] {
  const isPair = Array.isArray(given) && given.length === 2 && given.every(end => Number.isFinite(end))
  if (!isPair) throw new ConfigError(path, `expected two numbers [low, high], got ${JSON.stringify(given)}`)
  const [low, high] = given as [number, number]
  if (low >= high) throw new ConfigError(path, `expected low < high, got ${JSON.stringify(given)}`)
  return [low, high]
}

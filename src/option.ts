// Options declared as data, by scenarios and by algorithms: default, bounds and the sentence that the command line shows as help.
import { ConfigError, unknownName } from './errors.ts'
import type { Schedule } from './schedule.ts'

/** One option: its default, what is legal and what it does. */
export interface Option<T> {
  readonly kind:
    | 'count'
    | 'optionalCount'
    | 'ratio'
    | 'number'
    | 'optionalNumber'
    | 'flag'
    | 'choice'
    | 'optionalChoice'
    | 'numbers'
    | 'schedule'
  readonly default: T
  readonly description: string
  readonly min?: number
  readonly max?: number
  /** Numbers must be greater than this. */
  readonly above?: number
  readonly choices?: readonly string[]
}

// biome-ignore lint/suspicious/noExplicitAny: an option table holds options of all types.
export type OptionTable = Readonly<Record<string, Option<any>>>
/** The values of a table of options. */
export type OptionValues<O extends OptionTable> = { readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never }

interface Bounds {
  readonly min?: number
  readonly max?: number
  /** Exclusive. */
  readonly above?: number
}

/** A whole number, at least 0 unless `bounds` say otherwise. */
export function count(value: number, bounds: Bounds, description: string): Option<number> {
  return { kind: 'count', default: value, description, min: 0, ...bounds }
}

/** A whole number, or null: no limit. */
export function optionalCount(description: string, bounds: Bounds = {}): Option<number | null> {
  return { kind: 'optionalCount', default: null, description, min: 0, ...bounds }
}

/** A number in 0 ... 1. */
export function ratio(value: number, description: string): Option<number> {
  return { kind: 'ratio', default: value, description, min: 0, max: 1 }
}

/** Any finite number within the bounds. */
export function real(value: number, bounds: Bounds, description: string): Option<number> {
  return { kind: 'number', default: value, description, ...bounds }
}

/** Any finite number within the bounds, or null: what that means is for the description to say. */
export function optionalReal(
  description: string,
  bounds: Bounds = {},
  value: number | null = null,
): Option<number | null> {
  return { kind: 'optionalNumber', default: value, description, ...bounds }
}

/** Yes or no. */
export function flag(value: boolean, description: string): Option<boolean> {
  return { kind: 'flag', default: value, description }
}

/** One of several words; the first is the default. */
export function choice<const T extends string>(choices: readonly [T, ...T[]], description: string): Option<T> {
  return { kind: 'choice', default: choices[0], description, choices }
}

/** One of several words, or null: what that means is for the description to say. */
export function optionalChoice<const T extends string>(
  choices: readonly [T, ...T[]],
  description: string,
): Option<T | null> {
  return { kind: 'optionalChoice', default: null, description, choices }
}

/** A number within the bounds, or its course over environment steps, on which every value is within them. */
export function scheduled(value: Schedule, bounds: Bounds, description: string): Option<Schedule> {
  return { kind: 'schedule', default: value, description, ...bounds }
}

/** Numbers in lists of lists, `[[1, 2], [3, 4]]`. */
export type NestedNumbers = number | readonly NestedNumbers[]

/** Numbers in lists of lists, or null; what shape they must have is for the game to say. */
export function numbers(description: string): Option<readonly NestedNumbers[] | null> {
  return { kind: 'numbers', default: null, description }
}

/** The values of all options: the given ones checked, the others at their defaults. @throws ConfigError naming `<section>.<option>` */
export function resolveTable(
  table: OptionTable,
  given: Readonly<Record<string, unknown>>,
  section = 'scenario',
): Record<string, unknown> {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(table, name)) {
      throw new ConfigError(`${section}.${name}`, unknownName('option', name, Object.keys(table)))
    }
  }
  return Object.fromEntries(
    Object.entries(table).map(([name, option]) => {
      const value = given[name] === undefined ? option.default : given[name]
      if (!isLegal(option, value)) {
        throw new ConfigError(`${section}.${name}`, `expected ${expected(option)}, got ${show(value)}`)
      }
      return [name, value]
    }),
  )
}

/** What a legal value of an option is, in words: `a whole number of at least 1`. */
export function expected({ kind, min, max, choices }: Option<unknown>): string {
  if (kind === 'flag') return 'true or false'
  if (kind === 'numbers') return 'numbers in lists of lists like [[1, 2], [3, 4]], or null'
  if (choices) return `one of ${choices.join(', ')}`
  const noun = kind === 'count' || kind === 'optionalCount' ? 'a whole number' : 'a number'
  const or = kind === 'optionalCount' || kind === 'optionalNumber' ? ' or null' : ''
  if (min !== undefined && max !== undefined) return `${noun} from ${min} to ${max}${or}`
  if (min !== undefined) return `${noun} of at least ${min}${or}`
  if (max !== undefined) return `${noun} of at most ${max}${or}`
  return `${noun}${or}`
}

/** Whether a value may be given for an option. */
export function isLegal({ kind, min, max, choices }: Option<unknown>, value: unknown): boolean {
  if (kind === 'flag') return typeof value === 'boolean'
  if (choices) return typeof value === 'string' && choices.includes(value)
  if (value === null) return kind === 'optionalCount' || kind === 'optionalNumber' || kind === 'numbers'
  if (kind === 'numbers') return Array.isArray(value) && value.every(areNumbers)
  if (typeof value !== 'number' || !Number.isFinite(value)) return false
  if ((kind === 'count' || kind === 'optionalCount') && !Number.isInteger(value)) return false
  return value >= (min ?? Number.NEGATIVE_INFINITY) && value <= (max ?? Number.POSITIVE_INFINITY)
}

function areNumbers(value: unknown): boolean {
  return Array.isArray(value) ? value.every(areNumbers) : Number.isFinite(value)
}

function show(value: unknown): string {
  return typeof value === 'number' || typeof value === 'bigint'
    ? String(value)
    : (JSON.stringify(value) ?? typeof value)
}

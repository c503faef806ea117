// Options declared as data, by scenarios and by algorithms: default, bounds and the sentence that the command line shows as help.
import { ConfigError, unknownName } from '../errors.ts'
import type { Schedule } from './schedule.ts'

/** What may give a setting another value once a run has begun: its resumption too, a fork alone, or nothing. */
export type Change = 'resume' | 'fork' | 'never'

/** One option: its default, what is legal and what it does. */
export interface Option<T> {
  readonly kind:
    | 'count'
    | 'optionalCount'
    | 'counts'
    | 'ratio'
    | 'number'
    | 'optionalNumber'
    | 'flag'
    | 'flagOrText'
    | 'text'
    | 'choice'
    | 'optionalChoice'
    | 'numbers'
    | 'schedule'
    | 'part'
  readonly default: T
  readonly description: string
  readonly min?: number
  readonly max?: number
  /** Numbers must be greater than this. */
  readonly above?: number
  /** Numbers must be less than this. */
  readonly below?: number
  readonly choices?: readonly string[]
  /** A regular expression that a text must match, and what it says in words. */
  readonly pattern?: string
  readonly form?: string
  /** Of a record of further options: those. */
  readonly options?: OptionTable
  /** The flag that has to be true where this one is: without it this one changes nothing. */
  readonly needs?: string
  /** Default: fork. */
  readonly changes?: Change
  /** It changes nothing that is learnt, and so is no part of what a run is trained as; `unless`: where another option of its section is so. */
  readonly immaterial?: true | { readonly unless: Readonly<Record<string, unknown>> }
}

/** Options by their names, as scenarios, games, algorithms and policies declare them. */
// biome-ignore lint/suspicious/noExplicitAny: an option table holds options of all types.
export type OptionTable = Readonly<Record<string, Option<any>>>
/** The values of a table of options. */
export type OptionValues<O extends OptionTable> = { readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never }

interface Bounds {
  readonly min?: number
  readonly max?: number
  /** Exclusive. */
  readonly above?: number
  /** Exclusive. */
  readonly below?: number
}

/**
 * A whole number, at least 0 unless `bounds` say otherwise.
 * @see docs/authoring.md
 */
export function count(value: number, bounds: Bounds, description: string): Option<number> {
  return { kind: 'count', default: value, description, min: 0, ...bounds }
}

/** A whole number, or null: no limit. */
export function optionalCount(description: string, bounds: Bounds = {}): Option<number | null> {
  return { kind: 'optionalCount', default: null, description, min: 0, ...bounds }
}

/** Whole numbers of at least 1, in a list. */
export function counts(value: readonly number[], description: string): Option<readonly number[]> {
  return { kind: 'counts', default: value, description, min: 1 }
}

/** A number in 0 ... 1. */
export function ratio(value: number, description: string): Option<number> {
  return { kind: 'ratio', default: value, description, min: 0, max: 1 }
}

/**
 * Any finite number within the bounds.
 * @example
 * ```ts
 * import { real } from 'marlstrom'
 *
 * const options = { mass: real(1, { above: 0, max: 10 }, 'mass of an agent') }
 * console.log(options.mass.default) // 1
 * ```
 */
export function real(value: number, bounds: Bounds, description: string): Option<number> {
  return { kind: 'number', default: value, description, ...bounds }
}

/**
 * Any finite number within the bounds, or null: what that means is for the description to say.
 * @example
 * ```ts
 * import { optionalReal } from 'marlstrom'
 *
 * const options = { reach: optionalReal('how far agents see; null: everything', { above: 0 }) }
 * console.log(options.reach.default) // null
 * ```
 */
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

/** Yes, no, or a text that matches a pattern; `form`: what that says in words. */
export function flagOrText(
  value: boolean,
  pattern: RegExp,
  form: string,
  description: string,
): Option<boolean | string> {
  return { kind: 'flagOrText', default: value, description, pattern: pattern.source, form }
}

/** Any text. */
export function text(value: string, description: string): Option<string> {
  return { kind: 'text', default: value, description }
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

/**
 * A number within the bounds, or its course over environment steps, on which every value is within them.
 * @example
 * ```ts
 * import { scheduled, valueAt } from 'marlstrom'
 *
 * const options = { noise: scheduled({ from: 1, to: 0, steps: 1000 }, { min: 0, max: 1 }, 'noise of actions') }
 * console.log(valueAt(options.noise.default, 250)) // 0.75
 * ```
 */
export function scheduled(value: Schedule, bounds: Bounds, description: string): Option<Schedule> {
  return { kind: 'schedule', default: value, description, ...bounds }
}

/** Values of some options of a table, for a part of what the others are for; what is not given there is as it is for the whole. */
export function part<O extends OptionTable>(options: O, description: string): Option<Partial<OptionValues<O>>> {
  return { kind: 'part', default: {}, description, options }
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
      refuseIllegal(option, value, `${section}.${name}`)
      return [name, value]
    }),
  )
}

/** @throws ConfigError at `path`, or at the part of the value that is wrong, saying what is expected and what came */
export function refuseIllegal(option: Option<unknown>, value: unknown, path: string): void {
  const problem = problemOf(option, value, path)
  if (problem !== null) throw problem
}

/** Whether a value may be given for an option. */
export function isLegal(option: Option<unknown>, value: unknown): boolean {
  return problemOf(option, value, '') === null
}

/** What a legal value of an option is, in words: `a whole number of at least 1`. */
export function expected(option: Option<unknown>): string {
  const { kind, choices, form } = option
  if (kind === 'flag') return 'true or false'
  if (kind === 'flagOrText') return `true, false, ${form}`
  if (kind === 'text') return 'a text'
  if (kind === 'numbers') return 'numbers in lists of lists like [[1, 2], [3, 4]], or null'
  if (choices) return `one of ${choices.join(', ')}${kind === 'optionalChoice' ? ', or null' : ''}`
  if (kind === 'part') return `a record of settings like {"${Object.keys(option.options!)[0]}": ...}`
  if (kind === 'counts') return `a list of whole numbers${boundsText(option)} like [64, 64]`
  const noun = isWhole(kind) ? 'a whole number' : 'a number'
  const or = isOptional(kind) ? ' or null' : ''
  const course = kind === 'schedule' ? ', or a way of such numbers like {"from": 1, "to": 0.1, "steps": 100000}' : ''
  return `${noun}${boundsText(option)}${or}${course}`
}

/** null: the value is legal. */
function problemOf(option: Option<unknown>, value: unknown, path: string): ConfigError | null {
  const { kind, choices, pattern } = option
  const wrong = (at = path, what = option, got = value) =>
    new ConfigError(at, `expected ${expected(what)}, got ${show(got)}`)
  const only = (isRight: boolean) => (isRight ? null : wrong())
  if (kind === 'flag') return only(typeof value === 'boolean')
  if (kind === 'text') return only(typeof value === 'string')
  if (kind === 'flagOrText') {
    return only(typeof value === 'boolean' || (typeof value === 'string' && new RegExp(pattern!).test(value)))
  }
  if (kind === 'part') return isRecord(value) ? wrongPart(option.options!, value, path) : wrong()
  if (value === null) return only(isOptional(kind) || kind === 'numbers')
  if (choices) return only(typeof value === 'string' && choices.includes(value))
  if (kind === 'numbers') return only(Array.isArray(value) && value.every(areNumbers))
  if (kind === 'counts') {
    if (!Array.isArray(value)) return wrong()
    const one: Option<unknown> = { ...option, kind: 'count' }
    const index = value.findIndex(item => !isNumber(one, item))
    return index < 0 ? null : wrong(`${path}.${index}`, one, value[index])
  }
  if (kind === 'schedule' && isRecord(value)) return wrongSchedule(option, value, path) ?? null
  return only(isNumber(option, value))
}

function wrongPart(options: OptionTable, given: Readonly<Record<string, unknown>>, path: string): ConfigError | null {
  for (const [name, value] of Object.entries(given)) {
    const at = `${path}.${name}`
    if (!Object.hasOwn(options, name)) return new ConfigError(at, unknownName('key', name, Object.keys(options)))
    const problem = problemOf(options[name]!, value, at)
    if (problem !== null) return problem
  }
  return null
}

const steps = count(1, { min: 1 }, '')
const shape = choice(['linear', 'exponential'], '')

function wrongSchedule(
  option: Option<unknown>,
  value: Readonly<Record<string, unknown>>,
  path: string,
): ConfigError | null {
  const known = ['from', 'to', 'steps', 'shape']
  const unknown = Object.keys(value).find(key => !known.includes(key))
  if (unknown !== undefined) return new ConfigError(`${path}.${unknown}`, unknownName('key', unknown, known))
  if (known.slice(0, 3).some(key => value[key] === undefined)) {
    return new ConfigError(path, `expected ${expected(option)}, got ${show(value)}`)
  }
  const end: Option<unknown> = { ...option, kind: 'number' }
  const parts = { from: end, to: end, steps, ...(value.shape === undefined ? {} : { shape }) }
  for (const [key, part] of Object.entries(parts)) {
    const problem = problemOf(part, value[key], `${path}.${key}`)
    if (problem !== null) return problem
  }
  if (value.shape === 'exponential' && !(Number(value.from) > 0 && Number(value.to) > 0)) {
    const message = 'expected both ends of an exponential way to be greater than 0, got '
    return new ConfigError(path, `${message}${show(value)}`)
  }
  return null
}

function isNumber({ kind, min, max, above, below }: Option<unknown>, value: unknown): boolean {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false
  if (isWhole(kind) && !Number.isSafeInteger(value)) return false
  return (
    value >= (min ?? Number.NEGATIVE_INFINITY) &&
    value <= (max ?? Number.POSITIVE_INFINITY) &&
    value > (above ?? Number.NEGATIVE_INFINITY) &&
    value < (below ?? Number.POSITIVE_INFINITY)
  )
}

function isWhole(kind: Option<unknown>['kind']): boolean {
  return kind === 'count' || kind === 'optionalCount'
}

function isOptional(kind: Option<unknown>['kind']): boolean {
  return kind === 'optionalCount' || kind === 'optionalNumber' || kind === 'optionalChoice'
}

/** ` from 0 to 1`, ` greater than 0`; empty: any. */
function boundsText({ min, max, above, below }: Option<unknown>): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`
  const words = [
    ...(min === undefined ? [] : [`of at least ${min}`]),
    ...(above === undefined ? [] : [`greater than ${above}`]),
    ...(max === undefined ? [] : [`of at most ${max}`]),
    ...(below === undefined ? [] : [`less than ${below}`]),
  ]
  return words.length === 0 ? '' : ` ${words.join(' and ')}`
}

function areNumbers(value: unknown): boolean {
  return Array.isArray(value) ? value.every(areNumbers) : Number.isFinite(value)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  return typeof value === 'number' || typeof value === 'bigint'
    ? String(value)
    : (JSON.stringify(value) ?? typeof value)
}

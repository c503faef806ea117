// Selection of runs: filters like `return.agent>-150` and sort keys like `-return.agent`.
import { ConfigError, nearest } from '../errors.ts'
import { type CataloguedRun, figures, valuesOf } from './values.ts'

export interface Selection {
  /** `key=value`, `!=`, `<`, `<=`, `>`, `>=`; a run must pass all. */
  readonly filters: readonly string[]
  /** A key; with `-` before it the largest comes first. Runs without such a value come last. */
  readonly sort?: string | undefined
}

/**
 * The runs that pass all filters, sorted.
 * @throws ConfigError for a filter that is none, and for a key that no run has.
 */
export function select(runs: readonly CataloguedRun[], { filters, sort }: Selection): CataloguedRun[] {
  const tests = filters.map(parseFilter)
  const all = runs.map(run => ({ run, values: valuesOf(run) }))
  const known = new Set<string>(Object.keys(figures))
  for (const { values } of all) for (const key of values.keys()) known.add(key)
  const descending = sort?.startsWith('-') === true
  const by = descending ? sort.slice(1) : sort
  for (const { key } of tests) refuseUnknown('--filter', key, known, runs)
  if (by !== undefined) refuseUnknown('--sort', by, known, runs)
  const kept = all.filter(({ values }) => tests.every(({ key, passes }) => passes(values.get(key))))
  if (by !== undefined) kept.sort((a, b) => compare(a.values.get(by), b.values.get(by), descending))
  return kept.map(({ run }) => run)
}

interface Filter {
  readonly key: string
  /** A run that has no such value passes no filter. */
  passes(value: unknown): boolean
}

function parseFilter(text: string): Filter {
  const [, key, operator, wanted] = /^([^=!<>]+)(!=|<=|>=|=|<|>)(.*)$/s.exec(text) ?? []
  if (key === undefined || operator === undefined || wanted === undefined) {
    throw new ConfigError('--filter', `expected key=value or a comparison like return.agent>-150, got '${text}'`)
  }
  if (operator === '=' || operator === '!=') {
    const equal = (value: unknown) => (typeof value === 'number' ? value === Number(wanted) : textOf(value) === wanted)
    return { key, passes: value => isThere(value) && equal(value) === (operator === '=') }
  }
  const bound = Number(wanted)
  if (wanted.trim() === '' || Number.isNaN(bound)) {
    throw new ConfigError('--filter', `${key}${operator}: expected a number to compare with, got '${wanted}'`)
  }
  const holds = comparisons[operator as keyof typeof comparisons]
  return { key, passes: value => typeof value === 'number' && holds(value, bound) }
}

const comparisons = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
}

function isThere(value: unknown): boolean {
  return value !== undefined
}

/** As on the command line: words as they are, all else as JSON. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function refuseUnknown(option: string, key: string, known: ReadonlySet<string>, runs: readonly CataloguedRun[]): void {
  if (runs.length === 0 || known.has(key)) return
  const close = nearest(key, [...known])
  throw new ConfigError(
    option,
    `no run has '${key}'${close === undefined ? '' : `; did you mean '${close}'?`} Known: ${Object.keys(figures).join(', ')}, ` +
      'return.<team or agent>, settings like learner.gamma, and keys of metrics.jsonl like criticLoss/agent_0',
  )
}

function compare(a: unknown, b: unknown, descending: boolean): number {
  const [noA, noB] = [a === undefined || a === null, b === undefined || b === null]
  if (noA || noB) return Number(noA) - Number(noB)
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : byText.compare(textOf(a), textOf(b))
  return descending ? -order : order
}

const byText = new Intl.Collator('en', { numeric: true })

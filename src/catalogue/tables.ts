// Runs as tables for other programs: a row for each run, or a row for each line of what they logged.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMissing } from '../errors.ts'
import { type CataloguedRun, counted, figures, valuesOf } from './values.ts'

/** count: whole numbers; number: double precision. Every column may have gaps. */
export type ColumnType = 'text' | 'flag' | 'count' | 'number'
export type Cell = string | number | boolean | null | undefined

export interface Table {
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[]
  /** Cells by the name of the column. Taken as they are asked for, possibly more than once. */
  readonly rows: Iterable<Readonly<Record<string, Cell>>>
}

/** A row for each run: the figures, returns by team and agent, the last metrics line, and every setting. */
export function tableOfRuns(runs: readonly CataloguedRun[]): Table {
  const all = runs.map(valuesOf)
  const names = new Set<string>(Object.keys(figures))
  // By kind, not by run: the returns of the second run come before the settings of the first.
  const kinds = [/^return\./, /\//, /./]
  for (const kind of kinds)
    for (const values of all) for (const key of values.keys()) if (kind.test(key)) names.add(key)
  // Those are there as return.<agent>.
  for (const name of names) if (name.startsWith('return/')) names.delete(name)
  const columns = [...names].map(name => ({
    name,
    type: typeOf(
      name,
      all.map(values => values.get(name)),
    ),
  }))
  const rows = all.map(values =>
    Object.fromEntries(columns.map(({ name, type }) => [name, cell(values.get(name), type)])),
  )
  return { columns, rows }
}

/** A row for each line of metrics.jsonl, with the run's folder, scenario, algorithm, preset and seed; damaged runs and lines have none. */
export function tableOfLines(runs: readonly CataloguedRun[]): Table {
  const known = runs.filter(run => run.status !== 'damaged')
  const keys = new Set<string>()
  for (const { folder } of known) for (const line of linesOf(folder)) for (const key in line) keys.add(key)
  const whole = new Set(['seed', ...counted].filter(name => !name.startsWith('time/')))
  const words = ['folder', 'scenario', 'algorithm', 'preset']
  return {
    columns: [...words, 'seed', ...keys].map(name => ({
      name,
      type: words.includes(name) ? 'text' : whole.has(name) ? 'count' : 'number',
    })),
    rows: {
      *[Symbol.iterator]() {
        for (const { folder, scenario, algorithm, preset, seed } of known) {
          for (const line of linesOf(folder)) yield { folder, scenario, algorithm, preset, seed, ...line }
        }
      },
    },
  }
}

/** The whole lines of a run, in order. */
export function linesOf(folder: string): Record<string, number>[] {
  let text: string
  try {
    text = readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
  } catch (error) {
    // Before the first line there is no file.
    if (isMissing(error)) return []
    throw error
  }
  return text.split('\n').flatMap(line => {
    try {
      const value: unknown = JSON.parse(line)
      return typeof value === 'object' && value !== null ? [value as Record<string, number>] : []
    } catch {
      return []
    }
  })
}

const counts: ReadonlySet<string> = new Set(['seed', 'episodes', 'envSteps', 'updates', 'bytes'])
const texts: ReadonlySet<string> = new Set(['folder', 'status', 'problem', 'scenario', 'algorithm', 'preset'])

/** A column has one type: that of its values where they agree, else text. */
function typeOf(name: string, values: readonly unknown[]): ColumnType {
  if (counts.has(name)) return 'count'
  if (texts.has(name)) return 'text'
  const types = new Set(values.filter(value => value !== undefined && value !== null).map(value => typeof value))
  if (types.size !== 1) return types.size === 0 ? 'number' : 'text'
  return types.has('number') ? 'number' : types.has('boolean') ? 'flag' : 'text'
}

function cell(value: unknown, type: ColumnType): Cell {
  if (value === undefined || value === null) return null
  return type === 'text' && typeof value !== 'string' ? JSON.stringify(value) : (value as Cell)
}

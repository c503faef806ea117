// Metrics lines as a CSV file (RFC 4180): a row for each, a column for every key that ever came.
import { appendFileSync, readFileSync } from 'node:fs'
import { ConfigError } from '../errors.ts'
import { writeFileAtomic } from './atomic-file.ts'
import type { MetricsLine } from './metrics.ts'
import { isThere } from './presence.ts'
import type { MetricsSink } from './sinks.ts'

/** Cells as they stand in the file, by column. */
type Row = ReadonlyMap<string, string>

/**
 * Writes lines to `file`: each is there at once; a key that is new adds a column behind the others, for which the file is written anew. A
 * run that goes on keeps the rows up to where it stands.
 * @throws ConfigError when a run begins and the file has rows of another one
 */
export function csvSink(file: string): MetricsSink {
  let columns: string[] = []
  let rows: Row[] = []
  /** Whether what is in the file is this run's. */
  let isOurs = false
  const wholeText = () => textOf([header(columns), ...rows.map(row => cells(columns, row))])
  const writeAll = () => writeFileAtomic(file, [Buffer.from(wholeText())])
  return {
    open({ counters, linesUpTo }) {
      const before = isThere(file) ? readFileSync(file, 'utf8') : ''
      const found = parsed(before)
      if (!isOurs && counters.envSteps === 0 && found.rows.length > 0) {
        throw new ConfigError(
          'csv',
          `${file} has the lines of another run, ${found.rows.length} of them; move it away, or choose another file`,
        )
      }
      isOurs = true
      columns = found.columns
      rows = found.rows.filter(row => Number(row.get('envSteps')) <= linesUpTo)
      if (before !== wholeText()) writeAll()
    },
    line(line) {
      const row = rowOf(line)
      rows.push(row)
      const fresh = [...row.keys()].filter(key => !columns.includes(key))
      columns.push(...fresh)
      if (fresh.length > 0) writeAll()
      else appendFileSync(file, textOf([cells(columns, row)]))
    },
    close() {},
  }
}

function rowOf(line: MetricsLine): Row {
  return new Map(
    Object.entries(line)
      .filter(([, value]) => Number.isFinite(value))
      .map(([key, value]) => [key, String(value)]),
  )
}

function header(columns: readonly string[]): string[] {
  return columns.map(name => (/[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name))
}

function cells(columns: readonly string[], row: Row): string[] {
  return columns.map(column => row.get(column) ?? '')
}

function textOf(lines: readonly (readonly string[])[]): string {
  return lines.map(line => `${line.join(',')}\r\n`).join('')
}

/** A row that a crash tore is none. */
function parsed(text: string): { columns: string[]; rows: Row[] } {
  const [first = '', ...lines] = text.split('\r\n').slice(0, -1)
  const columns = [...first.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain! : quoted.replaceAll('""', '"'),
  )
  const rows = lines.map(line => {
    const values = line.split(',')
    return new Map(columns.flatMap((column, i) => (values[i] ? [[column, values[i]] as const] : [])))
  })
  return { columns: first === '' ? [] : columns, rows }
}

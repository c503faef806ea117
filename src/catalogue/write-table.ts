// Tables as files that other programs read: CSV (RFC 4180) and Parquet.
import { renameSync, rmSync } from 'node:fs'
import { fileWriter, parquetWriteRows } from 'hyparquet-writer'
import { FileError } from '../errors.ts'
import { writeFileAtomic } from '../experiment/atomic-file.ts'
import type { Cell, ColumnType, Table } from './tables.ts'

/** Rows that are written at once. */
const block = 1000

/**
 * Writes a table with a line of names; gaps are empty, true and false are words, and text that would be a formula in a spreadsheet has an
 * apostrophe before it. Returns the number of rows.
 * @throws FileError when the file cannot be written; what stood there before then still does.
 */
export function writeCsv(file: string, { columns, rows }: Table): number {
  let count = 0
  const line = (cells: readonly Cell[]) => `${cells.map(quoted).join(',')}\n`
  function* pieces() {
    let lines = [line(columns.map(({ name }) => name))]
    for (const row of rows) {
      count++
      lines.push(line(columns.map(({ name, type }) => fitting(row[name], type))))
      if (lines.length < block) continue
      yield Buffer.from(lines.join(''))
      lines = []
    }
    yield Buffer.from(lines.join(''))
  }
  attempt(file, () => writeFileAtomic(file, pieces()))
  return count
}

/**
 * Writes a table as Parquet: text as UTF-8 strings, counts as INT64, numbers as DOUBLE, flags as BOOLEAN, every column with gaps as
 * nulls; pages compressed by Snappy. Returns the number of rows.
 * @throws FileError when the file cannot be written; what stood there before then still does.
 */
export function writeParquet(file: string, { columns, rows }: Table): number {
  let count = 0
  function* converted() {
    for (const row of rows) {
      count++
      yield Object.fromEntries(columns.map(({ name, type }) => [name, parquetCell(row[name], type)]))
    }
  }
  const partial = `${file}.partial`
  attempt(file, () => {
    try {
      const fields = columns.map(({ name, type }) => ({ name, type: parquetTypes[type], nullable: true }))
      parquetWriteRows({ writer: fileWriter(partial), rows: converted(), columns: fields, createdBy: 'marlstrom' })
      renameSync(partial, file)
    } catch (error) {
      rmSync(partial, { force: true })
      throw error
    }
  })
  return count
}

const parquetTypes = { text: 'STRING', count: 'INT64', number: 'DOUBLE', flag: 'BOOLEAN' } as const

function parquetCell(value: Cell, type: ColumnType) {
  const cell = fitting(value, type)
  return type === 'count' && cell !== null ? BigInt(cell as number) : cell
}

/** A gap where the value is not of the column's type, as in a line of a damaged file. */
function fitting(value: Cell, type: ColumnType): Exclude<Cell, undefined> {
  if (type === 'count') return Number.isSafeInteger(value) ? (value as number) : null
  if (type === 'text') return typeof value === 'string' ? value : null
  return typeof value === (type === 'flag' ? 'boolean' : 'number') ? (value as number | boolean) : null
}

function quoted(cell: Cell): string {
  const text = typeof cell === 'string' ? asText(cell) : cell === null || cell === undefined ? '' : String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/**
 * Text that a spreadsheet would take for a formula, with an apostrophe before it, by which spreadsheets know text. Numbers stay as they
 * are, also in columns that hold text too.
 */
function asText(text: string): string {
  const begins = /^[\s\p{Cc}\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u.test(text)
  return begins && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? `'${text}` : text
}

function attempt(file: string, write: () => void): void {
  try {
    write()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new FileError(file, `cannot be written (${message}); choose another place`)
  }
}

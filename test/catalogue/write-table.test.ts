// Tables as files: text that a spreadsheet would take for a formula is text, and numbers are numbers.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import type { Table } from '../../src/catalogue/tables.ts'
import { writeCsv, writeParquet } from '../../src/catalogue/write-table.ts'
import { temporaryFolder } from '../support/command.ts'

const hostile = [
  '=1+1',
  '+cmd|x',
  '-2+3',
  '@SUM(A1)',
  '\tx',
  '\r=1',
  ' =1',
  '\uff1d1+1',
  '-',
  '=HYPERLINK("http://x","y")',
]
const harmless = ['plain', 'a=b', '-1.5', '+2', '1e-3', '-.5e3', '', '3-4']

const table = (texts: readonly string[]): Table => ({
  columns: [
    { name: '=name', type: 'text' },
    { name: 'number', type: 'number' },
  ],
  rows: texts.map((text, i) => ({ '=name': text, number: -1 - i })),
})

describe('a CSV file', () => {
  it('begins no cell with what a spreadsheet would calculate', () => {
    const file = join(temporaryFolder(), 'table.csv')
    writeCsv(file, table(hostile))
    const [head, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(head).toBe("'=name,number")
    expect(lines.map(line => line.replace(/^"/, '')[0])).toEqual(hostile.map(() => "'"))
    expect(lines.map(line => line.split(',').at(-1))).toEqual(hostile.map((_, i) => `${-1 - i}`))
    expect(lines[0]).toBe("'=1+1,-1")
    expect(lines.at(-1)).toBe('"\'=HYPERLINK(""http://x"",""y"")",-10')
  })

  it('leaves all other text, and numbers in columns of text', () => {
    const file = join(temporaryFolder(), 'table.csv')
    writeCsv(file, table(harmless))
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(1)
    expect(lines.map(line => line.slice(0, line.lastIndexOf(',')))).toEqual(harmless)
  })
})

describe('a Parquet file', () => {
  it('has text as it is', async () => {
    const file = join(temporaryFolder(), 'table.parquet')
    writeParquet(file, table(hostile))
    const bytes = readFileSync(file)
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
    const rows = await parquetReadObjects({ file: buffer })
    expect(rows.map(row => row['=name'])).toEqual(hostile)
  })
})

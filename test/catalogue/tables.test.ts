// Tables of runs and lines, read back from CSV and Parquet by other code than wrote them.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { findRuns } from '../../src/catalogue/find-runs.ts'
import { summarizeRun } from '../../src/catalogue/run-summary.ts'
import { type Table, tableOfLines, tableOfRuns } from '../../src/catalogue/tables.ts'
import { writeCsv, writeParquet } from '../../src/catalogue/write-table.ts'
import { FileError } from '../../src/errors.ts'
import { lineAt, writeRun } from '../support/run-folders.ts'
import { tempFolder } from '../support/temp-folder.ts'

function threeRuns() {
  const base = tempFolder()
  writeRun(base, 'a', { lines: [lineAt(100, { agent_0: -3 }), lineAt(200, { agent_0: -1.5 })], checkpoint: 200 })
  writeRun(base, 'b', {
    config: {
      learner: { algorithm: 'masac', gamma: { from: 1, to: 0.9, steps: 10 }, shared: true },
      run: { seed: 4_000_000_000 },
    },
    lines: [lineAt(100, { agent_0: 1e-300 }, { 'entropy/agent_0': 0.25 })],
  })
  appendFileSync(join(base, 'b', 'metrics.jsonl'), '{"torn":')
  writeFileSync(join(writeRun(base, 'c'), 'config.json'), 'no "json", at all\n')
  return [...findRuns(base)].map(found =>
    summarizeRun(found, {
      defaults: new Map(),
      learnerDefaults: () => new Map(),
      teamsOf: () => null,
    }),
  )
}

const readBack = (file: string) => {
  const bytes = readFileSync(file)
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  return parquetReadObjects({ file: buffer })
}

describe('a table of runs', () => {
  it('has a row for each, damaged ones too, and a column for every figure, return, metric and setting', () => {
    const { columns, rows } = tableOfRuns(threeRuns())
    expect(new Set(columns.map(({ name }) => name.replace('/', '.'))).size).toBe(columns.length)
    const types = Object.fromEntries(columns.map(({ name, type }) => [name, type]))
    expect(types).toMatchObject({
      folder: 'text',
      problem: 'text',
      seed: 'count',
      envSteps: 'count',
      'return.agent': 'number',
      'return.agent_0': 'number',
      'entropy/agent_0': 'number',
      'learner.gamma': 'text',
      'learner.shared': 'flag',
      'network.hidden': 'text',
    })
    expect([...rows]).toMatchObject([
      { status: 'stopped', envSteps: 5000, 'return.agent': -1.5, 'learner.gamma': '0.95', 'learner.shared': null },
      { seed: 4_000_000_000, 'learner.gamma': '{"from":1,"to":0.9,"steps":10}', 'learner.shared': true },
      { status: 'damaged', problem: expect.stringContaining('config.json'), scenario: null },
    ])
  })

  it('comes back from Parquet as it was', async () => {
    const file = join(tempFolder(), 'runs.parquet')
    const table = tableOfRuns(threeRuns())
    expect(writeParquet(file, table)).toBe(3)
    const rows = await readBack(file)
    expect(rows).toEqual(
      [...table.rows].map(row =>
        Object.fromEntries(
          table.columns.map(({ name, type }) => {
            const cell = row[name]
            return [name, type === 'count' && typeof cell === 'number' ? BigInt(cell) : cell]
          }),
        ),
      ),
    )
  })
})

describe('a table of lines', () => {
  it('has a row for each whole line, with who ran', () => {
    const { columns, rows } = tableOfLines(threeRuns())
    expect(columns.slice(0, 8).map(({ name }) => name)).toEqual([
      ...['folder', 'scenario', 'algorithm', 'preset', 'seed'],
      ...['episodes', 'envSteps', 'updates'],
    ])
    expect([...rows]).toMatchObject([
      { algorithm: 'maddpg', seed: 1, episodes: 100, 'return/agent_0': -3 },
      { algorithm: 'maddpg', seed: 1, episodes: 200, 'return/agent_0': -1.5 },
      { algorithm: 'masac', seed: 4_000_000_000, 'return/agent_0': 1e-300, 'entropy/agent_0': 0.25 },
    ])
  })

  it('comes back from Parquet with gaps as nulls and counts as whole numbers', async () => {
    const file = join(tempFolder(), 'lines.parquet')
    expect(writeParquet(file, tableOfLines(threeRuns()))).toBe(3)
    const rows = await readBack(file)
    expect(rows.map(row => row['entropy/agent_0'])).toEqual([null, null, 0.25])
    expect(rows.map(row => row.seed)).toEqual([1n, 1n, 4_000_000_000n])
    expect(rows.map(row => row['return/agent_0'])).toEqual([-3, -1.5, 1e-300])
  })
})

describe('files', () => {
  const awkward: Table = {
    columns: [
      { name: 'text', type: 'text' },
      { name: 'a,b', type: 'number' },
      { name: 'n', type: 'count' },
      { name: 'yes', type: 'flag' },
    ],
    rows: [
      { text: 'plain', 'a,b': 0.1, n: 3, yes: true },
      { text: 'says "no",\nthen', 'a,b': null, n: undefined, yes: false },
      // As from a damaged line: not of the column's type.
      { text: 7, 'a,b': 'x', n: 0.5, yes: 'no' },
      { text: 'ünï', 'a,b': -1e-7, n: 2 ** 40, yes: null },
    ],
  }

  it('of CSV quote what must be quoted', () => {
    const file = join(tempFolder(), 'a.csv')
    expect(writeCsv(file, awkward)).toBe(4)
    expect(readFileSync(file, 'utf8')).toBe(
      'text,"a,b",n,yes\nplain,0.1,3,true\n"says ""no"",\nthen",,,false\n,,,\nünï,-1e-7,1099511627776,\n',
    )
  })

  it('of Parquet hold the same', async () => {
    const file = join(tempFolder(), 'a.parquet')
    writeParquet(file, awkward)
    expect(await readBack(file)).toEqual([
      { text: 'plain', 'a,b': 0.1, n: 3n, yes: true },
      { text: 'says "no",\nthen', 'a,b': null, n: null, yes: false },
      { text: null, 'a,b': null, n: null, yes: null },
      { text: 'ünï', 'a,b': -1e-7, n: 1_099_511_627_776n, yes: null },
    ])
  })

  it('of many rows are written in blocks', async () => {
    const folder = tempFolder()
    const table: Table = {
      columns: [{ name: 'n', type: 'count' }],
      rows: {
        *[Symbol.iterator]() {
          for (let n = 0; n < 2500; n++) yield { n }
        },
      },
    }
    expect(writeCsv(join(folder, 'n.csv'), table)).toBe(2500)
    expect(readFileSync(join(folder, 'n.csv'), 'utf8').split('\n')).toHaveLength(2502)
    expect(writeParquet(join(folder, 'n.parquet'), table)).toBe(2500)
    expect((await readBack(join(folder, 'n.parquet'))).map(({ n }) => Number(n))).toEqual([...Array(2500).keys()])
  })

  it('of no rows have their columns', () => {
    const folder = tempFolder()
    expect(writeCsv(join(folder, 'n.csv'), { ...awkward, rows: [] })).toBe(0)
    expect(readFileSync(join(folder, 'n.csv'), 'utf8')).toBe('text,"a,b",n,yes\n')
    expect(writeParquet(join(folder, 'n.parquet'), { ...awkward, rows: [] })).toBe(0)
    const { buffer } = Uint8Array.from(readFileSync(join(folder, 'n.parquet')))
    const { children } = parquetSchema(parquetMetadata(buffer as ArrayBuffer))
    expect(children.map(({ element }) => element.name)).toEqual(['text', 'a,b', 'n', 'yes'])
  })

  it.each([writeCsv, writeParquet])('that cannot be written are named and leave nothing behind: %o', write => {
    const folder = tempFolder()
    const file = join(folder, 'gone', 'a.table')
    expect(() => write(file, awkward)).toThrow(FileError)
    expect(() => write(file, awkward)).toThrow(`${file}: cannot be written (ENOENT`)
    const rows = {
      *[Symbol.iterator]() {
        yield* awkward.rows
        throw new RangeError('half way')
      },
    }
    expect(() => write(join(folder, 'half'), { ...awkward, rows })).toThrow('half way')
    expect(existsSync(join(folder, 'half'))).toBe(false)
    expect(existsSync(join(folder, 'half.partial'))).toBe(false)
  })
})

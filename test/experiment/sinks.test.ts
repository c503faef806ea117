// Where metrics go: what a sink is told, in what order, and a CSV file that says what metrics.jsonl says.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { concat, lastValueFrom, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { csvSink } from '../../src/experiment/csv-sink.ts'
import { record } from '../../src/experiment/record.ts'
import { createRunFolder, openRunFolder } from '../../src/experiment/run-folder.ts'
import type { MetricsSink } from '../../src/experiment/sinks.ts'
import { train } from '../../src/experiment/trainer.ts'
import { observed } from '../support/observed.ts'
import { eventFilesIn } from '../support/read-events.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'

const newFolder = () => createRunFolder(join(tempFolder(), 'run'), {})
const textIn = (file: string) => readFileSync(file, 'utf8')

/** Writes down what it is told. */
function notes(name = 'sink', said: string[] = []): MetricsSink & { readonly said: string[] } {
  return {
    said,
    open: ({ counters, linesUpTo, folder }) =>
      void said.push(`${name} open ${counters.episodes} ${linesUpTo} ${folder !== null}`),
    line: ({ episodes }, isLast) => void said.push(`${name} line ${episodes}${isLast ? ' last' : ''}`),
    image: (picture, png, envSteps) => void said.push(`${name} image ${picture} ${png.length} ${envSteps}`),
    close: () => void said.push(`${name} close`),
  }
}

/** Rows of a CSV file as records of numbers. */
function rowsIn(file: string): Record<string, number>[] {
  const [first, ...rows] = textIn(file).trimEnd().split('\r\n')
  const columns = first!.split(',')
  return rows.map(row =>
    Object.fromEntries(row.split(',').flatMap((cell, i) => (cell === '' ? [] : [[columns[i]!, Number(cell)]]))),
  )
}

const linesIn = (path: string): Record<string, number>[] =>
  textIn(join(path, 'metrics.jsonl'))
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

describe('a sink', () => {
  it('of a stream gets every line in its order, is opened before and closed after', async () => {
    const run = await tinyRun()
    const sink = notes()
    await lastValueFrom(train(run, { clock$: ticks(1e6), sinks: [sink] }))
    expect(sink.said).toEqual([
      'sink open 0 0 false',
      ...[5, 10, 15, 20, 25, 30].map(at => `sink line ${at}`),
      'sink close',
    ])
  })

  it('beside a run folder gets the lines of metrics.jsonl; at a stop the last one is said to be the last', async () => {
    const run = await tinyRun()
    const [sink, folder] = [notes(), newFolder()]
    const go = (count: number) =>
      lastValueFrom(train(run, { clock$: ticks(count) }).pipe(record(run, folder, { sinks: [sink] })))
    await go(83)
    await go(1e6)
    expect(sink.said).toEqual([
      ...['sink open 0 0 true', 'sink line 5', 'sink line 8 last', 'sink close'],
      ...[
        'sink open 8 50 true',
        'sink line 10',
        'sink line 15',
        'sink line 20',
        'sink line 25',
        'sink line 30',
        'sink close',
      ],
    ])
  })

  it('gets pictures of evaluations, after the line with their figures', async () => {
    const run = await tinyRun({ run: { evaluateEvery: 15, evaluateEpisodes: 50 } })
    const sink = notes()
    const pictures = {
      play: () => new Uint8Array(run.tracker.finished),
      none: () => null,
    }
    await lastValueFrom(train(run, { clock$: ticks(1e6), sinks: [sink], pictures }))
    expect(sink.said.filter(said => said.includes('image'))).toEqual([
      'sink image play 15 150',
      'sink image play 30 300',
    ])
    expect(sink.said[sink.said.indexOf('sink image play 15 150') - 1]).toBe('sink line 15')
  })

  it('that takes its time to close is waited for', async () => {
    const run = await tinyRun()
    const said: string[] = []
    let close = () => {}
    const closed = new Promise<void>(resolve => {
      close = resolve
    })
    const slow: MetricsSink = { ...notes('slow', said), close: () => closed.then(() => void said.push('slow closed')) }
    const ended = lastValueFrom(train(run, { clock$: ticks(1e6), sinks: [slow, notes('quick', said)] })).then(
      () => void said.push('ended'),
    )
    await Promise.resolve()
    expect(said.at(-1)).toBe('quick close')
    close()
    await ended
    expect(said.slice(-2)).toEqual(['slow closed', 'ended'])
  })

  it('that fails ends the training; all are closed once, also those opened before one that cannot be', async () => {
    const failing = (sink: Partial<MetricsSink>): string[] => {
      const first = notes('first')
      const { errors } = observed(
        train(run, { clock$: ticks(1e6), sinks: [first, { ...notes('second', []), ...sink }] }),
      )
      return [String(errors[0]), ...first.said]
    }
    const refuse = () => {
      throw new Error('no room')
    }
    let run = await tinyRun()
    expect(failing({ open: refuse })).toEqual(['Error: no room', 'first open 0 0 false', 'first close'])
    run = await tinyRun()
    expect(failing({ line: refuse })).toEqual(['Error: no room', 'first open 0 0 false', 'first line 5', 'first close'])
  })
})

describe('metrics.csv', () => {
  it('says what metrics.jsonl says, with a column for each key that ever came', async () => {
    const run = await tinyRun({ run: { csv: true, evaluateEvery: 15, evaluateEpisodes: 50, tensorboard: false } })
    const folder = newFolder()
    await lastValueFrom(train(run, { clock$: ticks(1e6) }).pipe(record(run, folder)))
    expect(rowsIn(join(folder.path, 'metrics.csv'))).toEqual(linesIn(folder.path))
    expect(textIn(join(folder.path, 'metrics.csv'))).toMatch(/^episodes,envSteps,updates,return\/agent_0,/)
    expect(eventFilesIn(folder.path)).toEqual([])
  })

  it('of a run that lost its last lines goes on where its checkpoint is, a torn row left out', async () => {
    const folder = newFolder()
    const killed = await tinyRun({ run: { csv: true } })
    const clock$ = concat(
      ticks(300),
      throwError(() => new Error('killed')),
    )
    expect(observed(train(killed, { clock$ }).pipe(record(killed, folder))).errors).toHaveLength(1)
    const file = join(folder.path, 'metrics.csv')
    expect(rowsIn(file).map(({ episodes }) => episodes)).toEqual([5, 10, 15, 20, 25])
    writeFileSync(file, `${textIn(file)}30,30`)
    const resumed = await tinyRun({ run: { csv: true } })
    const opened = openRunFolder(folder.path).folder
    resumed.restore(opened.readCheckpoint())
    opened.cutMetrics(20)
    await lastValueFrom(train(resumed, { clock$: ticks(1e6) }).pipe(record(resumed, opened)))
    expect(rowsIn(file)).toEqual(linesIn(folder.path))
  })

  it('of another run is not written over', async () => {
    const file = join(tempFolder(), 'mine.csv')
    await lastValueFrom(train(await tinyRun(), { clock$: ticks(1e6), sinks: [csvSink(file)] }))
    const before = textIn(file)
    const run = await tinyRun()
    const { errors } = observed(train(run, { clock$: ticks(1e6), sinks: [csvSink(file)] }))
    expect(String(errors[0])).toMatch(
      /^ConfigError: csv: \S+mine\.csv has the lines of another run, 6 of them; move it away/,
    )
    expect(textIn(file)).toBe(before)
  })

  it('quotes names that need it, and leaves out what is no number', () => {
    const file = join(tempFolder(), 'odd.csv')
    const open = () => {
      const sink = csvSink(file)
      sink.open({ folder: null, agents: [], counters: { episodes: 1, envSteps: 1, updates: 0 }, linesUpTo: 2 })
      return sink
    }
    open().line({ envSteps: 1, 'a,"b"': 2, none: Number.NaN }, false)
    open().line({ envSteps: 2, c: 1e-7 }, false)
    expect(textIn(file)).toBe('envSteps,"a,""b""",c\r\n1,2,\r\n2,,1e-7\r\n')
  })
})

// A training run on disk: metrics as they come, checkpoints when due and at the end.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EMPTY, lastValueFrom, NEVER, of, throwError, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { record } from '../../src/experiment/record.ts'
import { createRunFolder, openRunFolder } from '../../src/experiment/run-folder.ts'
import { countersOf, train } from '../../src/experiment/trainer.ts'
import { observed } from '../support/observed.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'

describe('record', () => {
  const newFolder = () => createRunFolder(join(tempFolder(), 'run'), {})
  const checkpointsIn = (path: string) => readdirSync(join(path, 'checkpoints'))

  it('writes metrics and checkpoints as they come, and a last checkpoint', async () => {
    const run = await tinyRun()
    const folder = newFolder()
    const events = await lastValueFrom(train(run, { clock$: ticks(1e6) }).pipe(record(run, folder), toArray()))
    expect(
      events.map(event =>
        event.type === 'metrics' ? event.line.episodes : event.type === 'checkpoint' && `checkpoint ${event.episodes}`,
      ),
    ).toEqual([5, 10, 'checkpoint 10', 15, 20, 'checkpoint 20', 25, 30, 'checkpoint 30'])
    const lines = readFileSync(join(folder.path, 'metrics.jsonl'), 'utf8').trim().split('\n')
    expect(lines.map(line => JSON.parse(line))).toEqual(
      events.flatMap(event => (event.type === 'metrics' ? [event.line] : [])),
    )
    expect(checkpointsIn(folder.path)).toEqual(['000000020.safetensors', '000000030.safetensors'])
  })

  it('writes a last checkpoint that the run resumes from when it is stopped, even before the first event', async () => {
    const run = await tinyRun()
    const folder = newFolder()
    await lastValueFrom(train(run, { clock$: ticks(33) }).pipe(record(run, folder)))
    const resumed = await tinyRun()
    resumed.restore(openRunFolder(folder.path).folder.readCheckpoint())
    expect(countersOf(resumed)).toEqual(countersOf(run))
    expect(resumed.save()).toEqual(run.save())
  })

  it('of nothing writes the state as it is', async () => {
    const run = await tinyRun()
    const folder = newFolder()
    expect(observed(EMPTY.pipe(record(run, folder))).values).toMatchObject([{ type: 'checkpoint', episodes: 0 }])
    expect(observed(NEVER.pipe(record(run, newFolder()))).values).toEqual([])
  })

  it('of a run that failed keeps the last good checkpoint', async () => {
    const run = await tinyRun()
    const folder = newFolder()
    const seen = observed(throwError(() => new Error('not finite')).pipe(record(run, folder)))
    expect(seen.errors).toEqual([new Error('not finite')])
    expect(checkpointsIn(folder.path)).toEqual([])
  })

  it('makes a disk that fails the error of the stream', async () => {
    const run = await tinyRun()
    const broken = {
      ...newFolder(),
      appendMetrics() {
        throw new Error('ENOSPC')
      },
    }
    const seen = observed(of({ type: 'metrics', line: {} } as const).pipe(record(run, broken)))
    expect(seen.errors).toEqual([new Error('ENOSPC')])
  })
})

// A training run on disk: metrics as they come, checkpoints when due and at the end.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EMPTY, lastValueFrom, NEVER, of, Subject, takeWhile, tap, throwError, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { wasDone } from '../../src/experiment/done.ts'
import { record } from '../../src/experiment/record.ts'
import { createRunFolder, openRunFolder } from '../../src/experiment/run-folder.ts'
import { countersOf, train } from '../../src/experiment/trainer.ts'
import type { Run } from '../../src/run/run.ts'
import { observed } from '../support/observed.ts'
import { scalarsIn } from '../support/read-events.ts'
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

  it('ends at the first step of all games at which so many environment steps were played', async () => {
    const run = await tinyRun({ run: { steps: 101, games: 4 } })
    const folder = newFolder()
    const events = await lastValueFrom(train(run, { clock$: ticks(1e6) }).pipe(record(run, folder), toArray()))
    expect(countersOf(run)).toMatchObject({ envSteps: 104 })
    expect(run.rounds.finished).toBe(3)
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['metrics', 'checkpoint'])
    expect(wasDone(folder.readCheckpoint(), run.config.run)).toBe(true)
    expect(wasDone(folder.readCheckpoint(), { episodes: null, steps: 105 })).toBe(false)
    const longer = await tinyRun({ run: { steps: 140, games: 4 } })
    longer.restore(folder.readCheckpoint())
    await lastValueFrom(train(longer, { clock$: ticks(1e6) }).pipe(record(longer, newFolder())))
    const straight = await tinyRun({ run: { steps: 140, games: 4 } })
    await lastValueFrom(train(straight, { clock$: ticks(1e6) }).pipe(record(straight, newFolder())))
    expect(longer.save()).toEqual(straight.save())
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

  it('writes a line at a stop, which is taken back when the run goes on: the same lines and events as without it', async () => {
    const outcome = (path: string) => ({
      metrics: readFileSync(join(path, 'metrics.jsonl'), 'utf8').replace(/,"time\/[^,}]*/g, ''),
      scalars: [...scalarsIn(path)].filter(([tag]) => !tag.startsWith('time/')),
    })
    const options = { run: { episodes: 23, logEvery: 5, tensorboard: true } }
    const straight = newFolder()
    const whole = await tinyRun(options)
    await lastValueFrom(train(whole, { clock$: ticks(1e6) }).pipe(record(whole, straight)))
    expect(straight.readMetrics().map(({ episodes }) => episodes)).toEqual([5, 10, 15, 20, 23])
    const { path } = newFolder()
    for (const at of [33, 61, 2, 50, 1e6]) {
      const run = await tinyRun(options)
      const { folder } = openRunFolder(path)
      if (folder.hasCheckpoint) run.restore(folder.readCheckpoint())
      folder.cutMetrics(countersOf(run).episodes, countersOf(run).envSteps)
      await lastValueFrom(train(run, { clock$: ticks(at) }).pipe(record(run, folder)))
      const last = folder.readMetrics().at(-1)!
      expect([last.episodes, last.envSteps]).toEqual([countersOf(run).episodes, countersOf(run).envSteps])
    }
    expect(outcome(path)).toEqual(outcome(straight.path))
  })

  it('goes on in the same process after a stop, without the line at it', async () => {
    const run = await tinyRun()
    const folder = newFolder()
    for (const at of [33, 1e6]) await lastValueFrom(train(run, { clock$: ticks(at) }).pipe(record(run, folder)))
    expect(folder.readMetrics().map(({ episodes }) => episodes)).toEqual([5, 10, 15, 20, 25, 30])
  })

  it('writes checkpoints by the clock that change nothing and go when the next one comes', async () => {
    const options = { run: { episodes: 1e9, checkpointEvery: 1e9, checkpointMinutes: 1e-4, keepBest: true } }
    const run = await tinyRun(options)
    const folder = newFolder()
    folder.writeCheckpoint(0, run.save())
    const seen: number[] = []
    const stop$ = new Subject<void>()
    await lastValueFrom(
      train(run, { stop$ }).pipe(
        record(run, folder),
        tap(event => {
          if (event.type !== 'checkpoint' || event.episodes === 0) return
          seen.push(event.episodes)
          // Beside the one that was there before, only the newest.
          if (seen.length < 4) expect(folder.checkpoints).toEqual([0, event.episodes])
          expect(folder.hasBest).toBe(seen.length > 3)
          if (seen.length === 3) stop$.next()
        }),
      ),
    )
    const straight = await tinyRun(options)
    observed(train(straight, { clock$: ticks(1e9).pipe(takeWhile(() => placeOf(straight) !== placeOf(run))) }))
    expect(straight.save()).toEqual(run.save())
  })

  it('writes no checkpoint by the clock of what has not moved since the last one', async () => {
    const run = await tinyRun({ run: { checkpointMinutes: 1e-4 } })
    const seen = observed(train(run, { paused$: of(true) }).pipe(record(run, newFolder())))
    await new Promise(resolve => setTimeout(resolve, 60))
    seen.subscription.unsubscribe()
    expect(seen.values).toEqual([])
  })

  it('of a folder that is gone says so in a sentence', async () => {
    const run = await tinyRun()
    const folder = newFolder()
    rmSync(folder.path, { recursive: true })
    const seen = observed(train(run, { clock$: ticks(1e6) }).pipe(record(run, folder)))
    expect(String(seen.errors[0])).toMatch(
      new RegExp(`^Error: the run folder ${folder.path} is gone; it was removed or renamed`),
    )
    expect(existsSync(folder.path)).toBe(false)
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

/** Where a training stands to the single update. */
function placeOf(run: Run): string {
  const { finished, open } = run.rounds.save() as { finished: number; open: readonly number[] }
  return JSON.stringify([run.vectorGame.steps, finished, open, run.learners.map(learner => learner.save())])
}

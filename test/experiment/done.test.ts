// A run is done when nothing is left to learn: a stop after its last episode, before its last update round has ended, is no end.
import { lastValueFrom, Observable } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Tick } from '../../src/engine/clock.ts'
import { isDone, wasDone } from '../../src/experiment/done.ts'
import { record } from '../../src/experiment/record.ts'
import { createRunFolder, openRunFolder } from '../../src/experiment/run-folder.ts'
import { train } from '../../src/experiment/trainer.ts'
import type { Overrides, Run } from '../../src/index.ts'
import { copySaved } from '../../src/saved.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { tick, ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'

/** Ticks with room for one step, until `enough`, which is asked before each. */
function until(enough: () => boolean): Observable<Tick> {
  return new Observable(subscriber => {
    while (!subscriber.closed && !enough()) subscriber.next(tick())
    subscriber.complete()
  })
}

const settings: Overrides = { run: { episodes: 12, logEvery: 4 } }

/** Trains into a folder until `enough`, or to the end. */
async function trainInto(run: Run, path: string, enough: () => boolean): Promise<void> {
  const folder = createRunFolder(path, run.config)
  await lastValueFrom(train(run, { clock$: until(enough) }).pipe(record(run, folder)))
}

/** Goes on with a folder's run, to its end. */
async function goOn(path: string, given: Overrides): Promise<Run> {
  const run = await tinyRun(given)
  const { folder } = openRunFolder(path)
  run.restore(folder.readCheckpoint())
  await lastValueFrom(train(run, { clock$: ticks(1e6) }).pipe(record(run, folder)))
  return run
}

describe('a run that is stopped in the midst of its last update round', () => {
  const playedOut = (run: Run) => run.tracker.finished >= 12

  it.each([
    ['before its first update', 0],
    ['after its first update', 1],
    ['after its second update', 2],
  ])('%s is not done, and goes on to the bits of one that nobody stopped', async (_, updates) => {
    const whole = await tinyRun(settings)
    await lastValueFrom(train(whole, { clock$: ticks(1e6) }))

    const path = `${tempFolder()}/run`
    const stopped = await tinyRun(settings)
    let made = 0
    await trainInto(stopped, path, () => playedOut(stopped) && stopped.rounds.due && made++ >= updates)
    expect(stopped.tracker.finished).toBe(whole.tracker.finished)
    expect(stopped.rounds.due).toBe(true)
    expect(isDone(stopped)).toBe(false)
    const { folder } = openRunFolder(path)
    expect(
      wasDone(
        folder.readCheckpoint(() => false),
        { episodes: 12 },
      ),
    ).toBe(false)

    const resumed = await goOn(path, settings)
    expect(isDone(resumed)).toBe(true)
    expect(
      wasDone(
        folder.readCheckpoint(() => false),
        { episodes: 12 },
      ),
    ).toBe(true)
    expect(
      wasDone(
        folder.readCheckpoint(() => false),
        { episodes: 13 },
      ),
    ).toBe(false)
    expect(copySaved(resumed.save())).toEqual(copySaved(whole.save()))
  })

  it('is not done while its last evaluation is under way either, and plays it when it goes on', async () => {
    const evaluated: Overrides = { run: { ...settings.run, evaluateEvery: 12, evaluateEpisodes: 50 } }
    const path = `${tempFolder()}/run`
    const stopped = await tinyRun(evaluated)
    let turns = 0
    await trainInto(stopped, path, () => stopped.evaluation!.due && turns++ >= 3)
    expect(isDone(stopped)).toBe(false)
    const { folder } = openRunFolder(path)
    expect(
      wasDone(
        folder.readCheckpoint(() => false),
        { episodes: 12 },
      ),
    ).toBe(false)
    // The line at the stop has no evaluation, and is taken back.
    const lines = folder.readMetrics()
    expect(lines.map(({ episodes }) => episodes)).toEqual([4, 8, 12])
    expect(lines.at(-1)).not.toHaveProperty('evaluation/return/agent_0')

    await goOn(path, evaluated)
    expect(
      wasDone(
        folder.readCheckpoint(() => false),
        { episodes: 12 },
      ),
    ).toBe(true)
    const last = folder.readMetrics().at(-1)!
    expect(last.episodes).toBe(12)
    expect(last['evaluation/return/agent_0']).toEqual(expect.any(Number))
  })
})

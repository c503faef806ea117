// What viewers are told of a training: as it happens, and from the folder of a run that was trained before.
import { lastValueFrom, tap } from 'rxjs'
import { expect, it } from 'vitest'
import { initialSession } from '../../src/experiment/initial-session.ts'
import { createRunFolder, createSession, record, train } from '../../src/index.ts'
import { tellPast, tellSession } from '../../src/serving/session-news.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'

it('is the same from the folder as it was when it happened: curves, losses, evaluations', async () => {
  const run = await tinyRun({ run: { evaluateEvery: 10, evaluateEpisodes: 3 } })
  const folder = createRunFolder(`${tempFolder()}/run`, run.config)
  const begin = initialSession(
    { scenario: 'x', algorithm: 'y', seed: 1, preset: 'z', folder: null },
    'training',
    run,
    30,
  )
  const [live, past] = [createSession(begin), createSession(begin)]
  await lastValueFrom(
    train(run, { clock$: ticks(100_000) }).pipe(
      record(run, folder),
      tap(event => void tellSession(live, run, event)),
    ),
  )
  tellPast(past, run, folder.readMetrics())
  const { curve, metrics, evaluations } = live.state
  expect(curve.episodes.length).toBeGreaterThan(4)
  expect(Object.keys(metrics.series)).toContain('criticLoss/agent_0')
  expect(Object.keys(metrics.series).filter(key => /time|return|envSteps|updates|evaluation/.test(key))).toEqual([])
  expect(evaluations.map(({ episodes, mode }) => ({ episodes, mode }))).toEqual(
    [10, 20, 30].map(episodes => ({ episodes, mode: run.config.run.evaluateMode })),
  )
  expect(past.state).toEqual(live.state)
})

// A training that ends when an evaluation is good enough: done then, and gone on with by whoever asks for more.
import { join } from 'node:path'
import { lastValueFrom, toArray } from 'rxjs'
import { expect, it } from 'vitest'
import { isDone, wasDone } from '../../src/experiment/done.ts'
import { record } from '../../src/experiment/record.ts'
import { createRunFolder, openRunFolder } from '../../src/experiment/run-folder.ts'
import { type EvaluatedEvent, train } from '../../src/experiment/trainer.ts'
import { observed } from '../support/observed.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ticks } from '../support/ticks.ts'
import { tinyRollouts, tinyRun } from '../support/tiny-config.ts'

const evaluated = { run: { evaluateEvery: 5, evaluateEpisodes: 50 } }
const after = (episodes: number) => (event: EvaluatedEvent) => event.trainingEpisodes >= episodes

it('ends after the evaluation and what is due, and is done; a longer one goes on to the bit', async () => {
  const folder = createRunFolder(join(tempFolder(), 'run'), {})
  const run = await tinyRun(evaluated)
  const events = await lastValueFrom(
    train(run, { clock$: ticks(1e6), stopWhen: after(25) }).pipe(record(run, folder), toArray()),
  )
  expect(events.slice(-3).map(({ type }) => type)).toEqual(['evaluation', 'metrics', 'checkpoint'])
  expect(run.tracker.finished).toBe(25)
  expect([isDone(run), run.rounds.due]).toEqual([true, false])
  const saved = openRunFolder(folder.path).folder.readCheckpoint()
  expect([30, 25, 31].map(episodes => wasDone(saved, { episodes }))).toEqual([true, true, false])
  expect(wasDone(saved, { episodes: null, steps: 300 })).toBe(false)

  const again = await tinyRun(evaluated)
  again.restore(saved)
  expect(isDone(again)).toBe(true)
  expect(observed(train(again, { clock$: ticks(1e6) })).values.filter(({ type }) => type === 'evaluation')).toEqual([])
  expect(again.tracker.finished).toBe(25)

  const more = { run: { ...evaluated.run, episodes: 40 } }
  const [longer, straight] = [await tinyRun(more), await tinyRun(more)]
  longer.restore(saved)
  for (const each of [longer, straight]) await lastValueFrom(train(each, { clock$: ticks(1e6) }))
  expect(longer.tracker.finished).toBe(40)
  const { goodEnough, ...others } = longer.save() as Record<string, unknown>
  expect(goodEnough).toEqual({ episodes: 30, steps: null })
  expect(others).toEqual(straight.save())
})

it('still learns from what is due', async () => {
  const run = await tinyRun({ run: { ...evaluated.run, evaluateEvery: 4, logEvery: 4 } }, tinyRollouts)
  await lastValueFrom(train(run, { clock$: ticks(1e6), stopWhen: after(8) }))
  expect([run.tracker.finished, run.rounds.finished, run.rounds.due]).toEqual([8, 2, false])
})

it('is refused where nothing is evaluated', async () => {
  const { errors } = observed(train(await tinyRun(), { stopWhen: () => true }))
  expect(String(errors[0])).toMatch(
    /^ConfigError: run.evaluateEvery: expected a number of episodes, got 0: stopWhen is asked after/,
  )
})

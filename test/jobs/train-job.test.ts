// A job that is stopped: amid its training with a checkpoint, amid its evaluation with nothing lost.
import { join } from 'node:path'
import { ReplaySubject } from 'rxjs'
import { expect, it } from 'vitest'
import { openRunFolder } from '../../src/index.ts'
import { objectiveSchema } from '../../src/jobs/objective.ts'
import { doJob, type TrainJob } from '../../src/jobs/train-job.ts'
import { layer } from '../../src/run/config/config.ts'
import { planRun } from '../../src/run/plan.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { tinyConfig } from '../support/tiny-config.ts'

async function tinyJob(more: Partial<TrainJob> = {}): Promise<TrainJob> {
  const { config } = await planRun(layer(tinyConfig, { run: { episodes: 12, threads: 1 } }))
  return { folder: join(tempFolder(), 'run'), config, objective: null, ...more }
}

const never = { stop$: new ReplaySubject<void>(1), note() {}, progress() {} }

it('stops amid an evaluation that would take hours, and needs no more training when it is given again', async () => {
  const job = await tinyJob()
  expect(await doJob(job, never)).toMatchObject({ how: 'trained', episodes: 12, value: null })
  const stop$ = new ReplaySubject<void>(1)
  const objective = objectiveSchema.parse({ measure: 'evaluation', episodes: 1e9 })
  const measuring = doJob({ ...job, objective }, { ...never, stop$ })
  // The evaluation lets others have their turn.
  setTimeout(() => stop$.next(), 500)
  expect(await measuring).toBeNull()
  const again = await doJob({ ...job, objective: { ...objective, episodes: 50 } }, never)
  expect(again).toMatchObject({ how: 'kept', value: expect.any(Number) })
})

it('that was stopped before it began has a checkpoint, and goes on', async () => {
  const job = await tinyJob()
  const stop$ = new ReplaySubject<void>(1)
  stop$.next()
  expect(await doJob(job, { ...never, stop$ })).toBeNull()
  const result = await doJob(job, never)
  expect(['trained', 'resumed']).toContain(result!.how)
  expect(openRunFolder(job.folder).folder.checkpoints.at(-1)).toBe(12)
})

it('counts in environment steps where its length is in these, and goes further when it is longer', async () => {
  const job = await tinyJob()
  const told: number[] = []
  const long = (steps: number) => ({
    ...job,
    config: { ...job.config, run: { ...job.config.run, episodes: null, steps } },
  })
  const controls = { ...never, progress: (done: number) => void told.push(done) }
  const objective = objectiveSchema.parse({})
  const first = await doJob({ ...long(100), objective }, controls)
  expect(first).toMatchObject({ how: 'trained', value: expect.any(Number) })
  expect(await doJob({ ...long(100), objective }, controls)).toMatchObject({ ...first, how: 'kept' })
  expect(await doJob(long(200), controls)).toMatchObject({ how: 'resumed' })
  expect(told[0]).toBe(0)
  await expect(doJob(long(150), controls)).rejects.toThrow(
    /holds a run of \d+ steps, expected 150; ask for --steps 200/,
  )
})

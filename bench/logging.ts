// What metrics, TensorBoard events and evaluation cost: a training with them against the same training without, slice by slice.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lastValueFrom, type Observable } from 'rxjs'
import { createRun, createRunFolder, type Run, record, train } from '../src/index.ts'
import { layer, type Overrides } from '../src/run/config/config.ts'
import { type Benchmark, takeTurns } from './figure.ts'

/** Preset openai on simple_spread as it is from the first update round on, on one thread. */
const settings: Overrides = {
  scenario: { id: 'simple_spread' },
  learner: { updateAfter: 1024 },
  replay: { capacity: 100_000 },
  run: { threads: 1, episodes: 1_000_000, checkpointEvery: 1_000_000, logEvery: 1_000_000, tensorboard: false },
}
/** Training episodes of a turn: as many lines as hundreds. */
const slice = 500
const turns = 5

const contenders: readonly { readonly name: string; readonly run: Readonly<Record<string, unknown>> }[] = [
  { name: 'off', run: {} },
  { name: 'metrics', run: { logEvery: 100, tensorboard: true } },
  { name: 'evaluation', run: { logEvery: 100, tensorboard: true, evaluateEvery: 500, evaluateEpisodes: 50 } },
]

export const logging: Benchmark = {
  name: 'logging',
  description: `${slice} episodes of training: with metrics.jsonl and TensorBoard every 100 episodes, and with an evaluation too`,
  async run(report) {
    const folder = mkdtempSync(join(tmpdir(), 'marlstrom-bench-'))
    const trainings = await Promise.all(contenders.map(({ name, run }) => createTraining(join(folder, name), run)))
    const seconds = await takeTurns(
      turns,
      trainings.map(({ next }) => next),
    )
    contenders.forEach(({ name }, i) => {
      const figure = { name: `logging/${name}`, value: seconds[i]!, unit: 's' }
      report(i === 0 ? figure : { ...figure, against: 'neither', ratio: seconds[0]! / seconds[i]! })
    })
    for (const { run } of trainings) run.dispose()
    rmSync(folder, { recursive: true })
  },
}

/** A run on disk that is trained slice by slice; its last checkpoint belongs to no slice. */
async function createTraining(path: string, more: Readonly<Record<string, unknown>>) {
  const run = await createRun(layer(settings, { run: more }))
  const folder = { ...createRunFolder(path, run.config), writeCheckpoint: () => ({ file: '', bytes: 0 }) }
  let episodes = 0
  return {
    run,
    async next() {
      episodes += slice
      const part: Run = { ...run, schedule: { ...run.schedule, episodes } }
      await lastValueFrom(train(part).pipe(record(part, folder)) as Observable<unknown>)
    },
  }
}

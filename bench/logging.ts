// What metrics, TensorBoard events and evaluation cost: trainings of equal work with and without them, by processor time, in short turns.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Observable, Subject } from 'rxjs'
import type { Tick } from '../src/engine/clock.ts'
import { createRun, createRunFolder, record, train } from '../src/index.ts'
import { layer, type Overrides } from '../src/run/config/config.ts'
import { excessFigure } from './excess.ts'
import type { Benchmark } from './figure.ts'

/** Preset openai on simple_spread as it is from the first update round on, on one thread. */
const settings: Overrides = {
  scenario: { id: 'simple_spread' },
  learner: { updateAfter: 1024 },
  replay: { capacity: 100_000 },
  run: { threads: 1, episodes: 1_000_000, checkpointEvery: 1_000_000, logEvery: 1_000_000, tensorboard: false },
}
/** Training episodes of a turn, turns of a pair. */
const slice = 10
const slices = 50
const pairs = 20
const limit = 0.02

const contenders: readonly { readonly name: string; readonly run: Readonly<Record<string, unknown>> }[] = [
  { name: 'off', run: {} },
  { name: 'metrics', run: { logEvery: 100, tensorboard: true } },
  { name: 'evaluation', run: { logEvery: 100, tensorboard: true, evaluateEvery: 500, evaluateEpisodes: 50 } },
]

export const logging: Benchmark = {
  name: 'logging',
  description: `${slice * slices} episodes of training: with metrics.jsonl and TensorBoard every 100 episodes, and with an evaluation too`,
  async run(report) {
    const folder = mkdtempSync(join(tmpdir(), 'marlstrom-bench-'))
    const trainings = await Promise.all(contenders.map(({ name, run }) => createTraining(join(folder, name), run)))
    const shares: number[][] = contenders.map(() => [])
    let alone = 0
    for (let pair = -1; pair < pairs; pair++) {
      const seconds = contenders.map(() => 0)
      for (let turn = 0; turn < slices; turn++) {
        const order = contenders.map((_, i) => (turn % 2 === 0 ? i : contenders.length - 1 - i))
        for (const i of order) seconds[i]! += trainings[i]!.next()
      }
      // The first warms up.
      if (pair < 0) continue
      alone += seconds[0]! / pairs
      for (const [i, value] of seconds.entries()) shares[i]!.push(value / seconds[0]! - 1)
    }
    report({ name: 'logging/off', value: alone, unit: 's of processor time' })
    contenders.slice(1).forEach(({ name }, i) => {
      report(excessFigure(`logging/${name}`, shares[i + 1]!, 'the training without', limit))
    })
    for (const training of trainings) training.end()
    rmSync(folder, { recursive: true })
  },
}

/** A training that goes on for a slice when it is told to, and says what that cost; it is recorded if it has lines. */
async function createTraining(path: string, more: Readonly<Record<string, unknown>>) {
  const run = await createRun(layer(settings, { run: more }))
  const clock$ = new Subject<Tick>()
  const events$ = train(run, { clock$ })
  // Checkpoints and rows of the replay buffer are no part of it.
  const folder = {
    ...createRunFolder(path, run.config),
    writeCheckpoint: () => ({ file: '', bytes: 0 }),
    writeRows() {},
  }
  const recorded$: Observable<unknown> = more.logEvery === undefined ? events$ : events$.pipe(record(run, folder))
  const training = recorded$.subscribe({
    error: (error: unknown) => {
      throw error
    },
  })
  let episodes = 0
  const isOpen = () => run.tracker.finished < episodes
  return {
    /** Seconds of processor time. */
    next(): number {
      episodes += slice
      const before = process.cpuUsage()
      while (isOpen()) clock$.next({ take: isOpen })
      const { user, system } = process.cpuUsage(before)
      return (user + system) / 1e6
    },
    end() {
      training.unsubscribe()
      run.dispose()
    },
  }
}

// A checkpoint of a run with a full replay buffer of simple_spread: seconds, bytes, and the longest time that the training stood still.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { map, type Observable, takeWhile } from 'rxjs'
import type { Tick } from '../src/engine/clock.ts'
import { fastClock } from '../src/engine/clock.ts'
import { writeCheckpoint } from '../src/experiment/checkpoint.ts'
import { record } from '../src/experiment/record.ts'
import { createRunFolder } from '../src/experiment/run-folder.ts'
import { train } from '../src/experiment/trainer.ts'
import { createRun } from '../src/run/run.ts'
import type { Benchmark } from './figure.ts'

const capacity = 1_000_000
/** Many side by side, so that the buffer is full in seconds; what is written is the same. */
const games = 50

export const checkpoint: Benchmark = {
  name: 'checkpoint',
  description:
    'a checkpoint with a full replay buffer of a million transitions of simple_spread, against all in one file',
  async run(report) {
    const path = mkdtempSync(join(tmpdir(), 'marlstrom-checkpoint-'))
    const steps = Math.ceil((1.05 * capacity) / games)
    const run = await createRun({
      scenario: { id: 'simple_spread', rules: 'openai' },
      // Once the buffer is full, rounds take turns with steps as in any training.
      learner: { updateAfter: capacity, updateEvery: 1000 },
      replay: { capacity },
      run: { games, episodes: 1e9, checkpointEvery: 10_000, tensorboard: false, logEvery: 10_000 },
    })
    try {
      const folder = createRunFolder(join(path, 'run'), {})
      const checkpoints: { seconds: number; bytes: number }[] = []
      let longest = 0
      const timed = {
        ...folder,
        writeRows: (rows: Parameters<typeof folder.writeRows>[0]) => {
          const start = performance.now()
          folder.writeRows(rows)
          longest = Math.max(longest, performance.now() - start)
        },
        writeCheckpoint: (...given: Parameters<typeof folder.writeCheckpoint>) => {
          const start = performance.now()
          const written = folder.writeCheckpoint(...given)
          const milliseconds = performance.now() - start
          longest = Math.max(longest, milliseconds)
          if (run.replay!.size === capacity) checkpoints.push({ seconds: milliseconds / 1000, bytes: written.bytes })
          return written
        },
      }
      await ended(
        train(run, { clock$: until(fastClock(), () => run.vectorGame.steps >= steps) }).pipe(record(run, timed)),
      )
      const worst = checkpoints.reduce((a, b) => (b.seconds > a.seconds ? b : a))

      const whole = join(path, 'whole.safetensors')
      const start = performance.now()
      writeCheckpoint(whole, run.save())
      const wholeSeconds = (performance.now() - start) / 1000
      const wholeBytes = 4 * run.replay!.rows().columns * capacity
      const against = 'the whole buffer in one file'
      report({
        name: 'checkpoint/simple_spread',
        value: worst.seconds,
        unit: 's',
        against,
        ratio: wholeSeconds / worst.seconds,
      })
      report({
        name: 'checkpoint/simple_spread/stall',
        value: longest,
        unit: 'ms',
        against,
        ratio: (1000 * wholeSeconds) / longest,
      })
      report({
        name: 'checkpoint/simple_spread/bytes',
        value: worst.bytes / 1e6,
        unit: 'MB',
        against,
        ratio: wholeBytes / worst.bytes,
      })
    } finally {
      run.dispose()
      rmSync(path, { recursive: true, force: true })
    }
  },
}

function until(clock$: Observable<Tick>, done: () => boolean): Observable<Tick> {
  return clock$.pipe(
    takeWhile(() => !done()),
    map(tick => ({ take: () => !done() && tick.take() })),
  )
}

function ended(events$: Observable<unknown>): Promise<void> {
  return new Promise((complete, error) => void events$.subscribe({ complete, error }))
}

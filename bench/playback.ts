// Recordings: what one costs while it is made, how large it is, and how fast any frame of two hours is found.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BehaviorSubject, firstValueFrom, Subject } from 'rxjs'
import { baselineSetup } from '../src/exhibition/baseline-setup.ts'
import { createExhibition } from '../src/exhibition/exhibition.ts'
import { createSession, type SessionState } from '../src/experiment/session.ts'
import type { Moment } from '../src/experiment/show.ts'
import { createRandom } from '../src/random.ts'
import { recordShow } from '../src/recording/recorder.ts'
import { openRecording } from '../src/recording/recording.ts'
import { verify } from '../src/recording/verify.ts'
import { games } from '../src/run/run.ts'
import type { Benchmark } from './figure.ts'

const hours = 2
const framesPerHour = 36_000
const scenario = 'simple_tag'
const seeks = 300
/** As many bytes as two seconds at the pace of the live page: its chunks are ended by time. */
const chunk = { bytes: 64_000, milliseconds: 1e9 }

export const playback: Benchmark = {
  name: 'playback',
  description: `${scenario} recorded for ${hours} hours at the pace of the live page: cost, size, seeking, verifying`,
  async run(report) {
    const folder = mkdtempSync(join(tmpdir(), 'marlstrom-bench-'))
    try {
      const file = join(folder, 'hours.mcap')
      const { alone, recorded } = await make(file)
      const name = (what: string) => `playback/${scenario}/${what}`
      report({ name: name('cost'), value: 1e6 * (recorded - alone), unit: 'us per frame' })
      report({ name: name('size'), value: statSync(file).size / hours / 1e6, unit: 'MB per hour' })

      const began = performance.now()
      const recording = await openRecording(file)
      report({ name: name('open'), value: performance.now() - began, unit: 'ms' })
      const random = createRandom(1, 'seek')
      const times: number[] = []
      for (let i = 0; i < seeks; i++) {
        const number = recording.first + random.integer(hours * framesPerHour)
        const from = performance.now()
        const found = await recording.at(number)
        times.push(performance.now() - from)
        if (found?.frame.number !== number) throw new Error(`sought frame ${number}, found ${found?.frame.number}`)
      }
      times.sort((a, b) => a - b)
      report({ name: name('seek'), value: times[Math.floor(seeks / 2)]!, unit: 'ms, median' })
      report({ name: name('seek-p99'), value: times[Math.floor(0.99 * seeks)]!, unit: 'ms, 99th percentile' })

      const start = performance.now()
      const found = await verify(recording, async ({ options }) => games[scenario]!.create(options))
      if (found.difference !== null) throw new Error(`not the same: ${found.difference.what}`)
      report({ name: name('verify'), value: (1000 * found.same) / (performance.now() - start), unit: 'frames/s' })
      await recording.close()
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

/** Seconds per frame of playing alone, and of playing and recording. */
async function make(file: string): Promise<{ alone: number; recorded: number }> {
  const exhibition = createExhibition(baselineSetup(games[scenario]!, {}, 1, 'random'), createSession(quiet))
  const { current } = exhibition
  const schema$ = new BehaviorSubject(await firstValueFrom(exhibition.schema$))
  const moments$ = new Subject<Moment>()
  const about = { marlstrom: '', scenario, players: 'random', seed: 1, config: {}, run: null }
  const trial = 5000
  const seconds = (frames: number, tell: () => void) => {
    const began = performance.now()
    for (let i = 0; i < frames; i++) tell()
    return (performance.now() - began) / 1000 / frames
  }
  seconds(trial, () => current.advance())
  const alone = seconds(trial, () => current.advance())

  const recorder = await recordShow({ schema$, moments$ }, { file, about, source: () => null, chunk })
  moments$.next(current.present())
  const count = hours * framesPerHour - 1
  let spent = 0
  for (let done = 0; done < count; ) {
    const some = Math.min(500, count - done)
    spent += some * seconds(some, () => moments$.next(current.advance()))
    done += some
    // As in life, the disk gets its turn.
    await recorder.snapshot()
  }
  await recorder.close()
  return { alone, recorded: spent / count }
}

const quiet = {
  exhibition: { paused: true, speed: 1 },
  timeline: {},
} as unknown as SessionState

// The process that trains one run after the other for another one, which gives jobs over the channel between them.
import { ReplaySubject } from 'rxjs'
import { describeError } from '../authoring/error-place.ts'
import { endStuckHooks } from '../authoring/hook-watch.ts'
import { ConfigError } from '../errors.ts'
import type { JobResult } from './job-results.ts'
import { doJob, type TrainJob } from './train-job.ts'

/** What the process is told. */
export type ToTrainer = { readonly type: 'train'; readonly job: TrainJob } | { readonly type: 'stop' }

/** What it tells. */
export type FromTrainer =
  | { readonly type: 'progress'; readonly episodes: number }
  | { readonly type: 'done'; readonly result: JobResult }
  /** A checkpoint was written. */
  | { readonly type: 'stopped' }
  /** `wrong`: settings or folders, not the training, are at fault. */
  | { readonly type: 'failed'; readonly reason: string; readonly wrong: boolean }

/** Jobs that begin after the stop are stopped too. */
const stop$ = new ReplaySubject<void>(1)
let busy = false
endStuckHooks()
const tell = (message: FromTrainer) => void (process.connected && process.send!(message))

process.on('message', async (message: ToTrainer) => {
  if (message.type === 'stop') return stop$.next()
  busy = true
  try {
    const result = await doJob(message.job, {
      stop$,
      progress: episodes => tell({ type: 'progress', episodes }),
      note: sentence => void process.stderr.write(`note: ${sentence}\n`),
    })
    tell(result === null ? { type: 'stopped' } : { type: 'done', result })
  } catch (error) {
    tell({ type: 'failed', reason: describeError(error), wrong: error instanceof ConfigError })
  }
  busy = false
  if (!process.connected) process.exit()
})
// The parent process is gone: what has been trained is kept, and the training ends.
process.on('disconnect', () => {
  stop$.next()
  if (!busy) process.exit()
})

// One job of a sweep's folder, by its number: what a cluster runs. A stopped one is no failure: it goes on when it is run again.
import { ReplaySubject } from 'rxjs'
import { describeError } from '../../authoring/error-place.ts'
import { beforeStuckEnd } from '../../authoring/played-here.ts'
import { ConfigError } from '../../index.ts'
import { doJob } from '../../jobs/train-job.ts'
import { noteFailure, readJob } from '../../sweep/launchers/job-files.ts'
import { print, printNote } from '../terminal/print.ts'

/** EX_TEMPFAIL of sysexits.h: it can be tried again. */
const stoppedCode = 75

/** Trains the run of a job; SIGTERM, SIGINT and SIGUSR1 end it with a checkpoint and exit code 75. */
export async function workOnJob(sweep: string, number: number): Promise<void> {
  const job = readJob(sweep, number)
  const stop$ = new ReplaySubject<void>(1)
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) process.on(signal, () => stop$.next())
  print(`${new Date().toISOString()} ${job.folder}: to ${job.config.run.episodes} episodes`)
  beforeStuckEnd(reason => noteFailure(sweep, number, { reason, wrong: false }))
  try {
    const result = await doJob(job, { stop$, progress: () => {}, note: printNote })
    if (result === null) process.exitCode = stoppedCode
    print(`${new Date().toISOString()} ${result === null ? 'stopped' : `${result.how}, ${result.value}`}`)
  } catch (error) {
    noteFailure(sweep, number, { reason: describeError(error), wrong: error instanceof ConfigError })
    throw error
  }
}

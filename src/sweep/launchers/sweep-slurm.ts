// Launcher slurm: runs become members of job arrays; what they did lies in the folder of the sweep, which all nodes share.

import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { lastLine } from '../../catalogue/last-line.ts'
import { writeFileAtomic } from '../../experiment/atomic-file.ts'
import { compiledFile } from '../../installation/package-folder.ts'
import { measuredAt } from '../../jobs/job-results.ts'
import type { TrainJob } from '../../jobs/train-job.ts'
import { JobError, type PendingJob, StoppedError } from '../../jobs/train-pool.ts'
import { episodesOf as lengthOf } from '../../run/config/config.ts'
import { shellQuoted } from '../../text/shell-quoted.ts'
import { type JobFiles, openJobFiles } from './job-files.ts'
import type { Launcher } from './launcher.ts'
import { logFile, type Queued, queuedJobs, submitJobs } from './slurm.ts'

interface Waiting extends PendingJob {
  /** Whether it was seen in the queue, or put there. */
  submitted: boolean
  /** Looks at the queue in which it was missing, one after the other. */
  missed: number
}

/** Milliseconds between two looks at the queue and the folder. */
const lookEvery = 2000

/** A job that is missing from the queue so often, and left no result, failed: a shared file system may show things late. */
const mostMissed = 5

/** Looks after which a Slurm that does not answer is given up; the sweep can be taken up again. */
const mostSilent = 60

export interface SlurmOptions {
  /** Options of sbatch: `--partition=long --time=04:00:00`. */
  readonly sbatch: readonly string[]
  /** Jobs of an array that run at a time; undefined: as many as there is room for. */
  readonly jobs: number | undefined
}

/**
 * Left alone, the jobs go on; the same sweep finds them in the queue again.
 * @param sweep The sweep's folder, on a file system that all nodes share.
 * @throws ConfigError where Slurm does not answer
 */
export async function slurmLauncher(sweep: string, options: SlurmOptions): Promise<Launcher> {
  const folder = resolve(sweep)
  const name = `marlstrom-${createHash('sha256').update(folder).digest('hex').slice(0, 8)}`
  await queuedJobs(name)
  let files: JobFiles | undefined
  const waiting = new Map<number, Waiting>()
  let stopped = false
  let looking = false

  const settle = (number: number, how: (job: PendingJob) => void) => {
    const job = waiting.get(number)
    if (waiting.delete(number)) how(job!)
  }
  let silent = 0
  /** null: Slurm does not answer for the moment. */
  const askQueue = async (): Promise<Queued | null> => {
    try {
      const queued = await queuedJobs(name)
      silent = 0
      return queued
    } catch (error) {
      if (++silent >= mostSilent) throw error
      return null
    }
  }
  const look = async () => {
    const queued = await askQueue()
    if (queued === null) return
    const fresh: number[] = []
    for (const [number, each] of waiting) {
      const { job } = each
      const result = measuredAt(job.folder, lengthOf(job.config))
      const failure = each.submitted ? files!.failureOf(number) : undefined
      if (result !== undefined) settle(number, ({ done }) => done(result))
      else if (failure !== undefined)
        settle(number, ({ failed }) => failed(new JobError(failure.reason, failure.wrong)))
      else if (queued.has(number)) Object.assign(each, { submitted: true, missed: 0 })
      else if (!each.submitted) fresh.push(number)
      else if (++each.missed >= mostMissed) {
        const log = logFile(files!.folder, number)
        settle(number, ({ failed }) =>
          failed(new JobError(`its job left the queue without a result; see ${log}`, false)),
        )
      }
      if (queued.get(number) === 'RUNNING') each.progress(episodesOf(job))
    }
    if (fresh.length === 0 || stopped) return
    for (const number of fresh) files!.forgetFailure(number)
    await submitJobs(fresh, {
      name,
      limit: options.jobs,
      folder: files!.folder,
      script: scriptOf(folder, files!.folder),
      options: [...usualOptions, ...options.sbatch],
    })
    for (const number of fresh) {
      const each = waiting.get(number)
      if (each !== undefined) each.submitted = true
    }
  }
  const tick = async () => {
    soon = undefined
    if (looking || waiting.size === 0) return
    looking = true
    try {
      await look()
    } catch (error) {
      for (const number of waiting.keys()) settle(number, ({ failed }) => failed(error as Error))
    } finally {
      looking = false
    }
  }
  const timer = setInterval(tick, lookEvery)
  let soon: NodeJS.Timeout | undefined

  return {
    room: 1000,
    run: (given, progress) =>
      new Promise((done, failed) => {
        if (stopped) return failed(new StoppedError())
        files ??= openJobFiles(folder)
        const job = { ...given, folder: resolve(given.folder) }
        waiting.set(files.numberOf(job), { job, progress, done, failed, submitted: false, missed: 0 })
        // Together with all that are decided now.
        soon ??= setTimeout(tick, 100)
      }),
    stop() {
      stopped = true
      for (const number of waiting.keys()) settle(number, ({ failed }) => failed(new StoppedError()))
    },
    async close() {
      clearInterval(timer)
      clearTimeout(soon)
    },
  }
}

/** What jobs are submitted with, unless the user says otherwise. The signal comes before a time limit: time enough for a checkpoint. */
const usualOptions = ['--requeue', '--open-mode=append', '--cpus-per-task=1', '--signal=B:USR1@120']

/** Writes the script of all jobs: it trains one run, and goes back into the queue where the time was too short. */
function scriptOf(sweep: string, folder: string): string {
  const file = join(folder, 'job.sh')
  const command = [process.execPath, compiledFile('cli/main.js'), 'worker', '--sweep', sweep]
    .map(word => shellQuoted(word))
    .join(' ')
  const script = `#!/bin/bash
# One run of a sweep, by its number; written by marlstrom sweep --launcher slurm.
again=
end() { kill -TERM "$worker" 2>/dev/null; }
trap end TERM
trap 'again=1; end' USR1
${command} --job "$(($1 + SLURM_ARRAY_TASK_ID))" &
worker=$!
wait "$worker"; status=$?
while kill -0 "$worker" 2>/dev/null; do wait "$worker"; status=$?; done
if [ -n "$again" ] && [ "$status" -ne 0 ]; then scontrol requeue "$SLURM_JOB_ID"; fi
exit "$status"
`
  writeFileAtomic(file, [Buffer.from(script)])
  return file
}

/** As far as its metrics say. */
function episodesOf({ folder }: TrainJob): number {
  try {
    return lastLine(join(folder, 'metrics.jsonl'))?.episodes ?? 0
  } catch {
    return 0
  }
}

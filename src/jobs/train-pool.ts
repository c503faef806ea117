// Processes that train runs side by side; each is used for one run after the other, so that short ones need not wait for a start.
import { type ChildProcess, fork } from 'node:child_process'
import { compiledFile } from '../installation/package-folder.ts'
import type { JobResult } from './job-results.ts'
import type { TrainJob } from './train-job.ts'
import type { FromTrainer, ToTrainer } from './train-process.ts'

/** A training that came to no result; the others go on. */
export class JobError extends Error {
  override readonly name = 'JobError'
  /** `wrong`: settings or folders, not the training, are at fault. */
  constructor(
    message: string,
    readonly wrong: boolean,
  ) {
    super(message)
  }
}

/** The jobs were stopped; what has been trained is kept. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError'
  constructor() {
    super('stopped; the same command goes on from here')
  }
}

export interface TrainPool {
  /** Does a job as soon as a process is free, in the order of the calls. @throws JobError, StoppedError */
  run(job: TrainJob, progress?: (episodes: number) => void): Promise<JobResult>
  /** Ends all jobs, those under way with a checkpoint; they and all later ones fail with a StoppedError. */
  stop(): void
  /** Ends the processes. */
  close(): void
}

/** A job, and who waits for it. */
export interface PendingJob {
  readonly job: TrainJob
  readonly progress: (episodes: number) => void
  readonly done: (result: JobResult) => void
  readonly failed: (error: Error) => void
}

/** Seconds after which a process is replaced: a start costs less than a hundredth of them, and memory is given back. */
const lifetime = 60

/** Bytes of complaints that are kept of a process. */
const complaintBytes = 4000

/** Up to `jobs` processes, of which `ready` are started at once, for the first jobs that come. */
export function createTrainPool(jobs: number, ready = 0): TrainPool {
  const waiting: PendingJob[] = []
  const idle: ChildProcess[] = []
  const working = new Map<ChildProcess, PendingJob>()
  let stopped = false
  let closed = false

  const begin = () => {
    // A group of its own: Ctrl-C comes here first, and from here once, so that a checkpoint is written.
    const child = fork(compiledFile('jobs/train-process.js'), {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    const started = performance.now()
    let complaint = ''
    child.stderr!.on('data', data => {
      complaint = `${complaint}${data}`.slice(-complaintBytes)
    })
    child.on('message', (message: FromTrainer) => {
      const doing = working.get(child)
      if (doing === undefined) return
      if (message.type === 'progress') return doing.progress(message.episodes)
      working.delete(child)
      if (message.type === 'done') doing.done(message.result)
      else if (message.type === 'failed') doing.failed(new JobError(message.reason, message.wrong))
      else doing.failed(new StoppedError())
      // After a failure nobody knows what is left in its memory.
      const spent = message.type === 'failed' || performance.now() - started > lifetime * 1000
      if (spent || stopped || closed) child.disconnect()
      else idle.push(child)
      assign()
    })
    const gone = (how: string) => {
      if (idle.includes(child)) idle.splice(idle.indexOf(child), 1)
      const doing = working.get(child)
      if (doing === undefined) return
      working.delete(child)
      const said = complaint.trim()
      doing.failed(
        stopped ? new StoppedError() : new JobError(`its process ended (${how})${said && `: ${said}`}`, false),
      )
      assign()
    }
    child.on('error', error => gone(error.message))
    child.on('close', (code, signal) => gone(signal ?? `exit code ${code}`))
    return child
  }
  const give = (child: ChildProcess, next: PendingJob) => {
    working.set(child, next)
    child.send({ type: 'train', job: next.job } satisfies ToTrainer)
  }
  const assign = () => {
    while (waiting.length > 0 && !stopped && !closed) {
      const child = idle.shift() ?? (working.size < jobs ? begin() : undefined)
      if (child === undefined) return
      give(child, waiting.shift()!)
    }
  }
  for (let i = 0; i < ready; i++) idle.push(begin())

  return {
    run: (job, progress = () => {}) =>
      new Promise((done, failed) => {
        if (stopped) return failed(new StoppedError())
        waiting.push({ job, progress, done, failed })
        assign()
      }),
    stop() {
      stopped = true
      for (const { failed } of waiting.splice(0)) failed(new StoppedError())
      for (const child of working.keys()) child.send({ type: 'stop' } satisfies ToTrainer)
      for (const child of idle.splice(0)) child.disconnect()
    },
    close() {
      closed = true
      for (const child of idle.splice(0)) child.disconnect()
    },
  }
}

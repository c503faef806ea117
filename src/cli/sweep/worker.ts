// marlstrom worker: trains runs of sweeps that were started elsewhere: from a queue on Redis, or one run of a sweep's folder.
import { existsSync } from 'node:fs'
import { availableParallelism, hostname } from 'node:os'
import type { Command } from 'commander'
import pc from 'picocolors'
import { ConfigError } from '../../index.ts'
import { packageVersion } from '../../installation/package.ts'
import type { JobResult } from '../../jobs/job-results.ts'
import { createTrainPool, StoppedError } from '../../jobs/train-pool.ts'
import { defaultQueue, loadBullmq, type QueuedJob, queueRedis } from '../../sweep/launchers/sweep-queue.ts'
import { positiveNumber, wholeNumber } from '../options/settings.ts'
import { createInterruption } from '../terminal/interruption.ts'
import { print, printError } from '../terminal/print.ts'
import { workOnJob } from './worker-job.ts'

interface WorkerOptions {
  readonly redis?: string
  readonly queue: string
  readonly jobs: number
  readonly lease: number
  readonly sweep?: string
  readonly job?: number
  readonly json?: boolean
}

export function addWorkerCommand(program: Command): void {
  program
    .command('worker')
    .option('--redis <address>', 'take runs from the queue there, such as redis://127.0.0.1:6379')
    .option('--queue <name>', 'name of the queue', defaultQueue)
    .option('--jobs <n>', 'runs trained side by side; default: one per core', positiveNumber, availableParallelism())
    .option('--lease <seconds>', 'a worker that is silent for so long has lost its runs to others', positiveNumber, 30)
    .option('--sweep <folder>', 'train one run of a sweep instead, as clusters do')
    .option('--job <n>', 'with --sweep: its number', wholeNumber)
    .option('--json', 'one JSON object per line')
    .action(workerCommand)
}

/** A run whose worker died so often is given up: it may be what kills them. */
const mostDeaths = 20

/** Milliseconds between two tellings of how far a run is. */
const tellEvery = 1000

async function workerCommand(options: WorkerOptions): Promise<void> {
  const { redis, sweep, job } = options
  if (redis !== undefined && sweep === undefined && job === undefined) return workOnQueue(redis, options)
  if (redis === undefined && sweep !== undefined && job !== undefined) return workOnJob(sweep, job)
  throw new ConfigError('--redis', 'expected where a queue is, such as redis://127.0.0.1:6379; or --sweep and --job')
}

/** Trains what comes until it is asked to end. */
async function workOnQueue(redis: string, options: WorkerOptions): Promise<void> {
  const connection = await queueRedis(redis)
  const { Worker, WaitingError } = await loadBullmq()
  const pool = createTrainPool(options.jobs, options.jobs)
  const tell = (event: string, run: string, fields: object, sentence: string) =>
    print(options.json ? JSON.stringify({ event, run, ...fields }) : sentence)
  let broken: Error | null = null

  const worker = new Worker<QueuedJob, JobResult>(
    options.queue,
    async (job, token) => {
      const { train } = job.data
      const giveBack = async (): Promise<never> => {
        await job.moveToWait(token)
        throw new WaitingError()
      }
      const unfit = unfitFor(job.data)
      if (unfit !== null) {
        broken ??= new ConfigError('worker', unfit)
        void end()
        return giveBack()
      }
      let told = Number.NEGATIVE_INFINITY
      tell('begun', train.folder, {}, `begun ${train.folder}`)
      try {
        const result = await pool.run(train, episodes => {
          if (performance.now() - told < tellEvery) return
          told = performance.now()
          // The waiting sweep does not depend on it.
          job.updateProgress({ episodes }).catch(() => {})
        })
        tell('done', train.folder, result, `${pc.green('✓')} ${train.folder}: ${result.how}, ${result.value}`)
        return result
      } catch (error) {
        if (error instanceof StoppedError) return giveBack()
        const reason = (error as Error).message
        tell('failed', train.folder, { reason }, `${pc.red('✗')} ${train.folder}: ${reason}`)
        throw error
      }
    },
    {
      connection,
      concurrency: options.jobs,
      lockDuration: options.lease * 1000,
      stalledInterval: options.lease * 500,
      maxStalledCount: mostDeaths,
    },
  )
  worker.on('error', error => printError(`${pc.yellow('note:')} ${error.message}`))
  let ending: Promise<void> | null = null
  const end = () => {
    // Checkpoints are written, and the runs go back into the queue.
    pool.stop()
    ending ??= worker.close()
    return ending
  }
  const interruption = createInterruption(() => void end())
  interruption.listen()
  if (!options.json) print(`waiting for runs in queue ${options.queue}, ${options.jobs} at a time; Ctrl-C ends`)
  await new Promise<void>(closed => worker.on('closed', () => closed()))
  await ending
  pool.close()
  if (broken !== null) throw broken
}

/** Why this worker cannot train a job; null: it can. */
function unfitFor({ version, sweep }: QueuedJob): string | null {
  if (version !== packageVersion()) {
    return `the sweep was started by marlstrom ${version}, this is ${packageVersion()}; install the same version`
  }
  if (existsSync(sweep)) return null
  return `${sweep} is not there on ${hostname()}; the folder of a sweep must lie on a file system that its workers share, at the same path`
}

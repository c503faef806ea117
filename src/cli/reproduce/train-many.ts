// Trains many runs, some at a time, in processes of their own; what is finished is kept, what is unfinished goes on.
import { ConfigError } from '../../errors.ts'
import { createTrainPool, JobError, StoppedError } from '../../jobs/train-pool.ts'
import { keptRun, type WantedRun } from '../../starting/kept-run.ts'
import { createInterruption } from '../terminal/interruption.ts'

export type ManyRunsEvent =
  /** kept: was finished before; trained, resumed: has just been finished. */
  | { readonly type: 'done'; readonly run: string; readonly how: 'kept' | 'trained' | 'resumed' }
  /** It came to no result; the others go on. */
  | { readonly type: 'failed'; readonly run: string; readonly reason: string }
  /** How far the runs now training are, by name: episodes, or environment steps where their length is in these. */
  | { readonly type: 'progress'; readonly done: number; readonly of: number; readonly now: ReadonlyMap<string, number> }

export interface TrainManyOptions {
  /** Runs trained side by side, each on one thread. */
  readonly jobs: number
  readonly show: (event: ManyRunsEvent) => void
  /** Whether the others go on when a training fails; default: its error ends them all. */
  readonly goesOn?: boolean
}

/**
 * Brings every run to its end. Results do not depend on `jobs`, nor on how often this was interrupted.
 * @throws ConfigError before anything is trained, where a folder holds another run; Error where a training fails or was stopped.
 */
export async function trainMany(
  runs: readonly WantedRun[],
  { jobs, show, goesOn = false }: TrainManyOptions,
): Promise<void> {
  const kept = await Promise.all(runs.map(async run => [run, await keptRun(run)] as const))
  const waiting = kept.flatMap(([run, { state }]) => (state === 'finished' ? [] : [run]))
  for (const [run, { state }] of kept) if (state === 'finished') show({ type: 'done', run: run.name, how: 'kept' })
  let done = runs.length - waiting.length
  const now = new Map<string, number>()
  const pool = createTrainPool(jobs)
  const interruption = createInterruption(pool.stop)
  interruption.listen()
  const bring = async ({ name, folder, config }: WantedRun) => {
    try {
      const { how } = await pool.run({ folder, config, objective: null }, episodes => {
        now.set(name, episodes)
        show({ type: 'progress', done, of: runs.length, now })
      })
      done++
      now.delete(name)
      show({ type: 'done', run: name, how })
    } catch (error) {
      if (goesOn && error instanceof JobError) {
        now.delete(name)
        return show({ type: 'failed', run: name, reason: error.message })
      }
      // The first failure ends them all.
      pool.stop()
      if (!(error instanceof JobError)) throw error
      throw error.wrong ? new ConfigError('', error.message) : new Error(`training ${folder} failed: ${error.message}`)
    }
  }
  const outcomes = await Promise.allSettled(waiting.map(bring))
  interruption.close()
  pool.close()
  const reasons = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason as Error] : []))
  if (reasons.length > 0) throw reasons.find(reason => !(reason instanceof StoppedError)) ?? reasons[0]!
}

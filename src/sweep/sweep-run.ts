// Runs a sweep: trials are chosen, their runs trained by a launcher, results recorded, until none is left.
import { join } from 'node:path'
import { merit, overSeeds } from '../jobs/objective.ts'
import { JobError } from '../jobs/train-pool.ts'
import { createLanes, type TrialTask } from './lanes.ts'
import type { Launcher } from './launchers/launcher.ts'
import type { SweepFolder } from './sweep-folder.ts'
import type { PlannedTrial, SweepPlan } from './sweep-plan.ts'
import type { SeedResult, TrialRecord } from './trial-record.ts'

/** A run that is being trained. */
export interface RunningRun {
  readonly trial: number
  readonly seed: number
  readonly episodes: number
  /** Episodes when it is done. */
  readonly of: number
}

export type SweepEvent =
  /** kept: it was recorded by an earlier process. */
  | { readonly type: 'trial'; readonly record: TrialRecord; readonly kept: boolean }
  | { readonly type: 'progress'; readonly running: readonly RunningRun[] }

export interface SweepOptions {
  readonly launcher: Launcher
  readonly show: (event: SweepEvent) => void
  /** Whether trials that failed before are trained once more. */
  readonly retry: boolean
}

/**
 * Carries a sweep out, or the rest of it. Resolves with all records, those of earlier processes too, in the order of decisions.
 * @throws StoppedError when it was stopped; the same sweep goes on from there.
 */
export async function runSweep(
  { sweep, rungs, trialAt }: SweepPlan,
  folder: SweepFolder,
  { launcher, show, retry }: SweepOptions,
): Promise<TrialRecord[]> {
  const lanes = createLanes({ ...sweep, rungs })
  const { known, written } = readLog(folder.log.before, retry)
  const records: TrialRecord[] = []
  const running = new Map<string, RunningRun>()

  const trainSeed = async (
    planned: PlannedTrial,
    { trial, episodes }: TrialTask,
    seed: number,
  ): Promise<SeedResult> => {
    const run = join('runs', `${planned.id}-s${seed}`)
    const job = { folder: join(folder.path, run), config: planned.config(seed, episodes), objective: sweep.objective }
    try {
      const { value, seconds } = await launcher.run(job, done => {
        running.set(run, { trial, seed, episodes: done, of: episodes })
        show({ type: 'progress', running: [...running.values()] })
      })
      return { seed, run, value, seconds }
    } catch (error) {
      // Anything else is no fault of the run.
      if (!(error instanceof JobError)) throw error
      return { seed, run, value: null, reason: error.message, seconds: 0 }
    } finally {
      running.delete(run)
    }
  }
  const trainTrial = async (planned: PlannedTrial, task: TrialTask): Promise<Trained> => {
    const outcomes = await Promise.allSettled(sweep.seeds.map(seed => trainSeed(planned, task, seed)))
    const seeds = outcomes.map(outcome => {
      if (outcome.status === 'rejected') throw outcome.reason
      return outcome.value
    })
    const values = seeds.flatMap(({ value }) => (value === null || !Number.isFinite(value) ? [] : [value]))
    if (values.length < seeds.length) return { status: 'failed', value: null, seeds }
    return { status: 'done', value: overSeeds(sweep.objective, values), seeds }
  }
  const carryOut = async (task: TrialTask): Promise<void> => {
    const { number, trial, rung, episodes } = task
    const planned = await trialAt(task.point)
    const { id, settings } = planned
    const name = nameOf({ id, episodes })
    // Trials of equal settings are the same runs.
    if (!known.has(name)) known.set(name, trainTrial(planned, task))
    const { status, value, seeds } = await known.get(name)!
    const record = { trial, id, rung, episodes, settings, status, value, seeds }
    const kept = written.has(`${trial} ${name}`)
    if (!kept) folder.log.append(record)
    records[number] = record
    show({ type: 'trial', record, kept })
    lanes.settle(number, merit(sweep.objective, value))
  }

  const waiting: TrialTask[] = []
  const underWay = new Set<Promise<void>>()
  try {
    for (;;) {
      waiting.push(...lanes.next())
      while (waiting.length > 0 && underWay.size < launcher.room) {
        const course: Promise<void> = carryOut(waiting.shift()!).finally(() => underWay.delete(course))
        underWay.add(course)
      }
      if (underWay.size === 0) return records
      await Promise.race(underWay)
    }
  } catch (error) {
    launcher.stop()
    await Promise.allSettled(underWay)
    throw error
  }
}

type Trained = Pick<TrialRecord, 'status' | 'value' | 'seeds'>

/** Results of earlier processes by name, and the lines that are written already; those to be tried again are neither. */
function readLog(before: readonly TrialRecord[], retry: boolean) {
  const known = new Map<string, Promise<Trained>>()
  const written = new Set<string>()
  for (const record of before) {
    if (retry && record.status === 'failed') continue
    known.set(nameOf(record), Promise.resolve(record))
    written.add(`${record.trial} ${nameOf(record)}`)
  }
  return { known, written }
}

/** What is the same for equal settings, trained equally long. */
function nameOf({ id, episodes }: Pick<TrialRecord, 'id' | 'episodes'>): string {
  return `${id} ${episodes}`
}

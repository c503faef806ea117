// A training as a job that may be given again: brings the run of a folder to so many episodes, from wherever it is, and measures it.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom, type Observable, takeUntil } from 'rxjs'
import { lastLine } from '../catalogue/last-line.ts'
import { carryOut } from '../engine/carry-out.ts'
import { fastClock } from '../engine/clock.ts'
import { isDone } from '../experiment/done.ts'
import { evaluating } from '../experiment/evaluate.ts'
import { record } from '../experiment/record.ts'
import { countersOf, train } from '../experiment/trainer.ts'
import { isTraining, silentAfter, trainerOf } from '../experiment/trainer-mark.ts'
import type { RunConfig } from '../run/config/config.ts'
import { evaluationOf, type Run } from '../run/run.ts'
import { keptRun } from '../starting/kept-run.ts'
import { openTrainedRun } from '../starting/open-run.ts'
import { type Started, startRun } from '../starting/start-run.ts'
import { type JobResult, keepMeasured, measuredAt } from './job-results.ts'
import { needsEvaluation, type Objective, objectiveAgents } from './objective.ts'

export interface TrainJob {
  readonly folder: string
  /** Every setting; `run.episodes` or `run.steps` is how far the run shall go. */
  readonly config: RunConfig
  /** What is measured when it is there; null: training returns alone. */
  readonly objective: Objective | null
}

export interface JobControls {
  /** Ends the job between two ticks, a training with a checkpoint. Must emit again for later subscribers. */
  readonly stop$: Observable<unknown>
  /** Is told, several times a second, how far it is: in episodes, or in environment steps where the length is in these. */
  readonly progress: (done: number) => void
  /** Is told what a person should know, though nothing failed. */
  readonly note: (sentence: string) => void
}

/** Milliseconds between two tellings. */
const tellEvery = 200

/**
 * Does a job; null: it was stopped before its end. Done once more it gives the same result without training.
 * @throws ConfigError where the folder holds another run, or a setting is wrong; whatever training throws.
 */
export async function doJob(job: TrainJob, controls: JobControls): Promise<JobResult | null> {
  const { folder, config, objective } = job
  const wanted = lengthOf(config)
  const known = measuredAt(folder, wanted)
  if (known !== undefined) return { ...known, how: 'kept' }
  const began = performance.now()
  if (!(await freed(folder, controls.stop$))) return null
  const before = await keptRun({ name: folder, folder, config })
  const how = before.state === 'finished' ? 'kept' : before.state === 'unfinished' ? 'resumed' : 'trained'
  if (before.state === 'finished' && objective === null) {
    return {
      how: 'kept',
      episodes: config.run.episodes ?? before.episodes,
      returns: before.returns,
      value: null,
      seconds: 0,
    }
  }
  if (before.state === 'begun') rmSync(folder, { recursive: true })
  const run = how === 'kept' ? (await openTrainedRun(folder, controls.note)).run : await trained(job, how, controls)
  if (run === null) return null
  try {
    const returns = before.state === 'finished' ? before.returns : returnsOf(run)
    const value = objective === null ? null : await measured(run, folder, returns, objective, controls.stop$)
    if (value === stopped) return null
    const seconds = Number(((performance.now() - began) / 1000).toFixed(3))
    const episodes = config.run.episodes ?? countersOf(run).episodes
    const result = { how, episodes, returns, value, seconds } as const
    if (objective !== null) keepMeasured(folder, wanted, result)
    return result
  } finally {
    run.dispose()
  }
}

/** The run, trained; null: stopped. */
async function trained(
  { folder, config }: TrainJob,
  how: 'trained' | 'resumed',
  controls: JobControls,
): Promise<Run | null> {
  const { episodes, steps } = config.run
  const inSteps = steps !== null
  const {
    run,
    folder: runFolder,
    lock,
  }: Started = await (how === 'resumed'
    ? startRun({
        layers: [{ source: 'job', overrides: { run: inSteps ? { steps } : { episodes } } }],
        operators: [],
        note: controls.note,
        resume: folder,
      })
    : startRun({ layers: [{ source: 'job', overrides: { ...config } }], note: controls.note, out: folder }))
  const tell = () => controls.progress(countersOf(run)[inSteps ? 'envSteps' : 'episodes'])
  tell()
  const timer = setInterval(tell, tellEvery)
  try {
    await lastValueFrom(train(run, { stop$: controls.stop$ }).pipe(record(run, runFolder)))
    lock.release()
    if (isDone(run)) return run
    run.dispose()
    return null
  } catch (error) {
    run.dispose()
    throw error
  } finally {
    clearInterval(timer)
  }
}

/** What a measurement is kept under: how many episodes, or `1000000 steps`. */
function lengthOf({ run: { episodes, steps } }: RunConfig): string {
  return steps === null ? String(episodes) : `${steps} steps`
}

function returnsOf(run: Run): Record<string, number> {
  return Object.fromEntries(run.returns.means().map((mean, i) => [run.agents[i]!.id, mean]))
}

/** Instead of a figure: it was stopped before there was one. */
const stopped = Symbol('stopped')

/** What the objective asks for. @throws Error naming the figures there are, where it is none of them */
async function measured(
  run: Run,
  folder: string,
  returns: Readonly<Record<string, number>>,
  objective: Objective,
  stop$: Observable<unknown>,
): Promise<number | typeof stopped> {
  const { measure, mode, episodes } = objective
  const indices = objectiveAgents(objective, run.agents, index => run.parts[index]!.learns)
  const meanOf = (values: Readonly<Record<string, number>>) =>
    indices.reduce((sum, index) => sum + values[run.agents[index]!.id]!, 0) / indices.length
  if (measure === 'training') return meanOf(returns)
  if (!needsEvaluation(objective)) {
    const file = join(folder, 'metrics.jsonl')
    // The line at the end may come so soon after another that nothing was learnt in between.
    return figure(lastLine(file, measure) ?? lastLine(file) ?? {}, measure, 'metrics.jsonl')
  }
  const playing = evaluating(evaluationOf(run, 'trained', mode, episodes))
  const evaluation = await lastValueFrom(fastClock().pipe(takeUntil(stop$), carryOut(playing)), { defaultValue: null })
  if (evaluation === null) return stopped
  const means = (estimates: Readonly<Record<string, { readonly mean: number }>>) =>
    Object.fromEntries(Object.entries(estimates).map(([name, { mean }]) => [name, mean]))
  if (measure === 'evaluation') return meanOf(means(evaluation.returns))
  return figure(means(evaluation.metrics), measure.slice('evaluation/'.length), 'the evaluation')
}

function figure(values: Readonly<Record<string, number>>, name: string, where: string): number {
  if (Object.hasOwn(values, name)) return values[name]!
  throw new Error(`${where} has no figure '${name}'; known: ${Object.keys(values).join(', ') || 'none'}`)
}

/**
 * Seconds to wait for another process that trains in the folder: one whose sweep was killed stops by itself, and one of another host is
 * given up when it has been silent for a while.
 */
const patience = silentAfter / 1000 + 10

/** Waits until nobody trains in a folder, within that patience; false: it was stopped meanwhile. */
export async function freed(folder: string, stop$: Observable<unknown>): Promise<boolean> {
  let isStopped = false
  const stops = stop$.subscribe({ next: () => (isStopped = true), error: () => {} })
  for (let waited = 0; waited < patience && !isStopped; waited += 0.1) {
    const trainer = trainerOf(folder)
    if (trainer === null || !isTraining(folder, trainer)) break
    await new Promise(again => setTimeout(again, 100))
  }
  stops.unsubscribe()
  return !isStopped
}

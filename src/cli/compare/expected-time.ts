// How long a comparison will take, from a few seconds of every method on this machine, before anything is trained.
import { ignoreElements, lastValueFrom, Subject } from 'rxjs'
import { ConfigError } from '../../errors.ts'
import { countersOf, createRun, evaluate, evaluationOf, isDone, train } from '../../index.ts'
import { layer } from '../../run/config/config.ts'
import { firstUpdateAt } from '../../run/experience.ts'
import type { Method } from './methods.ts'

/** What was measured of a method. */
export interface Calibration {
  /** Seconds of an environment step while it learns, update rounds included; and before its first update round. */
  readonly learningStep: number
  readonly waitingStep: number
  /** Environment steps before its first update round. */
  readonly waits: number
  /** Seconds of 50 evaluation episodes. */
  readonly evaluation: number
  /** Environment steps of an episode, mean. */
  readonly episodeSteps: number
}

/** Seconds of training of each method that are measured, and the most that two update rounds are waited for. */
export const usualSeconds = 2
const mostSeconds = 15

/** Episodes that are evaluated at least. */
const block = 50

/** Milliseconds between two looks. */
const lookEvery = 20

/**
 * Trains a method for some seconds, from an early first update round on, and evaluates it once. Nothing is kept. null: the training
 * failed, as its runs will, one by one.
 * @throws ConfigError where the method refuses the game, or would end without having learnt
 */
export async function calibrate({ given, plan }: Method): Promise<Calibration | null> {
  const { updateAfter, batch } = plan.config.learner as Readonly<Record<string, unknown>>
  const waits = firstUpdateAt(plan) ?? 0
  const early = typeof updateAfter === 'number' ? Math.min(updateAfter, 2 * (Number(batch) || updateAfter)) : null
  const sooner = early === null ? {} : { learner: { updateAfter: early } }
  const run = await createRun(layer(given, { ...sooner, run: { evaluateEvery: 0 } }))
  try {
    const marks: { at: number; envSteps: number; updates: number }[] = []
    const stop$ = new Subject<void>()
    const began = performance.now()
    const look = () => {
      const { envSteps, updates } = countersOf(run)
      const at = (performance.now() - began) / 1000
      if (updates > (marks.at(-1)?.updates ?? 0)) marks.push({ at, envSteps, updates })
      if ((at > usualSeconds && marks.length > 2) || at > mostSeconds) stop$.next()
    }
    const timer = setInterval(look, lookEvery)
    await lastValueFrom(train(run, { stop$ }).pipe(ignoreElements()), { defaultValue: undefined }).finally(() =>
      clearInterval(timer),
    )
    const seconds = (performance.now() - began) / 1000
    const { envSteps, episodes, updates } = countersOf(run)
    if (isDone(run) && updates === 0) {
      throw new ConfigError(
        '--steps',
        `expected enough for an update round, got ${envSteps} steps without one; train longer`,
      )
    }
    // Code that has just been loaded is slow: the later half says more about a long training.
    const [first, last] = [marks[Math.floor((marks.length - 1) / 2)], marks.at(-1)]
    const isMeasured = first !== undefined && last !== undefined && last.envSteps > first.envSteps
    const learningStep = isMeasured ? (last.at - first.at) / (last.envSteps - first.envSteps) : seconds / envSteps
    const start = marks[0] === undefined ? learningStep : marks[0].at / marks[0].envSteps
    const before = performance.now()
    evaluate(evaluationOf(run, 'trained', plan.config.run.evaluateMode as 'greedy', block))
    return {
      learningStep,
      waitingStep: Math.min(start, learningStep),
      waits,
      evaluation: (performance.now() - before) / 1000,
      episodeSteps: envSteps / Math.max(1, episodes),
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    return null
  } finally {
    run.dispose()
  }
}

/** What a run is to do. */
export interface Work {
  readonly steps: number
  /** Environment steps trained already. */
  readonly done: number
  /** Evaluation episodes in all. */
  readonly evaluated: number
}

/** Seconds that a run alone takes to its end. */
export function secondsOf(
  { learningStep, waitingStep, waits, evaluation }: Calibration,
  { steps, done, evaluated }: Work,
): number {
  const waiting = Math.max(0, Math.min(steps, waits) - done)
  const learning = Math.max(0, steps - Math.max(done, waits))
  const left = steps === 0 ? 0 : Math.max(0, steps - done) / steps
  return waiting * waitingStep + learning * learningStep + left * Math.ceil(evaluated / block) * evaluation
}

/** Seconds until the last of some runs ends, of which so many are trained side by side: no less than the longest takes. */
export function secondsTogether(runs: readonly number[], jobs: number): number {
  return Math.max(0, ...runs, runs.reduce((sum, seconds) => sum + seconds, 0) / jobs)
}

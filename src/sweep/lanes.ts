// Which trial is trained next: decided in an order that does not depend on timing, so that a sweep can be repeated.
import { promotable } from './halving.ts'
import type { SpacePoint } from './space.ts'
import type { Observation, Strategy } from './strategy.ts'

/** A trial to be trained up to a rung. */
export interface TrialTask {
  /** Counted from 0, in the order of decisions. */
  readonly number: number
  readonly trial: number
  readonly point: SpacePoint
  readonly rung: number
  /** Training episodes when it is done. */
  readonly episodes: number
}

export interface Lanes {
  /** What can be decided by now and could not before. */
  next(): TrialTask[]
  /** Says what became of a task: the larger the better, -Infinity: it failed. */
  settle(task: number, value: number): void
  /** Whether nothing more will come. */
  readonly ended: boolean
}

export interface LanesOptions {
  readonly strategy: Strategy
  readonly trials: number
  /** Episodes of each rung. */
  readonly rungs: readonly number[]
  readonly eta: number
  /** Tasks that are under way at any time as far as decisions are concerned. */
  readonly lanes: number
}

/**
 * Plays the sweep on a clock of its own, as if `lanes` workers trained one episode per tick, all equally fast. Whenever a worker is free,
 * the next task is decided by the results of those that have ended on this clock, and only by them: a promotion where one is due, else a
 * new trial. So decisions depend on results alone; for somebody else's clock results may come in any order, from any number of processes.
 */
export function createLanes({ strategy, trials, rungs, eta, lanes }: LanesOptions): Lanes {
  const points: SpacePoint[] = []
  const results = new Map<number, number>()
  const observations: Observation[] = []
  const finishers = rungs.map((): { trial: number; value: number }[] => [])
  const promoted = rungs.map(() => new Set<number>())
  /** In the order of their ends. */
  const underWay: { readonly task: TrialTask; readonly ends: number }[] = []
  let decided = 0
  let now = 0

  const promotion = (): { trial: number; rung: number } | null => {
    for (let rung = rungs.length - 2; rung >= 0; rung--) {
      const trial = promotable(finishers[rung]!, promoted[rung]!, eta)
      if (trial === undefined) continue
      promoted[rung]!.add(trial)
      return { trial, rung: rung + 1 }
    }
    return null
  }
  const newTrial = (): { trial: number; rung: number } | null => {
    if (points.length >= trials) return null
    const under = strategy.learns ? underWay.filter(({ task }) => task.rung === 0) : []
    points.push(strategy.suggest(points.length, { observations, pending: under.map(({ task }) => task.point) }))
    return { trial: points.length - 1, rung: 0 }
  }
  const decide = (): TrialTask | null => {
    const what = promotion() ?? newTrial()
    if (what === null) return null
    const { trial, rung } = what
    const task = { number: decided++, trial, rung, point: points[trial]!, episodes: rungs[rung]! }
    const ends = now + task.episodes - (rungs[rung - 1] ?? 0)
    const place = underWay.findIndex(other => other.ends > ends)
    underWay.splice(place < 0 ? underWay.length : place, 0, { task, ends })
    return task
  }

  return {
    next() {
      const fresh: TrialTask[] = []
      for (;;) {
        while (underWay.length < lanes) {
          const task = decide()
          if (task === null) break
          fresh.push(task)
        }
        const first = underWay[0]
        const value = first === undefined ? undefined : results.get(first.task.number)
        if (first === undefined || value === undefined) return fresh
        underWay.shift()
        now = first.ends
        const { trial, point, rung } = first.task
        observations.push({ point, rung, value })
        finishers[rung]!.push({ trial, value })
      }
    },
    settle: (task, value) => void results.set(task, value),
    get ended() {
      return underWay.length === 0 && points.length >= trials
    },
  }
}

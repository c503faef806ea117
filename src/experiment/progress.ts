// How fast a run goes and how long it will take, from its counters now and then.
import type { ActorStanding } from '../actors/actor-games.ts'
import type { SessionState } from './session.ts'

type Counters = {
  readonly episodes: number
  readonly envSteps: number
  readonly updates: number
  /** Of a training from rollouts: environment steps of each, null where that is not known, and minibatches learnt from so far. */
  readonly rollouts?: { readonly envSteps: number | null; readonly minibatches: number }
  /** Of a training whose games actors play, what came of each. */
  readonly actors?: readonly ActorStanding[]
}

/** Actors that are told of one by one. */
const mostActors = 32
/** Seconds that rates are averaged over. */
const span = 5

/**
 * Each call takes the counters of now and gives the progress; rates are means over the last five seconds. Before the first update round a
 * run only collects experience, at a speed that says nothing about how long learning will take: no time left is given then.
 * @param length How long the run is, in episodes or in environment steps; null: without an end.
 * @param learnsAt Environment steps at which the first update round comes; null: none is waited for.
 * @example
 * ```ts
 * import { createProgress } from 'marlstrom'
 *
 * let seconds = 0
 * const progress = createProgress(100, null, () => 1000 * seconds)
 * progress({ episodes: 0, envSteps: 0, updates: 0 })
 * seconds = 2
 * console.log(progress({ episodes: 50, envSteps: 1250, updates: 10 }).envStepsPerSecond) // 625
 * ```
 */
export function createProgress(
  length: number | null | { readonly steps: number },
  learnsAt: number | null = null,
  now: () => number = performance.now.bind(performance),
) {
  const [totalEpisodes, totalSteps] = typeof length === 'object' ? [null, length?.steps ?? null] : [length, null]
  let seen: (Omit<Counters, 'rollouts' | 'actors'> & { minibatches: number; at: number; ofActors: number[] })[] = []
  return ({ rollouts, actors, ...given }: Counters): SessionState['progress'] => {
    const ofActors = (actors ?? []).slice(0, mostActors).map(({ envSteps }) => envSteps)
    const counters = { ...given, minibatches: rollouts?.minibatches ?? 0 }
    const at = now() / 1000
    const collects = learnsAt !== null && counters.updates === 0
    // Rates begin anew when learning does.
    const before = seen.at(-1)
    if (learnsAt !== null && !collects && before?.updates === 0) seen = [before]
    seen.push({ ...counters, at, ofActors })
    while (seen.length > 2 && seen[1]!.at < at - span) seen.shift()
    const first = seen[0]!
    const seconds = Math.max(at - first.at, 1e-3)
    const perSecond = (name: keyof typeof counters) => (counters[name] - first[name]) / seconds
    const [total, unit] = totalSteps === null ? [totalEpisodes, 'episodes' as const] : [totalSteps, 'envSteps' as const]
    const speed = perSecond(unit)
    return {
      ...given,
      totalEpisodes,
      ...(totalSteps === null ? {} : { totalSteps }),
      learnsAt: collects ? learnsAt : null,
      envStepsPerSecond: perSecond('envSteps'),
      updatesPerSecond: perSecond('updates'),
      ...(rollouts && {
        rollouts: { envSteps: rollouts.envSteps, minibatchesPerSecond: perSecond('minibatches') },
      }),
      ...(actors && {
        actors: {
          count: actors.length,
          first: actors.slice(0, mostActors).map(({ name, lag, secondsSince, envSteps }, i) => {
            return { name, lag, secondsSince, envStepsPerSecond: (envSteps - (first.ofActors[i] ?? 0)) / seconds }
          }),
        },
      }),
      secondsLeft: total === null || collects || speed <= 0 ? null : Math.max(0, total - counters[unit]) / speed,
    }
  }
}

// How fast a run goes and how long it will take, from its counters now and then.
import type { SessionState } from './session.ts'

type Counters = { readonly episodes: number; readonly envSteps: number; readonly updates: number }

/** Seconds that rates are averaged over. */
const span = 5

/** Each call takes the counters of now and gives the progress; rates are means over the last five seconds. */
export function createProgress(totalEpisodes: number | null, now: () => number = performance.now.bind(performance)) {
  const seen: (Counters & { at: number })[] = []
  return (counters: Counters): SessionState['progress'] => {
    const at = now() / 1000
    seen.push({ ...counters, at })
    while (seen.length > 2 && seen[1]!.at < at - span) seen.shift()
    const first = seen[0]!
    const seconds = Math.max(at - first.at, 1e-3)
    const perSecond = (name: keyof Counters) => (counters[name] - first[name]) / seconds
    const episodesPerSecond = perSecond('episodes')
    return {
      ...counters,
      totalEpisodes,
      envStepsPerSecond: perSecond('envSteps'),
      updatesPerSecond: perSecond('updates'),
      secondsLeft:
        totalEpisodes === null || episodesPerSecond <= 0
          ? null
          : (totalEpisodes - counters.episodes) / episodesPerSecond,
    }
  }
}

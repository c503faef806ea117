// The curves of a session as points, each once: those that are known first, then every new one.
import { Observable, type OperatorFunction } from 'rxjs'
import type { View } from './view.ts'

/** One line of the training's figures. */
export interface MetricPoint {
  /** Training episodes so far. */
  readonly episodes: number
  /** Training returns by agent id: the mean of the last 1,000 episodes, per episode. */
  readonly returns: Readonly<Record<string, number>>
  /** Other figures by their key in metrics.jsonl; those that the line did not have are absent. */
  readonly values: Readonly<Record<string, number>>
}

/** A training that went back is told again from there, and another run from its begin. */
export function metricPoints(): OperatorFunction<View, MetricPoint> {
  return views$ =>
    new Observable(subscriber => {
      let [metrics, session] = [null as unknown, null as string | null]
      let told = -1
      return views$.subscribe({
        next({ state, session: of }) {
          if (state === null || of === null || state.metrics === metrics) return
          const { episodes } = state.metrics
          const key = `${of.id} ${of.began}`
          if (key !== session) told = -1
          ;[metrics, session] = [state.metrics, key]
          const first = episodes.findLastIndex(known => known <= told) + 1
          told = episodes.at(-1) ?? -1
          for (let at = first; at < episodes.length; at++) subscriber.next(pointAt(at, state))
        },
        error: error => subscriber.error(error),
        complete: () => subscriber.complete(),
      })
    })
}

function pointAt(at: number, { curve, metrics, roster }: NonNullable<View['state']>): MetricPoint {
  const episodes = metrics.episodes[at]!
  const returns = curve.returns[curve.episodes.lastIndexOf(episodes)] ?? []
  const values = Object.entries(metrics.series).flatMap(([name, series]) => {
    const value = series[at] ?? null
    return value === null ? [] : [[name, value] as const]
  })
  return {
    episodes,
    returns: Object.fromEntries(returns.map((value, agent) => [roster[agent]!.id, value])),
    values: Object.fromEntries(values),
  }
}

// The rules by which a session changes.
import type { SessionEvent, SessionState } from './session-state.ts'

/** Points that a curve holds at most: beyond them every second one is left out. */
export const MOST_POINTS = 2000
/** Numbers in all curves of one kind: every viewer that comes is sent them all. */
const mostNumbers = 100_000
const mostEvaluations = 1000

export function reduce(draft: Draft<SessionState>, event: SessionEvent): void {
  switch (event.type) {
    case 'progress':
      draft.progress = copy(event.progress)
      break
    case 'point':
      addPoint(draft, event)
      break
    case 'evaluation':
      draft.evaluations.push(copy(event.evaluation))
      if (draft.evaluations.length > mostEvaluations) draft.evaluations.shift()
      break
    case 'exhibition':
      Object.assign(draft.exhibition, copy(event.change))
      break
    case 'timeline':
      Object.assign(draft.timeline, copy(event.change))
      break
    case 'recording':
      draft.recording = event.recording
      break
    case 'ended':
    case 'failed':
    case 'stopped':
      draft.status = event.type
      draft.message = event.message
      break
    case 'gameChanged':
      draft.run.scenario = event.scenario
      draft.run.algorithm = event.algorithm
      draft.roster = event.roster.map(agent => ({ ...agent }))
      draft.message = null
      draft.trouble = null
      break
    case 'trouble':
      draft.trouble = copy(event.trouble)
      break
    case 'rolledBack':
      takeBack(draft, event.episodes)
      draft.message = event.message
      break
    case 'remark':
      draft.message = event.message
      break
    case 'pause':
    case 'resume':
      draft.exhibition.paused = event.type === 'pause'
      break
    case 'speed':
      draft.exhibition.speed = event.speed
      break
    case 'pauseTraining':
      if (draft.status === 'training') draft.status = 'paused'
      break
    case 'resumeTraining':
      if (draft.status === 'paused') draft.status = 'training'
      break
    case 'startTraining':
      if (draft.status !== 'stopped') break
      draft.status = 'training'
      draft.message = null
      break
    // What these change is told by other events.
    default:
      break
  }
}

type Point = Extract<SessionEvent, { type: 'point' }>

function addPoint({ curve, metrics }: Draft<SessionState>, { episodes, returns, metrics: figures = {} }: Point): void {
  // Before the first episode has finished there are none.
  if (returns.every(Number.isFinite)) {
    curve.episodes.push(episodes)
    curve.returns.push([...returns])
  }
  const before = metrics.episodes.length
  metrics.episodes.push(episodes)
  for (const key of new Set([...Object.keys(metrics.series), ...Object.keys(figures)])) {
    const series = (metrics.series[key] ??= new Array(before).fill(null))
    const value = figures[key]
    series.push(value !== undefined && Number.isFinite(value) ? value : null)
  }
  if (curve.episodes.length > mostPoints(returns.length)) {
    curve.episodes = everySecond(curve.episodes)
    curve.returns = everySecond(curve.returns)
  }
  if (metrics.episodes.length <= mostPoints(Object.keys(metrics.series).length)) return
  metrics.episodes = everySecond(metrics.episodes)
  for (const key of Object.keys(metrics.series)) metrics.series[key] = everySecond(metrics.series[key]!)
}

/** Points that so many curves hold together. */
function mostPoints(curves: number): number {
  return Math.max(100, Math.min(MOST_POINTS, Math.floor(mostNumbers / Math.max(1, curves))))
}

/** Drops what belongs to later episodes. */
function takeBack({ curve, metrics, evaluations }: Draft<SessionState>, episodes: number): void {
  const kept = (of: readonly number[]) => of.filter(at => at <= episodes).length
  curve.returns.splice(kept(curve.episodes))
  curve.episodes.splice(kept(curve.episodes))
  for (const series of Object.values(metrics.series)) series.splice(kept(metrics.episodes))
  metrics.episodes.splice(kept(metrics.episodes))
  evaluations.splice(kept(evaluations.map(({ episodes }) => episodes)))
}

/** The newest stays. */
function everySecond<T>(list: readonly T[]): T[] {
  return list.filter((_, i) => (list.length - 1 - i) % 2 === 0)
}

/** immer freezes what it is given; the sender's own stays as it was. */
function copy<T>(value: T): Draft<T> {
  return structuredClone(value) as Draft<T>
}

type Draft<T> = T extends readonly (infer U)[]
  ? Draft<U>[]
  : T extends object
    ? { -readonly [K in keyof T]: Draft<T[K]> }
    : T

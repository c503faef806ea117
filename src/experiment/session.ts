// The slow-changing state of a run as viewers see it. Changed only by `reduce`; the patches travel to viewers as they are.
import { enablePatches, type Patch, produceWithPatches } from 'immer'
import { BehaviorSubject, type Observable } from 'rxjs'

export type Status = 'training' | 'paused' | 'playing' | 'ended' | 'failed'

export interface SessionState {
  readonly run: {
    readonly scenario: string
    readonly algorithm: string
    readonly seed: number
    readonly preset: string
    readonly folder: string | null
  }
  readonly status: Status
  /** A sentence for people: why the run ended or failed; null while nothing is to be said. */
  readonly message: string | null
  readonly roster: readonly { readonly id: string; readonly team: string }[]
  readonly progress: {
    readonly episodes: number
    /** null: without an end (watching). */
    readonly totalEpisodes: number | null
    readonly envSteps: number
    readonly updates: number
    readonly envStepsPerSecond: number
    readonly updatesPerSecond: number
    readonly secondsLeft: number | null
  }
  /** Training returns (mean over the last 1,000 episodes, per agent, per episode): one point per log line. */
  readonly curve: { readonly episodes: readonly number[]; readonly returns: readonly (readonly number[])[] }
  /** The game that viewers watch: a game of its own, played by the latest actors. */
  readonly exhibition: { readonly paused: boolean; readonly speed: number }
}

/** What a viewer may ask for. */
export type Command =
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  /** One step of a paused exhibition game. */
  | { readonly type: 'step' }
  /** World seconds per second, 0.1 ... 16. */
  | { readonly type: 'speed'; readonly speed: number }
  | { readonly type: 'pauseTraining' }
  | { readonly type: 'resumeTraining' }

export type SessionEvent =
  | { readonly type: 'progress'; readonly progress: SessionState['progress'] }
  /** `returns` per agent, in roster order. */
  | { readonly type: 'point'; readonly episodes: number; readonly returns: readonly number[] }
  | { readonly type: 'ended'; readonly message: string }
  | { readonly type: 'failed'; readonly message: string }
  /** Another game is played from here on: another version of a scenario file. */
  | {
      readonly type: 'recast'
      readonly scenario: string
      readonly algorithm: string
      readonly roster: SessionState['roster']
    }
  /** The training went back to an earlier episode; the curve beyond it is taken back. */
  | { readonly type: 'rolledBack'; readonly episodes: number; readonly message: string }
  /** A sentence for people while everything goes on; null takes it back. */
  | { readonly type: 'remark'; readonly message: string | null }
  | Command

export interface SessionChange {
  readonly state: SessionState
  readonly patches: readonly Patch[]
}

export interface Session {
  readonly state: SessionState
  /** The present state first (no patches), then every change. */
  readonly changes$: Observable<SessionChange>
  dispatch(event: SessionEvent): void
}

/** The rules by which a session changes. */
function reduce(draft: Draft<SessionState>, event: SessionEvent): void {
  switch (event.type) {
    case 'progress':
      draft.progress = event.progress
      break
    case 'point':
      draft.curve.episodes.push(event.episodes)
      draft.curve.returns.push([...event.returns])
      break
    case 'ended':
    case 'failed':
      draft.status = event.type
      draft.message = event.message
      break
    case 'recast':
      draft.run.scenario = event.scenario
      draft.run.algorithm = event.algorithm
      draft.roster = event.roster.map(agent => ({ ...agent }))
      draft.message = null
      break
    case 'rolledBack': {
      const kept = draft.curve.episodes.filter(at => at <= event.episodes).length
      draft.curve.episodes.splice(kept)
      draft.curve.returns.splice(kept)
      draft.message = event.message
      break
    }
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
    case 'step':
      break
  }
}

/** A session that begins with `initial`. */
export function createSession(initial: SessionState): Session {
  enablePatches()
  const changes = new BehaviorSubject<SessionChange>({ state: initial, patches: [] })
  return {
    get state() {
      return changes.value.state
    },
    changes$: changes.asObservable(),
    dispatch(event) {
      const [state, patches] = produceWithPatches(changes.value.state, draft => reduce(draft, event))
      if (patches.length > 0) changes.next({ state, patches })
    },
  }
}

type Draft<T> = T extends readonly (infer U)[]
  ? Draft<U>[]
  : T extends object
    ? { -readonly [K in keyof T]: Draft<T[K]> }
    : T

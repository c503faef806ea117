// The slow-changing state of a run as viewers see it. Changed only by `reduce`; the patches travel to viewers as they are.
import { enablePatches, type Patch, produceWithPatches } from 'immer'
import { BehaviorSubject, type Observable } from 'rxjs'
import { reduce } from './session-rules.ts'
import type { SessionEvent, SessionState } from './session-state.ts'

export type { Command, GameCommand, TimelineCommand, TrainingCommand } from './commands.ts'
export type {
  AllowedOption,
  EvaluationPoint,
  ExhibitionState,
  SessionEvent,
  SessionState,
  Status,
  Trouble,
} from './session-state.ts'

export interface SessionChange {
  readonly state: SessionState
  readonly patches: readonly Patch[]
}

/** What viewers see of a training or a game, as one immutable state and the patches from each to the next. */
export interface Session {
  readonly state: SessionState
  /** The present state first (no patches), then every change. */
  readonly changes$: Observable<SessionChange>
  dispatch(event: SessionEvent): void
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

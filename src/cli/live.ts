// What is shown on a page: a session and the game that its viewers watch.
import {
  createExhibition,
  createSession,
  type Exhibition,
  type Session,
  type SessionState,
  type Show,
  type Stage,
  type StreamServer,
} from '../index.ts'
import type { Recorder } from '../recording/recorder.ts'

/** A session and the game that its viewers watch. */
export interface OnAir {
  readonly session: Session
  readonly exhibition: Exhibition
}

/** @throws TypeError when the game cannot be drawn, ConfigError for wrong options or players. */
export function goOnAir(initial: SessionState, stage: Stage): OnAir {
  const session = createSession(initial)
  return { session, exhibition: createExhibition(stage, session) }
}

/** Shows a session on a server. `show`: what its viewers watch and command; absent: the exhibition alone. */
export function host(
  server: StreamServer,
  id: string,
  { session, exhibition }: OnAir,
  show: Show = exhibition,
  recorder?: Recorder,
): void {
  server.add({ id, title: session.state.run.scenario, session, show, recording: recorder?.snapshot })
}

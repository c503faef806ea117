// What is shown on a page until it is closed.
import type { Observable } from 'rxjs'
import type { Session } from '../experiment/session.ts'
import type { ViewerCommand } from './page.ts'

/** What `serve` and `watch` return. */
export interface LiveView {
  /** Where to point a browser, `http://127.0.0.1:8120/`; without the token. */
  readonly url: string
  /** Where it listens: the same, or what a reverse proxy is to be pointed at. */
  readonly listening: string
  /** A token is needed: who opens the page adds it once, as `?token=`. */
  readonly guarded: boolean
  /** How many viewers are connected to the page: the present number first, then every change. */
  readonly viewers$: Observable<number>
  /** What viewers ask of these sessions, when it was done or refused. */
  readonly commands$: Observable<ViewerCommand>
  /** What viewers know, in the order of what is shown: `session.state`, and `session.changes$` as immer patches. */
  readonly sessions: readonly Session[]
  /** Files that are being recorded. */
  readonly recordings: readonly string[]
  /** Resolves when it was closed; rejects when the game of a scenario file can no longer be played. */
  readonly ended: Promise<void>
  /** Ends it: recordings are whole, and viewers get `message` as the last word. A page that was given stays open. */
  close(message?: string): Promise<void>
}

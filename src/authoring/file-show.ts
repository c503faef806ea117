// A scenario file that is being edited, as a show: the game plays in a thread of its own, and what viewers ask goes there.
import { concat, defer, type Observable, of, ReplaySubject, Subject } from 'rxjs'
import type { FrameSchema } from '../envs/frame.ts'
import type { Session } from '../experiment/session.ts'
import type { Inspection, Moment, Show } from '../experiment/show.ts'
import type { GameRequest, PlayedMoment } from './game-messages.ts'
import { type LiveGame, type LiveGameEvents, playFile } from './live-game.ts'
import { troubleOf } from './trouble.ts'

export interface FileShow extends Show {
  /** The number of the frame that comes next: of a new version too. */
  readonly nextNumber: number
  /** The version that is shown, in one piece; null: none yet. */
  readonly source: { readonly file: string; readonly code: string } | null
}

export interface FileShowEvents {
  /** A version is shown from here on; with a remark, an earlier one in place of one that failed. */
  ready(remark: string | null): void
  trouble: LiveGameEvents['trouble']
  lost: LiveGameEvents['lost']
}

/** Shows a file and every later version of it, and keeps the session up to date; nothing is seen before the first version. */
export function playFileShow(
  file: string,
  request: () => Omit<GameRequest, 'task' | 'bundle'>,
  session: Session,
  events: FileShowEvents,
): { show: FileShow; close: LiveGame['close'] } {
  const schema$ = new ReplaySubject<FrameSchema>(1)
  const moments = new Subject<Moment>()
  let schemas = 0
  let newest: Moment | null = null
  let nextNumber = 0
  let inspections: readonly Inspection[] = []
  const game = playFile(file, request, {
    ready({ id, who, schema, roster }, remark) {
      session.dispatch({ type: 'gameChanged', scenario: id, algorithm: who, roster })
      if (remark !== null) tell(remark)
      begin(schema)
      events.ready(remark)
    },
    hear(message) {
      if (message.type === 'schema') begin(message.schema)
      else if (message.type === 'exhibition') {
        session.dispatch({ type: 'exhibition', change: message.change })
        session.dispatch({ type: 'timeline', change: message.timeline })
      } else show(message.moment)
    },
    trouble(message, wrongUsage) {
      tell(message)
      if (schemas === 0) schema$.next(nothing)
      events.trouble(message, wrongUsage)
    },
    lost: events.lost,
  })
  const tell = (message: string) => {
    session.dispatch({ type: 'remark', message })
    session.dispatch({ type: 'trouble', trouble: troubleOf(message) })
  }
  const begin = (schema: FrameSchema) => {
    schemas++
    newest = null
    inspections = []
    schema$.next(schema)
  }
  const show = ({ fingerprint, inspections: fresh, ...moment }: PlayedMoment) => {
    if (fresh !== null) inspections = fresh
    newest = { ...moment, fingerprint: () => fingerprint }
    nextNumber = moment.frame.number + 1
    moments.next(newest)
  }
  return {
    show: {
      get nextNumber() {
        return nextNumber
      },
      get source() {
        return game.source
      },
      schema$,
      moments$: defer((): Observable<Moment> => (newest === null ? moments : concat(of(newest), moments))),
      inspect: agent => inspections[agent] ?? null,
      command: (command, viewer) => game.ask(command, viewer),
      left: viewer => game.left(viewer),
    },
    close: () => game.close(),
  }
}

/** Before there is a version that can be played. */
const nothing: FrameSchema = {
  kind: 'particles',
  extent: 1.3,
  entities: [],
  fields: [],
  size: 0,
  agents: [],
  secondsPerStep: 0.1,
}

// A show and its session as a page hears them from a server, within the page itself: the same messages, frames and answers, and no wire.
import type { Frame, FrameSchema } from '../envs/frame.ts'
import type { Session } from '../experiment/session.ts'
import type { Show } from '../experiment/show.ts'
import { decodeFrame, flagsOf, frameFlag } from '../stream/frame-codec.ts'
import { History } from '../stream/history.ts'
import {
  type Command,
  PROTOCOL,
  type Request,
  type ServerMessage,
  type StreamedFrame,
  type StreamedInspection,
} from '../stream/protocol.ts'

export interface LocalEvents {
  onMessage(message: ServerMessage): void
  onFrame(frame: StreamedFrame): void
  onInspection(inspection: StreamedInspection): void
}

/** Frames per second to the page at most; those between are kept for looking back. */
const rate = 60
const viewer = 'you'

/** Speaks to the page from the next moment on. What it gives carries out what the page asks. */
export function connectLocally(
  { session, show, title }: { readonly session: Session; readonly show: Show; readonly title: string },
  { onMessage, onFrame, onInspection }: LocalEvents,
): { send(request: Request): void } {
  const began = Date.now()
  let schema: FrameSchema
  let history: History
  let newest: Frame | null = null
  let inspected: readonly number[] = []
  let sequence = 0
  /** Flags of frames that were skipped for the page. */
  let owed = 0
  let timer: ReturnType<typeof setTimeout> | null = null

  const welcome = () =>
    onMessage({
      type: 'welcome',
      protocol: PROTOCOL,
      session: { id: 'offline', title, began },
      viewer,
      role: 'operator',
      sequence,
      state: session.state,
      schema,
      history: history.range,
      resumed: false,
    })
  const showNewest = () => {
    timer = null
    if (newest === null) return
    const flags = owed | flagsOf(newest)
    owed = 0
    onFrame({
      ...newest,
      restarted: (flags & frameFlag.restarted) !== 0,
      placed: (flags & frameFlag.placed) !== 0,
      key: false,
      past: false,
    })
    inspect(newest.number)
  }
  const inspect = (number: number) => {
    for (const agent of inspected) {
      const inspection = show.inspect(agent)
      if (inspection !== null) onInspection({ ...inspection, number })
    }
  }
  const pictured = (frame: Frame) => {
    history.push(frame)
    if (timer === null) timer = setTimeout(showNewest, 1000 / rate)
    else if (newest !== null) owed |= flagsOf(newest)
    newest = frame
  }
  const follow = () => {
    const failed = (error: unknown) =>
      onMessage({ type: 'bye', message: `the game stopped: ${error instanceof Error ? error.message : String(error)}` })
    let welcomed = false
    show.schema$.subscribe({
      next(next) {
        schema = next
        history = new History(schema)
        newest = null
        if (welcomed) welcome()
      },
      error: failed,
    })
    welcome()
    welcomed = true
    session.changes$.subscribe({
      next({ patches }) {
        if (patches.length > 0) onMessage({ type: 'patches', sequence: ++sequence, patches })
      },
      error: failed,
    })
    show.moments$.subscribe({ next: ({ frame }) => pictured(frame), error: failed })
  }
  const look = (from: number, to: number) => {
    for (let at = from; at <= to; ) {
      const bytes = history.from(at)
      if (bytes === null) return
      const frame = decodeFrame(bytes, schema)
      if (frame.number > to) return
      at = frame.number + 1
      onFrame({ ...frame, key: false, past: true })
    }
  }
  const carryOut = async (request: Request): Promise<void> => {
    if (request.type === 'sync') return welcome()
    if (request.type === 'history') return look(request.from, request.to)
    if (request.type !== 'subscribe') return show.command(request as Command, viewer)
    inspected = request.inspect ?? inspected
    if (newest !== null) inspect(newest.number)
  }

  setTimeout(follow)
  return {
    send({ id, ...request }) {
      carryOut(request as Request).then(
        () => id !== undefined && onMessage({ type: 'done', id }),
        (error: Error) => onMessage({ type: 'refused', ...(id !== undefined && { id }), message: error.message }),
      )
    },
  }
}

// The websocket to the server: reconnects after it was lost or closed, waiting longer each time, and continues where it was.
import { binaryKind, kindOf } from '../../src/stream/binary.ts'
import { decodeFrame } from '../../src/stream/frame-codec.ts'
import { decodeInspection } from '../../src/stream/inspection-codec.ts'
import type {
  FrameSchema,
  Request,
  ServerMessage,
  StreamedFrame,
  StreamedInspection,
} from '../../src/stream/protocol.ts'
import { parseServerMessage } from '../../src/stream/read-message.ts'

export interface ConnectionEvents {
  onMessage(message: ServerMessage): void
  onFrame(frame: StreamedFrame): void
  onInspection(inspection: StreamedInspection): void
  onLost(): void
  /** The server speaks another language than this page. */
  onConfused(sentence: string): void
}

export interface Connection {
  send(request: Request): void
}

/** What the page is connected to: a server, or a game within the page itself. */
export type Connector = (events: ConnectionEvents) => Connection

const FIRST_WAIT_MS = 400
/** A server that is there again has its pages back before ten seconds are over. */
const LONGEST_WAIT_MS = 4000
/** Milliseconds that a server may take to answer; where there is none, no error comes. */
const ANSWER_MS = 4000

/** The connector to a server's stream. */
export function connectTo(address: URL): Connector {
  return events => connect(address, events)
}

function connect(address: URL, events: ConnectionEvents): Connection {
  let socket: WebSocket
  let wait = FIRST_WAIT_MS
  /** The server is not understood: asking again would not help. */
  let over = false
  let waiting: ReturnType<typeof setTimeout> | undefined
  /** What was heard last, so that nothing in between is missed after a loss. */
  let heard: { readonly number: number; readonly began: number } | null = null

  function open(): void {
    waiting = undefined
    let schema: FrameSchema | null = null
    let began = 0
    /** Of the patches that were heard last; null: only a welcome makes sense of what follows. */
    let sequence: number | null = null
    const opened = new WebSocket(heard === null ? address : resuming(address, heard))
    socket = opened
    opened.binaryType = 'arraybuffer'
    opened.onmessage = event => {
      try {
        if (typeof event.data !== 'string') {
          const bytes = event.data as ArrayBuffer
          if (kindOf(bytes) === binaryKind.inspection) events.onInspection(decodeInspection(bytes))
          else if (schema) {
            const frame = decodeFrame(bytes, schema)
            if (!frame.past) heard = { number: frame.number, began }
            events.onFrame(frame)
          }
          return
        }
        const message = parseServerMessage(event.data)
        if (message.type === 'welcome') {
          ;({ schema, sequence } = message)
          began = message.session.began
          wait = FIRST_WAIT_MS
        }
        if (message.type === 'patches') {
          if (sequence === null) return
          sequence = message.sequence === sequence + 1 ? message.sequence : null
          if (sequence === null) {
            send({ type: 'sync' })
            return
          }
        }
        events.onMessage(message)
      } catch (error) {
        over = true
        opened.close()
        events.onConfused((error as Error).message)
      }
    }
    const patience = setTimeout(() => opened.close(), ANSWER_MS)
    opened.onopen = () => clearTimeout(patience)
    opened.onclose = () => {
      clearTimeout(patience)
      if (over) return
      events.onLost()
      // Many pages must not all come back at the same moment.
      waiting = setTimeout(open, wait * (0.75 + Math.random() / 2))
      wait = Math.min(2 * wait, LONGEST_WAIT_MS)
    }
  }

  /** In a page that nobody sees timers may take a minute; who looks at it again should not wait for them. */
  function hurry(): void {
    if (waiting === undefined || document.hidden) return
    clearTimeout(waiting)
    open()
  }

  document.addEventListener('visibilitychange', hurry)
  addEventListener('online', hurry)
  open()
  return { send }

  function send(request: Request): void {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request))
  }
}

function resuming(address: URL, { number, began }: { readonly number: number; readonly began: number }): URL {
  const url = new URL(address)
  url.searchParams.set('after', String(number))
  url.searchParams.set('began', String(began))
  return url
}

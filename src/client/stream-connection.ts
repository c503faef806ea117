// The websocket to the server: reconnects after it was lost or closed, waiting longer each time, and continues where it was.
import { binaryKind, kindOf } from '../stream/binary.ts'
import { decodeFrame } from '../stream/frame-codec.ts'
import { decodeInspection } from '../stream/inspection-codec.ts'
import type { FrameSchema, Request } from '../stream/protocol.ts'
import { parseServerMessage } from '../stream/read-message.ts'
import type { Connection, ConnectionEvents, Connector } from './connection.ts'
import type { Heard } from './frame-order.ts'
import { whyNot } from './why-not.ts'

/** What is needed of a websocket: that of browsers and of Node.js, or of the package ws. */
export interface Socket {
  binaryType: string
  readonly readyState: number
  onopen: unknown
  onmessage: unknown
  onclose: unknown
  onerror: unknown
  send(text: string): void
  close(): void
}

/** Makes such a websocket. */
export type SocketConstructor = new (address: URL) => Socket

const OPEN = 1
const FIRST_WAIT_MS = 400
/** A server that is there again has its pages back before ten seconds are over. */
const LONGEST_WAIT_MS = 4000
/** Milliseconds that a server may take to answer; where there is none, no error comes. */
const ANSWER_MS = 4000

/** What is needed of a page, where there is one. */
const page = globalThis as {
  readonly document?: Listening & { readonly hidden: boolean }
} & Partial<Listening>

interface Listening {
  addEventListener(event: string, heard: () => void): void
  removeEventListener(event: string, heard: () => void): void
}

/** The connector to a server's stream. */
export function connectTo(address: URL, WebSocket: SocketConstructor): Connector {
  return events => connect(address, WebSocket, events)
}

function connect(address: URL, WebSocket: SocketConstructor, events: ConnectionEvents): Connection {
  let socket: Socket
  let wait = FIRST_WAIT_MS
  /** It is closed, or the server is not understood: asking again would not help. */
  let over = false
  let welcomed = false
  let waiting: ReturnType<typeof setTimeout> | undefined

  function open(): void {
    waiting = undefined
    let schema: FrameSchema | null = null
    /** Of the patches that were heard last; null: only a welcome makes sense of what follows. */
    let sequence: number | null = null
    const heard = events.heard()
    const opened = new WebSocket(heard === null ? address : resuming(address, heard))
    socket = opened
    opened.binaryType = 'arraybuffer'
    opened.onmessage = ({ data }: { readonly data: string | ArrayBuffer }) => {
      if (over) return
      try {
        if (typeof data !== 'string') {
          if (kindOf(data) === binaryKind.inspection) events.onInspection(decodeInspection(data))
          else if (kindOf(data) === binaryKind.frame && schema) events.onFrame(decodeFrame(data, schema))
          return
        }
        const message = parseServerMessage(data)
        if (message.type === 'welcome') {
          ;({ schema, sequence } = message)
          wait = FIRST_WAIT_MS
          welcomed = true
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
        end()
        events.onProblem({ sentence: (error as Error).message, forGood: true })
      }
    }
    const patience = setTimeout(() => opened.close(), ANSWER_MS)
    opened.onopen = () => clearTimeout(patience)
    // What closes it says nothing more.
    opened.onerror = () => {}
    opened.onclose = () => {
      clearTimeout(patience)
      if (over) return
      events.onLost()
      void again()
    }
  }

  /** Waits and opens; who was never welcomed asks why first. */
  async function again(): Promise<void> {
    const problem = welcomed ? null : await whyNot(address)
    if (over) return
    if (problem !== null) events.onProblem(problem)
    if (problem?.forGood) return end()
    // Many pages must not all come back at the same moment.
    waiting = setTimeout(open, wait * (0.75 + chance() / 2))
    wait = Math.min(2 * wait, LONGEST_WAIT_MS)
  }

  /** In a page that nobody sees timers may take a minute; who looks at it again should not wait for them. */
  function hurry(): void {
    if (waiting === undefined || page.document?.hidden) return
    clearTimeout(waiting)
    open()
  }

  function end(): void {
    over = true
    clearTimeout(waiting)
    page.document?.removeEventListener('visibilitychange', hurry)
    page.removeEventListener?.('online', hurry)
    socket.close()
  }

  function send(request: Request): void {
    if (socket.readyState === OPEN) socket.send(JSON.stringify(request))
  }

  page.document?.addEventListener('visibilitychange', hurry)
  page.addEventListener?.('online', hurry)
  open()
  return { send, close: end }
}

function resuming(address: URL, { number, began }: Heard): URL {
  const url = new URL(address)
  url.searchParams.set('after', String(number))
  url.searchParams.set('began', String(began))
  return url
}

/** 0 ... 1, other in every page. */
function chance(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! / 0xffff_ffff
}

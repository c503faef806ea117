// The websocket to the server: comes back after a loss, waiting longer each time, and stays away after a goodbye.
import { binaryKind, kindOf } from '../src/stream/binary.ts'
import { decodeFrame } from '../src/stream/frame-codec.ts'
import type { Command, Frame, FrameSchema, Request, ServerMessage } from '../src/stream/protocol.ts'
import { parseServerMessage } from '../src/stream/read-message.ts'

export interface ConnectionEvents {
  onMessage(message: ServerMessage): void
  onFrame(frame: Frame): void
  onLost(): void
  /** The server speaks another language than this page. */
  onConfused(sentence: string): void
}

export interface Connection {
  send(command: Command): void
}

/** Whoever speaks to the page: a server far away, or a game within the page itself. */
export type Connector = (events: ConnectionEvents) => Connection

const FIRST_WAIT_MS = 400
const LONGEST_WAIT_MS = 8000

/** The connector to a server's stream. */
export function connectTo(address: string | URL): Connector {
  return events => connect(address, events)
}

function connect(address: string | URL, events: ConnectionEvents): Connection {
  let socket: WebSocket
  let wait = FIRST_WAIT_MS
  let over = false

  function open(): void {
    let schema: FrameSchema | null = null
    /** Of the patches that were heard last; null: only a welcome makes sense of what follows. */
    let sequence: number | null = null
    const opened = new WebSocket(address)
    socket = opened
    opened.binaryType = 'arraybuffer'
    opened.onmessage = event => {
      try {
        if (typeof event.data !== 'string') {
          const bytes = event.data as ArrayBuffer
          if (schema === null || kindOf(bytes) !== binaryKind.frame) return
          const frame = decodeFrame(bytes, schema)
          if (!frame.past) events.onFrame(frame)
          return
        }
        const message = parseServerMessage(event.data)
        if (message.type === 'welcome') {
          ;({ schema, sequence } = message)
          wait = FIRST_WAIT_MS
        } else if (message.type === 'patches') {
          if (sequence === null) return
          if (message.sequence !== sequence + 1) {
            sequence = null
            return send({ type: 'sync' })
          }
          sequence++
        }
        if (message.type === 'bye') over = true
        events.onMessage(message)
      } catch (error) {
        over = true
        opened.close()
        events.onConfused((error as Error).message)
      }
    }
    opened.onclose = () => {
      if (over) return
      events.onLost()
      // Many pages must not all come back at the same moment.
      setTimeout(open, wait * (0.75 + Math.random() / 2))
      wait = Math.min(2 * wait, LONGEST_WAIT_MS)
    }
  }

  function send(request: Request): void {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request))
  }

  open()
  return { send }
}

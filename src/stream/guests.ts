// Websockets of other protocols: the protocol writes to them; here they are kept alive and closed.
import type { WebSocket } from 'ws'
import { createRequestLimit } from './request-limit.ts'
import { BEAT_MS, STALE_MS } from './viewer-connection.ts'

const MOST_MISSED = Math.ceil(STALE_MS / BEAT_MS)
const GOING_AWAY = 1001
/** What a close frame has room for. */
const LONGEST_REASON = 120

export class Guests {
  /** Beats since each one answered last. */
  private readonly silence = new Map<WebSocket, number>()

  add(socket: WebSocket): void {
    this.silence.set(socket, 0)
    const fewEnough = createRequestLimit(socket)
    socket.on('message', fewEnough)
    socket.on('ping', fewEnough)
    socket.on('pong', () => this.silence.set(socket, 0))
    socket.on('close', () => this.silence.delete(socket))
    socket.on('error', () => {})
  }

  get size(): number {
    return this.silence.size
  }

  /** Pings everyone, and ends who has not answered for long. */
  beat(): void {
    for (const [socket, beats] of this.silence) {
      if (beats > MOST_MISSED) socket.terminate()
      else if (socket.readyState === socket.OPEN) {
        this.silence.set(socket, beats + 1)
        socket.ping()
      }
    }
  }

  async close(reason: string): Promise<void> {
    const gone = [...this.silence.keys()].map(
      socket =>
        new Promise<void>(resolve => {
          socket.once('close', () => resolve())
          socket.close(
            GOING_AWAY,
            Buffer.from(reason)
              .subarray(0, LONGEST_REASON)
              .toString('utf8')
              .replace(/\ufffd$/, ''),
          )
        }),
    )
    await Promise.all(gone)
  }

  cutOff(): void {
    for (const socket of this.silence.keys()) socket.terminate()
  }
}

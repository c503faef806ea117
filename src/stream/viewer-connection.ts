// One viewer's websocket: what it is sent, what it is spared when it is slow, and the commands that come back.
import type { RawData, WebSocket } from 'ws'
import type { Command, ServerMessage } from './protocol.ts'
import { parseCommand } from './protocol.ts'

/** Above this many waiting bytes a viewer is spared frames; it gets the newest one when it has caught up. */
export const SKIP_ABOVE_BYTES = 256 * 1024
/** Above this many waiting bytes it is cut off; it comes back to a fresh snapshot. */
export const CUT_ABOVE_BYTES = 8 * 1024 * 1024
/** A viewer that has been spared frames for so long is cut off too. */
export const STALE_MS = 30_000
/** More commands than this within a second are no person's. */
export const COMMANDS_PER_SECOND = 50
const MISSED_PONGS = 2
const POLICY_VIOLATION = 1008

export interface ViewerOptions {
  /** The newest frame as bytes, for a viewer that missed some. */
  newestFrame(): Uint8Array | null
  onCommand(command: Command): void
}

export class ViewerConnection {
  welcomed = false
  private behindSince: number | null = null
  private pongsAwaited = 0
  private commands = 0
  private secondBegan = 0

  constructor(
    private readonly socket: WebSocket,
    private readonly options: ViewerOptions,
  ) {
    socket.on('message', (data, isBinary) => this.receive(data, isBinary))
    socket.on('pong', () => {
      this.pongsAwaited = 0
    })
    // ws closes a broken connection by itself, with the code that says why; the server lets go of the viewer on 'close'.
    socket.on('error', () => {})
  }

  /** Sends a message, encoded by the caller once for all viewers. */
  send(text: string): void {
    this.transmit(text)
  }

  /** Sends a frame, or skips it when this viewer is slow. Never waits. */
  sendFrame(bytes: Uint8Array): void {
    if (this.socket.bufferedAmount > SKIP_ABOVE_BYTES) {
      this.behindSince ??= Date.now()
      return
    }
    this.behindSince = null
    this.transmit(bytes)
  }

  /** Called every 15 s: cuts off who does not answer or does not keep up, and pings the others. */
  beat(): void {
    const stale = this.behindSince !== null && Date.now() - this.behindSince > STALE_MS
    if (stale || this.pongsAwaited >= MISSED_PONGS) {
      this.cutOff()
    } else if (this.socket.readyState === this.socket.OPEN) {
      this.pongsAwaited++
      this.socket.ping()
    }
  }

  /** Says goodbye; resolves when the connection is closed. */
  farewell(message: string): Promise<void> {
    return new Promise(resolve => {
      this.socket.once('close', () => resolve())
      if (this.socket.readyState === this.socket.CLOSED) resolve()
      this.say({ type: 'bye', message })
      this.socket.close(1000)
    })
  }

  cutOff(): void {
    this.socket.terminate()
  }

  private say(message: ServerMessage): void {
    this.transmit(JSON.stringify(message))
  }

  private transmit(data: string | Uint8Array): void {
    if (this.socket.readyState !== this.socket.OPEN) return
    if (this.socket.bufferedAmount > CUT_ABOVE_BYTES) this.cutOff()
    else this.socket.send(data, () => this.drained())
  }

  /** After a skip the newest frame goes out as soon as there is room: the next one may be long in coming (a paused game). */
  private drained(): void {
    if (this.behindSince === null || this.socket.bufferedAmount > SKIP_ABOVE_BYTES) return
    const frame = this.options.newestFrame()
    if (frame) this.sendFrame(frame)
  }

  private receive(data: RawData, isBinary: boolean): void {
    if (this.socket.readyState !== this.socket.OPEN) return
    if (this.tooMany()) {
      this.socket.close(POLICY_VIOLATION, `more than ${COMMANDS_PER_SECOND} commands a second`)
      return
    }
    try {
      if (isBinary) throw new TypeError('a command must be JSON text, got binary')
      this.options.onCommand(parseCommand(data.toString()))
    } catch (error) {
      this.say({ type: 'refused', message: (error as Error).message })
    }
  }

  private tooMany(): boolean {
    const now = Date.now()
    if (now - this.secondBegan >= 1000) {
      this.secondBegan = now
      this.commands = 0
    }
    return ++this.commands > COMMANDS_PER_SECOND
  }
}

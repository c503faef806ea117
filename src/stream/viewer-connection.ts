// One viewer's websocket: what it is sent, what is skipped when it is slow, and the requests that come back.
import type { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import { frameFlag } from './frame-codec.ts'
import type { PastSender } from './past-sender.ts'
import type { Role, ServerMessage } from './protocol.ts'
import { RATE } from './protocol.ts'
import { createRequestLimit } from './request-limit.ts'
import { PING, textMessage } from './websocket-message.ts'

/** Above this many waiting bytes frames and patches are skipped for a viewer; it gets the newest when it has caught up. */
export const SKIP_ABOVE_BYTES = 64 * 1024
/** Above this many waiting bytes it is cut off; it comes back to a fresh welcome. */
export const CUT_ABOVE_BYTES = 8 * 1024 * 1024
/** A viewer that has been behind, or has not answered a ping, for so long is cut off too. */
export const STALE_MS = 30_000
/** `beat` is called so often. Who has not answered a ping by the next one is slow, however much the network holds for it. */
export const BEAT_MS = 2000

/** What a connection asks of its session: whole messages, made once for all viewers. */
export interface Source {
  /** Rises with every frame. */
  readonly version: number
  /** Everything from the beginning; `resumed`: the frames that follow leave nothing out. */
  welcome(viewer: ViewerConnection, resumed: boolean): Buffer
  /** The newest frame with these flags; null: there is none yet. */
  frame(flags: number): Buffer | null
  /** Inspections that belong to the newest frame. */
  inspections(agents: readonly number[]): readonly Buffer[]
  received(viewer: ViewerConnection, text: string): void
}

/** Writes whole messages to the socket itself: nothing is encoded or copied for each viewer. ws reads, and ends the connection. */
export class ViewerConnection {
  rate: number = RATE.usual
  private inspected: readonly number[] = []
  /** The frame that was sent last. */
  private shown = 0
  /** Flags of frames that were not sent. */
  private owed: number = frameFlag.key
  private missedPatches = false
  private behindSince: number | null = null
  private pingedAt: number | null = null
  private past: PastSender | null = null
  private pastSent: (() => void) | null = null
  private readonly fewEnough: () => boolean

  constructor(
    readonly name: string,
    readonly role: Role,
    private readonly socket: WebSocket,
    private readonly network: Duplex,
    private readonly source: Source,
  ) {
    this.fewEnough = createRequestLimit(socket)
    socket.on('message', (data, isBinary) => this.receive(data, isBinary))
    socket.on('pong', () => {
      this.pingedAt = null
      this.catchUp()
    })
    // Each is answered: a flood of them would heap up answers.
    socket.on('ping', this.fewEnough)
    network.on('drain', () => this.catchUp())
    // ws closes a broken connection by itself, with the code that says why; the server lets go of the viewer on 'close'.
    socket.on('error', () => {})
  }

  /** Sends a message that must arrive. */
  say(message: ServerMessage): void {
    this.write(textMessage(JSON.stringify(message)))
  }

  /** Sends the state as it is now, the frame that belongs to it, and then, where there is one, the past. */
  welcome(resumed = false, past: PastSender | null = null): void {
    this.missedPatches = false
    this.owed |= frameFlag.key
    this.shown = 0
    this.write(this.source.welcome(this, resumed))
    this.showFrame(0)
    if (past !== null) this.sendPast(past)
  }

  /** Another game is shown from here on: nothing more of the one before. */
  changeSchema(): void {
    this.endPast()
    this.welcome()
  }

  /** A welcome as soon as there is room. */
  resync(): void {
    if (this.keepsUp()) this.welcome()
    else this.missedPatches = true
  }

  /** Sends patches; or, where the viewer is slow, a whole welcome later. */
  change(patches: Buffer): void {
    if (this.keepsUp()) this.write(patches)
    else this.missedPatches = true
  }

  /** Sends the newest frame, or skips it when this viewer is slow. Never waits. */
  showFrame(flags: number): void {
    this.owed |= flags
    if (this.shown === this.source.version || this.behindSince !== null) return
    if (!this.keepsUp()) {
      this.owed |= frameFlag.key
      return
    }
    const frame = this.source.frame(this.owed)
    if (frame === null) return
    this.shown = this.source.version
    this.owed = 0
    if (this.inspected.length === 0) this.write(frame)
    else this.writeTogether([frame, ...this.source.inspections(this.inspected)])
  }

  /** What it gets from now on; inspections at once, for the game may be paused. */
  subscribe(rate = this.rate, inspected = this.inspected): void {
    this.rate = rate
    if (inspected !== this.inspected) this.shown = 0
    this.inspected = inspected
    if (inspected.length > 0) this.showFrame(0)
  }

  /** Sends frames of the past, a portion at a time; what was still on its way is left out. */
  sendPast(past: PastSender, sent: () => void = () => {}): void {
    const going = this.past !== null
    this.endPast()
    this.past = past
    this.pastSent = sent
    if (!going) this.sendPortion()
  }

  /** Called every `BEAT_MS`: cuts off who does not answer or does not keep up, and pings the others. */
  beat(): void {
    const now = Date.now()
    const stale = (since: number | null) => since !== null && now - since > STALE_MS
    if (stale(this.pingedAt) || stale(this.behindSince)) this.cutOff()
    else if (this.pingedAt !== null) this.behindSince ??= now
    else if (this.isOpen) {
      this.pingedAt = now
      this.write(PING)
    }
  }

  /** Closes the connection in order; resolves when it is closed. */
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

  private get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN
  }

  /** Whether there is room for more. */
  private keepsUp(): boolean {
    if (this.behindSince === null && this.network.writableLength > SKIP_ABOVE_BYTES) this.behindSince = Date.now()
    return this.behindSince === null
  }

  /** After a skip the newest of all goes out as soon as there is room: the next frame may be long in coming (a paused game). */
  private catchUp(): void {
    if (this.behindSince === null || this.pingedAt !== null || this.network.writableLength > SKIP_ABOVE_BYTES) return
    this.behindSince = null
    if (this.missedPatches) this.welcome()
    else this.showFrame(frameFlag.key)
  }

  private endPast(): void {
    const sent = this.pastSent
    this.past = null
    this.pastSent = null
    sent?.()
  }

  private sendPortion(): void {
    const portion = this.past?.next() ?? null
    if (portion === null) this.endPast()
    else {
      // One portion waits at a time, and others have their turn between two.
      this.write(portion, () => setImmediate(() => this.sendPortion()))
    }
  }

  private write(message: Buffer, written?: () => void): void {
    if (!this.isOpen) return
    if (this.network.writableLength > CUT_ABOVE_BYTES) this.cutOff()
    else this.network.write(message, written)
  }

  private writeTogether(messages: readonly Buffer[]): void {
    this.network.cork()
    for (const message of messages) this.write(message)
    this.network.uncork()
  }

  private receive(data: RawData, isBinary: boolean): void {
    if (!this.isOpen || !this.fewEnough()) return
    if (isBinary) {
      this.say({ type: 'refused', message: 'a command must be JSON text, got binary' })
    } else {
      this.source.received(this, data.toString())
    }
  }
}

// Frames in their order over breaks of the connection: what was missed comes first, and what is new waits for it.
import type { FrameSchema, ServerMessage, StreamedFrame } from '../stream/protocol.ts'

/** The newest frame up to which nothing is missing, and when its session began (ms since 1970). */
export interface Heard {
  readonly number: number
  readonly began: number
}

type Welcome = Extract<ServerMessage, { type: 'welcome' }>

/** So many new frames wait at most; a server that sends none of what was missed for so long has it no more. */
const MOST_HELD = 3000

export class FrameOrder {
  private began = 0
  private last: number | null = null
  private schema: FrameSchema | null = null
  /** The newest frame of those that were missed; null: none is. */
  private missing: number | null = null
  private held: StreamedFrame[] = []
  /** The next new frame continues the last one, whatever lies between two connections. */
  private continues = false

  /** Where the server goes on from after a break; null: from now. */
  get heard(): Heard | null {
    return this.last === null ? null : { number: this.last, began: this.began }
  }

  /** What was missed is on its way. */
  get isBehind(): boolean {
    return this.missing !== null
  }

  /** The connection is lost: what was held comes again. */
  lose(): void {
    this.missing = null
    this.held = []
  }

  /** Gives what waited for frames that do not come any more. */
  welcome({ session, schema, history, resumed }: Welcome): readonly StreamedFrame[] {
    const sameGame = this.began === session.began && JSON.stringify(this.schema) === JSON.stringify(schema)
    const released = sameGame ? [] : this.release()
    if (this.began !== session.began) this.last = null
    this.began = session.began
    this.schema = schema
    if (resumed && this.last !== null && history !== null) {
      // The newest frame is sent with the welcome, what lies before it as frames of the past.
      this.missing = history.last - 1 > this.last ? history.last - 1 : null
      this.continues = true
    }
    return released
  }

  /** Takes a frame as it comes; gives those whose turn it is. */
  take(frame: StreamedFrame): readonly StreamedFrame[] {
    if (frame.past) return this.takePast(frame)
    if (this.missing !== null) {
      this.held.push(frame)
      return this.held.length > MOST_HELD ? this.release() : []
    }
    const repeated = this.continues && frame.number === this.last && !frame.placed
    const next = this.continues ? { ...frame, key: false } : frame
    this.continues = false
    this.last = frame.number
    return repeated ? [] : [next]
  }

  private takePast(frame: StreamedFrame): readonly StreamedFrame[] {
    if (this.missing === null || frame.number <= this.last!) return []
    this.last = frame.number
    if (frame.number < this.missing) return [frame]
    const [first, ...rest] = this.release()
    return first === undefined ? [frame] : [frame, { ...first, key: false }, ...rest]
  }

  private release(): readonly StreamedFrame[] {
    const { held } = this
    this.missing = null
    this.held = []
    this.continues &&= held.length === 0
    this.last = held.at(-1)?.number ?? this.last
    return held
  }
}

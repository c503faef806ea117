// The newest frame of a session as messages, each made once for all viewers when the first one asks for it.
import type { Frame, FrameSchema } from '../envs/frame.ts'
import type { Show } from '../experiment/show.ts'
import { numberOf } from './binary.ts'
import { setFlags } from './frame-codec.ts'
import { History } from './history.ts'
import { encodeInspection } from './inspection-codec.ts'
import type { ServerMessage } from './protocol.ts'
import { binaryMessage, textMessage } from './websocket-message.ts'

/** Frames of one schema; those before the newest are its history. */
export class NewestFrame {
  readonly history: History
  private readonly byFlags: (Buffer | undefined)[] = []
  private readonly byAgent = new Map<number, Buffer | null>()

  constructor(
    readonly schema: FrameSchema,
    private readonly inspect: Show['inspect'],
  ) {
    this.history = new History(schema)
  }

  push(frame: Frame): void {
    this.history.push(frame)
    this.byFlags.length = 0
    this.byAgent.clear()
  }

  /** null: there is none yet. */
  message(flags: number): Buffer | null {
    const known = this.byFlags[flags]
    const bytes = this.history.newest
    if (known !== undefined || bytes === null) return known ?? null
    const made = binaryMessage(bytes)
    setFlags(made.subarray(made.length - bytes.length), flags)
    this.byFlags[flags] = made
    return made
  }

  /** What these agents see, want and are worth at the newest frame; those of whom that cannot be said are left out. */
  inspections(agents: readonly number[]): readonly Buffer[] {
    return agents.flatMap(agent => {
      let made = this.byAgent.get(agent)
      if (made === undefined) this.byAgent.set(agent, (made = this.inspection(agent)))
      return made ?? []
    })
  }

  private inspection(agent: number): Buffer | null {
    const bytes = this.history.newest
    if (bytes === null || agent >= this.schema.agents.length) return null
    try {
      const inspection = this.inspect(agent)
      return inspection && binaryMessage(encodeInspection(inspection, numberOf(bytes)))
    } catch (error) {
      // It runs on a timer, where an error would end the whole process.
      const message = `agent ${agent} cannot be inspected: ${error instanceof Error ? error.message : String(error)}`
      return textMessage(JSON.stringify({ type: 'refused', message } satisfies ServerMessage))
    }
  }
}

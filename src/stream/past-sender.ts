// Sends past frames to one viewer in portions, as fast as its connection takes them.
import { numberOf } from './binary.ts'
import { frameFlag, setFlags } from './frame-codec.ts'
import type { History } from './history.ts'
import type { FrameRange } from './protocol.ts'
import { binaryMessage } from './websocket-message.ts'

/** About what is handed over at a time. */
const PORTION_BYTES = 32 * 1024

export interface PastSender {
  /** The next messages in one buffer; null: all was sent, or is no longer kept. */
  next(): Buffer | null
}

/** Frames `first` ... `last` of those that are still kept when their turn comes. */
export function createPastSender(history: History, { first, last }: FrameRange): PastSender {
  let from = first
  return {
    next() {
      const messages: Buffer[] = []
      for (let bytes = 0; bytes < PORTION_BYTES; ) {
        const frame = history.from(from)
        if (frame === null || numberOf(frame) > last) break
        from = numberOf(frame) + 1
        const message = binaryMessage(frame)
        setFlags(message.subarray(message.length - frame.length), (frame[3]! & ~frameFlag.key) | frameFlag.past)
        messages.push(message)
        bytes += message.length
      }
      return messages.length === 0 ? null : Buffer.concat(messages)
    },
  }
}

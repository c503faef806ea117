// A position in a recording: frames after it are read ahead while it moves.
import type { RecordedMoment, Recording } from './recording.ts'

export interface PlaybackCursor {
  /** The frame that is shown. */
  readonly present: RecordedMoment
  /** The one after it; null: it is still being read, or there is none. */
  readonly following: RecordedMoment | null
  /** No frame comes after it. */
  readonly ended: boolean
  /** One frame further; null: it is still being read, or there is none. */
  next(): RecordedMoment | null
  /** To a frame, or the first one after it that can be read. Of several jumps the last one counts: the others give null. */
  jump(number: number): Promise<RecordedMoment | null>
}

/** Frames that are read ahead. */
const ahead = 128

/** `damaged` is called with what cannot be read; playback continues after it. */
export async function createPlaybackCursor(
  recording: Recording,
  damaged: (error: Error) => void,
): Promise<PlaybackCursor> {
  let source = recording.from(recording.first, damaged)
  let waiting: RecordedMoment[] = []
  let reading = false
  let exhausted = false
  let jumps = 0

  /** Fills up what is waiting. Ends early when another jump was made. */
  const read = async (until: number) => {
    if (reading) return
    reading = true
    const jump = jumps
    try {
      while (jump === jumps && waiting.length < until && !exhausted) {
        const { value, done } = await source.next()
        if (jump !== jumps) return
        if (done) exhausted = true
        else waiting.push(value)
      }
    } finally {
      if (jump === jumps) reading = false
    }
  }
  await read(1)
  let present = waiting.shift()
  if (present === undefined) throw new RangeError(`${recording.file} has no frame that can be read`)
  void read(ahead)

  return {
    get present() {
      return present!
    },
    get following() {
      return waiting[0] ?? null
    },
    get ended() {
      return exhausted && waiting.length === 0
    },
    next() {
      const next = waiting.shift() ?? null
      if (waiting.length < ahead / 2) void read(ahead)
      if (next !== null) present = next
      return next
    },
    async jump(number) {
      const jump = ++jumps
      reading = false
      exhausted = false
      waiting = []
      source = recording.from(number, damaged)
      await read(1)
      if (jump !== jumps) return null
      const found = waiting.shift()
      void read(ahead)
      if (found !== undefined) present = found
      return found ?? present!
    },
  }
}

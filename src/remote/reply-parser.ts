// Reads a reply of Redis (RESP2) where its bytes were received: entries of streams one by one, or a word that all is well, or an error.
//
// reply: *-1 (nothing) or *<streams>, of each *2 $key *<entries>, of each *2 $id *<fields> $field ...

/** `fields`: names and values in turn. */
export type TakeEntry = (key: string, id: string, fields: readonly Buffer[]) => void

export interface ReplyParser {
  /**
   * Takes what it can of some bytes, which begin where it stopped before: those that were not taken come again, with more.
   * @throws Error where it is no such reply
   */
  push(buffer: Buffer, from: number, end: number): Progress
}

export interface Progress {
  /** How many it took. */
  readonly bytes: number
  /** Whether the reply is over. */
  readonly isDone: boolean
  /** What Redis says instead. */
  readonly error?: string
}

const [asterisk, dollar, minus, plus, colon] = [42, 36, 45, 43, 58]
/** Digits of a length, and letters of a line, at most. */
const longestLine = 4096

export function createReplyParser(take: TakeEntry): ReplyParser {
  let buffer: Buffer = Buffer.alloc(0)
  /** Where the bytes of this call begin and end, and where the next piece begins. */
  let [begin, at, limit] = [0, 0, 0]
  /** Streams and entries that are to come; -1: it is not known yet. */
  let [streams, entries] = [-1, 0]
  let key = ''
  /** Of the entry that is being received, from its beginning on: where its id and its fields lie. */
  let [pieces, wanted, next]: [number[], number, number] = [[], -1, 0]

  /** The number of a line with a kind before it, at `at`, which is then behind it; null: there is no end of the line yet. */
  const line = (kind: number): number | null => {
    const found = buffer.subarray(at, Math.min(limit, at + longestLine)).indexOf('\r\n')
    if (found < 0) {
      if (limit - at >= longestLine) throw new Error('Redis: expected the end of a line')
      return null
    }
    if (buffer[at] !== kind) throw new Error(`Redis: expected a reply of type ${kind}, got ${buffer[at]}`)
    const number = Number(buffer.toString('latin1', at + 1, at + found))
    if (!Number.isSafeInteger(number)) throw new Error('Redis: expected a whole number')
    at += found + 2
    return number
  }
  /** Where a text begins and ends, at `at`, which is then behind it; null: it is not whole yet. */
  const text = (): readonly [number, number] | null => {
    const before = at
    const length = line(dollar)
    if (length === null) return null
    const from = at
    const end = from + Math.max(0, length)
    const behind = length < 0 ? from : end + 2
    if (behind > limit) {
      at = before
      return null
    }
    at = behind
    return [from, end]
  }
  /** The two items of a list, of which the first is a text and the second a list: that text and the length of that list. */
  const head = (): readonly [from: number, end: number, items: number] | null => {
    const before = at
    const first = line(asterisk)
    const named = first === null ? null : text()
    const items = named === null ? null : line(asterisk)
    if (items !== null) return [...named!, Math.max(0, items)]
    at = before
    return null
  }
  /** One entry; false: it is not whole yet. */
  const entry = (): boolean => {
    const first = at
    at += next
    if (wanted < 0) {
      const found = head()
      if (found === null) {
        at = first
        return false
      }
      pieces = [found[0] - first, found[1] - first]
      wanted = found[2]
    }
    for (; wanted > 0; wanted--) {
      const found = text()
      if (found === null) {
        next = at - first
        at = first
        return false
      }
      pieces.push(found[0] - first, found[1] - first)
    }
    const piece = (i: number) => buffer.subarray(first + pieces[2 * i]!, first + pieces[2 * i + 1]!)
    const fields = Array.from({ length: pieces.length / 2 - 1 }, (_, i) => piece(i + 1))
    ;[wanted, next] = [-1, 0]
    take(key, piece(0).toString('latin1'), fields)
    return true
  }
  /** Whether all that is there was taken, and nothing more is to come. */
  const isOver = (): boolean => {
    if (streams < 0) {
      const found = line(asterisk)
      if (found === null) return false
      streams = Math.max(0, found)
    }
    for (;;) {
      for (; entries > 0; entries--) if (!entry()) return false
      if (streams === 0) return true
      const found = head()
      if (found === null) return false
      key = buffer.toString('utf8', found[0], found[1])
      entries = found[2]
      streams--
    }
  }
  return {
    push(bytes, from, end) {
      ;[buffer, begin, at, limit] = [bytes, from, from, end]
      const kind = buffer[at]
      if (streams < 0 && (kind === minus || kind === plus || kind === colon)) {
        const found = buffer.subarray(at, limit).indexOf('\r\n')
        if (found < 0) return { bytes: 0, isDone: false }
        const said = buffer.toString('utf8', at + 1, at + found)
        return { bytes: found + 2, isDone: true, ...(kind === minus ? { error: said } : {}) }
      }
      const isDone = isOver()
      return { bytes: at - begin, isDone }
    },
  }
}

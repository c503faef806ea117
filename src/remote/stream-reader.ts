// Reads streams of Redis over a connection of its own, and hands entries over where they were received, without a copy of them.
import { once } from 'node:events'
import { connect, type Socket, type TcpNetConnectOpts } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ConnectionOptions, connect as connectSafely } from 'node:tls'
import type { Redis } from 'ioredis'
import { silence } from './connect-redis.ts'
import { createReplyParser, type ReplyParser, type TakeEntry } from './reply-parser.ts'

export interface StreamReader {
  /**
   * Entries of streams, by their keys, after those that are named, whose ids are brought up to date; waits for the first one so long. A
   * connection that was lost is made again, for as long as it takes.
   * @param take is given an entry, whose bytes are its own only until it returns, and must not throw
   * @throws Error with what Redis says
   */
  read(after: Map<string, string>, options: ReadOptions, take: TakeEntry): Promise<void>
  close(): void
}

export interface ReadOptions {
  /** Entries of a stream at most. */
  readonly count: number
  readonly milliseconds: number
}

/** Bytes that are received before those that were taken make room. */
const bufferSize = 1 << 20
/** Bytes that the system is asked for at least. */
const leastRoom = 1 << 16

/** To the Redis of another connection, with its address and user. */
export function createStreamReader({ options }: Pick<Redis, 'options'>): StreamReader {
  let link: Link | null = null
  let isClosed = false
  const opened = async () => {
    const made = createLink(options)
    try {
      await made.greet(options)
      return made
    } catch (error) {
      made.end(error as Error)
      throw error
    }
  }
  return {
    async read(after, { count, milliseconds }, take) {
      for (let times = 1; ; times++) {
        try {
          link = link?.isOpen() ? link : await opened()
          const how = ['COUNT', String(count), 'BLOCK', String(milliseconds), 'STREAMS']
          return await link.ask(['XREAD', ...how, ...after.keys(), ...after.values()], (key, id, fields) => {
            after.set(key, id)
            take(key, id, fields)
          })
        } catch (error) {
          // What Redis says is for whoever asked; a way that is cut is taken anew.
          if (error instanceof Refusal || isClosed) throw error
          await sleep(Math.min(50 * times, 1000))
        }
      }
    },
    close() {
      isClosed = true
      link?.end(new Error('closed'))
    },
  }
}

/** What Redis says in place of an answer. */
class Refusal extends Error {}

type Link = ReturnType<typeof createLink>

/** One connection, and one question at a time. */
function createLink({ tls, ...to }: Redis['options']) {
  let buffer: Buffer = Buffer.allocUnsafeSlow(bufferSize)
  /** Received and not yet taken: from `start` to `end`. */
  let [start, end] = [0, 0]
  let isOpen = true
  let parser: ReplyParser | null = null
  let settle: { done: () => void; failed: (error: Error) => void } | null = null

  const finish = (error: Error | null) => {
    const waiting = settle
    settle = null
    parser = null
    if (error === null) waiting?.done()
    else waiting?.failed(error)
  }
  const stop = (error: Error) => {
    isOpen = false
    socket.destroy()
    finish(error)
  }
  const received = (bytes: number) => {
    end += bytes
    try {
      while (parser !== null && start < end) {
        const taken = parser.push(buffer, start, end)
        start += taken.bytes
        if (taken.error !== undefined) finish(new Refusal(taken.error))
        else if (taken.isDone) finish(null)
        else break
      }
    } catch (error) {
      stop(error as Error)
    }
    return true
  }
  /** Where the next bytes go: behind those that wait for more, which move to the front, or into more memory, where there is no room. */
  const room = () => {
    if (start === end) {
      ;[start, end] = [0, 0]
      if (buffer.length > bufferSize) buffer = Buffer.allocUnsafeSlow(bufferSize)
    }
    if (buffer.length - end < leastRoom) {
      const larger = end - start > buffer.length / 2 ? Buffer.allocUnsafeSlow(2 * buffer.length) : buffer
      buffer.copy(larger, 0, start, end)
      ;[buffer, start, end] = [larger, 0, end - start]
    }
    return buffer.subarray(end)
  }
  const where = to.path ? { path: to.path } : { host: to.host, port: to.port, family: to.family }
  const address = { ...where, onread: { buffer: room, callback: received } } as TcpNetConnectOpts
  const safety = typeof tls === 'object' ? tls : {}
  const socket: Socket = tls ? connectSafely({ ...address, ...safety } as ConnectionOptions) : connect(address)
  socket.setNoDelay(true)
  socket.setTimeout(silence, () => {
    if (settle !== null) stop(new Error(`no answer for ${silence} ms`))
  })
  socket.on('error', stop)
  socket.on('close', () => stop(new Error('the connection was cut')))
  socket.unref()

  const ask = (command: readonly string[], take: TakeEntry) =>
    new Promise<void>((done, failed) => {
      if (!isOpen) return failed(new Error('the connection was cut'))
      settle = { done, failed }
      parser = createReplyParser(take)
      socket.write(encodeCommand(command))
    })
  const simply = (command: readonly string[]) => ask(command, () => {})
  return {
    isOpen: () => isOpen,
    ask,
    /** Says who it is, and which of the databases it wants. */
    async greet({ username, password, db }: Redis['options']) {
      await once(socket, tls ? 'secureConnect' : 'connect', { signal: AbortSignal.timeout(silence) })
      if (password) {
        await simply(['AUTH', ...(username ? [username] : []), password]).catch(error => {
          // Of a Redis without passwords, which takes whoever has one too.
          if (!/without any password configured/.test(error.message)) throw error
        })
      }
      if (db) await simply(['SELECT', String(db)])
    },
    end: stop,
  }
}

function encodeCommand(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map(word => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`
}

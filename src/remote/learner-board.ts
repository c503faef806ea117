// The learner's side of Redis: what it puts there for actors, what it reads of theirs. Every method may throw what Redis says.
import type { ChainableCommander, Redis } from 'ioredis'
import { type Lease, readLease } from './lease.ts'
import { isKeyPart, type RedisKeys, ticketGroup } from './redis-keys.ts'
import type { StreamReader } from './stream-reader.ts'
import { ticketField } from './ticket-message.ts'

export interface LearnerBoard {
  /** Puts the run there, with nothing of an earlier session. */
  open(manifest: Uint8Array, files: ReadonlyMap<string, string>): Promise<void>
  /**
   * Whether what lies there is what was put there: `lost`, it is not, or Redis is another than it was, or some of it is gone; `taken`,
   * another learner's does, as `isSigned` says. `versions`: of the weights, those that were made known and not forgotten, the newest last.
   */
  check(
    manifest: Uint8Array,
    versions: readonly number[],
    isSigned: (other: Uint8Array) => boolean,
  ): Promise<'there' | 'lost' | 'taken'>
  /** Makes a version known, and forgets another one. */
  publish(version: number, sealed: Uint8Array, forgotten: number): Promise<void>
  leases(): Promise<ReadonlyMap<string, Lease>>
  /** Empty streams for a process. */
  welcome(name: string): Promise<void>
  /** Nothing more comes to a process, or of it. */
  forget(name: string, reason: string | null): Promise<void>
  /** `most`: tickets to keep, at least; those before them were answered. */
  give(name: string, ticket: Uint8Array, most: number): Promise<void>
  /** Entries of a process's answers and the bytes that they take, about. */
  backlog(name: string): Promise<readonly [entries: number, bytes: number]>
  /** What processes have answered after the entries that are named, one by one as they come; waits for the first. `take` must not throw. */
  read(after: ReadonlyMap<string, string>, milliseconds: number, take: (entry: Entry) => void): Promise<void>
  drop(name: string, ids: readonly string[]): Promise<void>
  /** Ends it: actors are told that all is done, or find nobody. */
  close(manifest: Uint8Array | null): Promise<void>
}

export interface Entry {
  readonly name: string
  readonly id: string
  /** Names and values in turn, whose bytes are theirs only while they are taken. */
  readonly fields: readonly Buffer[]
}

/** Answers of a process that are read at once. */
const mostAtOnce = 16
/** Seconds for which actors can find out that a run is done, or why they were refused. */
const noticeSeconds = 3600

/** `reader`: a connection of its own for what waits. */
export function createLearnerBoard(redis: Redis, reader: StreamReader, keys: RedisKeys): LearnerBoard {
  let server: string | null = null
  /** Of all processes. */
  const streams = [keys.tickets('*'), keys.played('*')]
  const serverId = async () => /run_id:(\S+)/.exec(await redis.info('server').catch(() => ''))?.[1] ?? null

  return {
    async open(manifest, files) {
      server = await serverId()
      const old = [keys.weights('*'), keys.refused('*'), ...streams]
      const all = redis.multi().del(keys.newest, ...(await scanAll(redis, old)))
      for (const [hash, code] of files) all.set(keys.file(hash), code)
      await whole(all.set(keys.manifest, Buffer.from(manifest)))
    },
    async check(manifest, versions, isSigned) {
      const [[found, newest], weights] = await Promise.all([
        redis.mgetBuffer(keys.manifest, keys.newest),
        redis.exists(keys.manifest, ...versions.map(keys.weights)),
      ])
      if (!found || (await serverId()) !== server) return 'lost'
      if (!found.equals(manifest)) return isSigned(found) ? 'taken' : 'lost'
      // What was sent on a connection that was given up may come after what was sent on the next one.
      return weights === 1 + versions.length && Number(newest ?? -1) === (versions.at(-1) ?? -1) ? 'there' : 'lost'
    },
    async publish(version, sealed, forgotten) {
      const all = redis.multi().set(keys.weights(version), Buffer.from(sealed)).set(keys.newest, String(version))
      await whole(forgotten < 0 ? all : all.del(keys.weights(forgotten)))
    },
    async leases() {
      // Others could not have been started by that name, and are nothing to show.
      const found = (await scan(redis, keys.leases.pattern)).filter(key => isKeyPart(keys.leases.nameOf(key)))
      const texts = found.length === 0 ? [] : await redis.mget(found)
      return new Map(
        found.flatMap((key, i) => {
          const lease = readLease(texts[i]!)
          return lease === null ? [] : [[keys.leases.nameOf(key), lease] as const]
        }),
      )
    },
    async welcome(name) {
      const [tickets, played] = [keys.tickets(name), keys.played(name)]
      const all = redis.multi().del(tickets, played)
      for (const stream of [tickets, played]) all.xgroup('CREATE', stream, ticketGroup, '0', 'MKSTREAM')
      await whole(all)
    },
    async forget(name, reason) {
      const all = redis.multi().del(keys.tickets(name), keys.played(name))
      await whole(reason === null ? all : all.set(keys.refused(name), reason, 'EX', noticeSeconds))
    },
    async give(name, ticket, most) {
      // Without a stream the process has been forgotten, and nothing that it was asked for is waited for.
      const how = ['NOMKSTREAM', 'MAXLEN', '~', most, '*'] as const
      await redis.xadd(keys.tickets(name), ...how, ticketField, Buffer.from(ticket))
    },
    async backlog(name) {
      const [entries, bytes] = await Promise.all([
        redis.xlen(keys.played(name)),
        redis.call('MEMORY', 'USAGE', keys.played(name), 'SAMPLES', '0') as Promise<number | null>,
      ])
      return [entries, bytes ?? 0]
    },
    async read(after, milliseconds, take) {
      const names = new Map([...after.keys()].map(name => [keys.played(name), name]))
      const ids = new Map([...after].map(([name, id]) => [keys.played(name), id]))
      await reader.read(ids, { count: mostAtOnce, milliseconds }, (key, id, fields) =>
        take({ name: names.get(key)!, id, fields }),
      )
    },
    async drop(name, ids) {
      if (ids.length > 0) await redis.xdel(keys.played(name), ...ids)
    },
    async close(manifest) {
      const gone = await scanAll(redis, [keys.weights('*'), keys.file('*'), ...streams])
      const all = redis.multi().del(keys.manifest, keys.newest, ...gone)
      await whole(manifest === null ? all : all.set(keys.manifest, Buffer.from(manifest), 'EX', noticeSeconds))
    },
  }
}

async function scan(redis: Redis, pattern: string): Promise<string[]> {
  const found = new Set<string>()
  // The pattern's own letters are those of base64url, a prefix and a name, none of which stands for others; braces do not either.
  for (let cursor = '0'; ; ) {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1000)
    for (const key of keys) found.add(key)
    cursor = next
    if (cursor === '0') return [...found]
  }
}

async function scanAll(redis: Redis, patterns: readonly string[]): Promise<string[]> {
  return (await Promise.all(patterns.map(pattern => scan(redis, pattern)))).flat()
}

/** All of it or nothing, and the first error of any. */
export async function whole(commands: ChainableCommander): Promise<unknown[]> {
  const results = (await commands.exec()) ?? []
  for (const [error] of results) if (error !== null) throw error
  return results.map(([, result]) => result)
}

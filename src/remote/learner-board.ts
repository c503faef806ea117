// The learner's side of Redis: what it puts there for actors, what it reads of theirs. Every method may throw what Redis says.
import type { ChainableCommander, Redis } from 'ioredis'
import { type Lease, readLease } from './lease.ts'
import { isKeyPart, type RedisKeys, ticketGroup } from './redis-keys.ts'
import { ticketField } from './ticket-message.ts'

export interface LearnerBoard {
  /** Puts the run there, with nothing of an earlier session. */
  open(manifest: Uint8Array, files: ReadonlyMap<string, string>): Promise<void>
  /**
   * Whether what lies there is what was put there: `lost`, it is not, or Redis is another than it was; `taken`, another learner's does, as
   * `isSigned` says.
   */
  check(manifest: Uint8Array, isSigned: (other: Uint8Array) => boolean): Promise<'there' | 'lost' | 'taken'>
  /** Makes a version known, and forgets another one. */
  publish(version: number, sealed: Uint8Array, forgotten: number): Promise<void>
  leases(): Promise<ReadonlyMap<string, Lease>>
  /** Empty streams for a process. */
  welcome(name: string): Promise<void>
  /** Nothing more comes to a process, or of it. */
  forget(name: string, reason: string | null): Promise<void>
  give(name: string, ticket: Uint8Array): Promise<void>
  /** Entries of a process's answers and the bytes that they take, about. */
  backlog(name: string): Promise<readonly [entries: number, bytes: number]>
  /** What processes have answered after the entries that are named; waits for it. */
  read(after: ReadonlyMap<string, string>, milliseconds: number): Promise<readonly Entry[]>
  drop(name: string, ids: readonly string[]): Promise<void>
  /** Ends it: actors are told that all is done, or find nobody. */
  close(manifest: Uint8Array | null): Promise<void>
}

export interface Entry {
  readonly name: string
  readonly id: string
  /** Names and values in turn. */
  readonly fields: readonly Buffer[]
}

/** Seconds for which actors can find out that a run is done, or why they were refused. */
const noticeSeconds = 3600

/** `reader`: a connection of its own for what waits. */
export function createLearnerBoard(redis: Redis, reader: Redis, keys: RedisKeys): LearnerBoard {
  let server: string | null = null
  const serverId = async () => /run_id:(\S+)/.exec(await redis.info('server').catch(() => ''))?.[1] ?? null

  return {
    async open(manifest, files) {
      server = await serverId()
      const old = [...(await scan(redis, keys.weights('*'))), ...(await scan(redis, keys.refused('*')))]
      const all = redis.multi().del(keys.newest, ...old)
      for (const [hash, code] of files) all.set(keys.file(hash), code)
      await whole(all.set(keys.manifest, Buffer.from(manifest)))
    },
    async check(manifest, isSigned) {
      const found = await redis.getBuffer(keys.manifest)
      if (found === null || (await serverId()) !== server) return 'lost'
      if (found.equals(manifest)) return 'there'
      return isSigned(found) ? 'taken' : 'lost'
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
      const tickets = keys.tickets(name)
      await whole(redis.multi().del(tickets, keys.played(name)).xgroup('CREATE', tickets, ticketGroup, '0', 'MKSTREAM'))
    },
    async forget(name, reason) {
      const all = redis.multi().del(keys.tickets(name), keys.played(name))
      await whole(reason === null ? all : all.set(keys.refused(name), reason, 'EX', noticeSeconds))
    },
    async give(name, ticket) {
      // Without a stream the process has been forgotten, and nothing that it was asked for is waited for.
      await redis.xadd(keys.tickets(name), 'NOMKSTREAM', '*', ticketField, Buffer.from(ticket))
    },
    async backlog(name) {
      const [entries, bytes] = await Promise.all([
        redis.xlen(keys.played(name)),
        redis.call('MEMORY', 'USAGE', keys.played(name), 'SAMPLES', '0') as Promise<number | null>,
      ])
      return [entries, bytes ?? 0]
    },
    async read(after, milliseconds) {
      const names = [...after.keys()]
      const found = (await reader.xreadBuffer(
        ...(['COUNT', 64, 'BLOCK', milliseconds, 'STREAMS'] as const),
        ...names.map(keys.played),
        ...after.values(),
      )) as [Buffer, [Buffer, Buffer[]][]][] | null
      return (found ?? []).flatMap(([key, entries]) => {
        const name = names.find(each => keys.played(each) === key.toString())!
        return entries.map(([id, fields]) => ({ name, id: id.toString(), fields }))
      })
    },
    async drop(name, ids) {
      if (ids.length > 0) await redis.xdel(keys.played(name), ...ids)
    },
    async close(manifest) {
      const names = (await scan(redis, keys.leases.pattern)).map(keys.leases.nameOf)
      const streams = names.flatMap(name => [keys.tickets(name), keys.played(name)])
      const gone = [...streams, keys.newest, ...(await scan(redis, keys.weights('*')))]
      const all = redis.multi().del(keys.manifest, ...gone)
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

/** All of it or nothing, and the first error of any. */
export async function whole(commands: ChainableCommander): Promise<unknown[]> {
  const results = (await commands.exec()) ?? []
  for (const [error] of results) if (error !== null) throw error
  return results.map(([, result]) => result)
}

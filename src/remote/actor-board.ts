// An actor process's side of Redis: it reads the run, takes and acknowledges tickets, answers on its own stream, and renews its lease.
import type { Redis } from 'ioredis'
import { whole } from './learner-board.ts'
import { type Lease, leaseText } from './lease.ts'
import { type RedisKeys, ticketGroup } from './redis-keys.ts'
import { type Answer, answerFields, ticketField } from './ticket-message.ts'

export interface ActorBoard {
  /** null: its learner is not there. */
  manifest(): Promise<Uint8Array | null>
  file(hash: string): Promise<string | null>
  weights(version: number): Promise<Uint8Array | null>
  newest(): Promise<number | null>
  renew(lease: Lease, milliseconds: number): Promise<void>
  /** Why the learner wants nothing of this process; null: it does not say. */
  refusal(): Promise<string | null>
  /** Tickets that came; waits for them. `again`: those that were read already and not answered. null: the learner has not met this process. */
  take(instance: string, again: boolean, milliseconds: number): Promise<readonly TakenTicket[] | null>
  /** Answers a ticket and acknowledges it, both or neither; into nothing, where the learner has forgotten this process. */
  answer(answer: Answer, id: string): Promise<void>
  acknowledge(id: string): Promise<void>
  leave(): Promise<void>
}

export interface TakenTicket {
  readonly id: string
  readonly sealed: Uint8Array
}

/** `reader`: a connection of its own for what waits. */
export function createActorBoard(redis: Redis, reader: Redis, keys: RedisKeys, name: string): ActorBoard {
  let cuts = 0
  reader.on('close', () => void cuts++)
  const [tickets, played, lease] = [keys.tickets(name), keys.played(name), keys.lease(name)]
  return {
    manifest: () => redis.getBuffer(keys.manifest),
    file: hash => redis.get(keys.file(hash)),
    weights: version => redis.getBuffer(keys.weights(version)),
    async newest() {
      const text = await redis.get(keys.newest)
      return text === null ? null : Number(text)
    },
    async renew(value, milliseconds) {
      await redis.set(lease, leaseText(value), 'PX', milliseconds)
    },
    refusal: () => redis.get(keys.refused(name)),
    async take(instance, again, milliseconds) {
      const before = cuts
      try {
        const found = (await reader.xreadgroupBuffer(
          ...(['GROUP', ticketGroup, instance, 'COUNT', 16, 'BLOCK', milliseconds] as const),
          ...(['STREAMS', tickets, again ? '0' : '>'] as const),
        )) as [Buffer, [Buffer, Buffer[] | null][]][] | null
        // Tickets whose way here was cut count as read: these, which came after them, are read again behind them.
        if (cuts !== before) throw new Error('the connection was cut')
        // Without fields: it was given and is gone.
        return (found?.[0]?.[1] ?? []).flatMap(([id, fields]) => {
          const at = (fields ?? []).findIndex((field, i) => i % 2 === 0 && field.toString() === ticketField)
          return at < 0 ? [] : [{ id: id.toString(), sealed: fields![at + 1]! }]
        })
      } catch (error) {
        // The stream goes while somebody waits on it: UNBLOCKED.
        if (/^(NOGROUP|UNBLOCKED)/.test((error as Error).message)) return null
        throw error
      }
    },
    async answer(answer, id) {
      await whole(
        redis
          .multi()
          .xadd(played, 'NOMKSTREAM', '*', ...answerFields(answer))
          .xack(tickets, ticketGroup, id),
      )
    },
    async acknowledge(id) {
      await redis.xack(tickets, ticketGroup, id)
    },
    async leave() {
      await redis.del(lease)
    },
  }
}

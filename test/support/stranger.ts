// A process that plays for a run as others do, but for what it answers: that is the test's.
import { onTestFinished } from 'vitest'
import { createActorBoard } from '../../src/remote/actor-board.ts'
import { connectRedis, type Redis } from '../../src/remote/connect-redis.ts'
import { redisKeys } from '../../src/remote/redis-keys.ts'
import { unsealing } from '../../src/remote/run-key.ts'
import type { Answer } from '../../src/remote/ticket-message.ts'
import { playRemotely } from '../../src/run/remote/remote-actor.ts'

export interface Asked {
  /** What an honest process would answer, and the entry of the ticket. */
  readonly answer: Answer
  readonly id: string
  /** How many it has answered before. */
  readonly before: number
  /** The stream of its answers, and a connection. */
  readonly played: string
  readonly redis: Redis
  say(answer: Answer): Promise<void>
}

export interface Stranger {
  /** Why nothing of it is wanted any more; null: the run is over. */
  readonly ended: Promise<string | null>
}

export interface StrangerOptions {
  readonly url: string
  readonly runKey: string
  readonly name: string
}

/** Plays until it is refused, the run is over or the test is. `answers`: what comes instead of what was played. */
export async function startStranger(
  { url, runKey, name }: StrangerOptions,
  answers: (asked: Asked) => Promise<void>,
): Promise<Stranger> {
  const [redis, reader] = [await connectRedis(url), await connectRedis(url)]
  const ending = new AbortController()
  onTestFinished(() => {
    ending.abort()
    redis.disconnect()
    reader.disconnect()
  })
  const keys = redisKeys('marlstrom', runKey)
  const board = createActorBoard(redis, reader, keys, name)
  let before = 0
  const ended = playRemotely({
    idle: null,
    board: {
      ...board,
      answer: (answer, id) =>
        answers({
          answer,
          id,
          before: before++,
          played: keys.played(name),
          redis,
          say: said => board.answer(said, id),
        }),
    },
    unsealing: unsealing(runKey),
    lease: 2000,
    allows: () => false,
    signal: ending.signal,
    tell() {},
  }).then(
    () => null,
    error => (error as Error).message,
  )
  return { ended }
}

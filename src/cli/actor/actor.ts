// marlstrom actor: plays for a training that runs elsewhere, over Redis, until it is over.
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Command } from 'commander'
import { ConfigError } from '../../index.ts'
import { createActorBoard } from '../../remote/actor-board.ts'
import { connectRedis, shownAddress } from '../../remote/connect-redis.ts'
import { redisKeys } from '../../remote/redis-keys.ts'
import { unsealing } from '../../remote/run-key.ts'
import { type ActorNews, playRemotely } from '../../run/remote/remote-actor.ts'
import { addRedisOptions, keyPart, type RedisOptions, redisAddress } from '../options/redis.ts'
import { positiveNumber } from '../options/settings.ts'
import { createInterruption } from '../terminal/interruption.ts'
import { print } from '../terminal/print.ts'

interface ActorOptions extends RedisOptions {
  readonly runKey?: string
  readonly name?: string
  readonly lease: number
  readonly allow: readonly string[]
  readonly trust?: boolean
  readonly idle?: number
  readonly json?: boolean
}

/** Milliseconds for which a process that is to end waits for Redis. */
const patience = 2000

export function addActorCommand(program: Command): void {
  addRedisOptions(program.command('actor'), 'where the training and its actors meet')
    .option(
      '--run-key <key>',
      'the public key of the run, as its training prints it: what it has not signed is not believed',
    )
    .option(
      '--name <name>',
      'of this process, on the page and in the log; default: the host and something by chance',
      keyPart,
    )
    .option(
      '--lease <seconds>',
      'a process that is silent for so long has lost its actors to others',
      positiveNumber,
      10,
    )
    .option(
      '--allow <hash>',
      'run the scenario file with this SHA-256, if the run has signed it; repeatable',
      (hash: string, all: readonly string[]) => [...all, hash],
      [],
    )
    .option('--trust', 'run any scenario file that the run has signed')
    .option('--idle <seconds>', 'end after so long without a learner; default: wait for it', positiveNumber)
    .option('--json', 'one JSON object per line')
    .action(actorCommand)
}

async function actorCommand(options: ActorOptions): Promise<void> {
  const { runKey, name = defaultName(), lease, allow, trust = false, idle, json = false } = options
  const address = redisAddress(options)
  if (runKey === undefined) throw new ConfigError('--run-key', 'expected the public key that the training prints')
  const opening = unsealing(runKey)
  const redis = await connectRedis(address)
  const reader = await connectRedis(address)
  const ending = new AbortController()
  const interruption = createInterruption(() => {
    ending.abort()
    // A Redis that is away must not keep the process: what waits for it would wait for ever.
    setTimeout(() => process.exit(), patience).unref()
  })
  interruption.listen()
  try {
    await playRemotely({
      board: createActorBoard(redis, reader, redisKeys(options.redisPrefix, runKey), name),
      unsealing: opening,
      lease: lease * 1000,
      idle: idle === undefined ? null : idle * 1000,
      allows: hash => trust || allow.includes(hash),
      signal: ending.signal,
      tell: news =>
        print(json ? JSON.stringify({ event: news.type, name, ...plain(news) }) : sentence(news, name, address)),
    })
  } finally {
    interruption.close()
    redis.disconnect()
    reader.disconnect()
  }
}

function defaultName(): string {
  const host = hostname()
    .replaceAll(/[^\w.-]/g, '-')
    .slice(0, 40)
  return `${host}-${randomBytes(3).toString('hex')}`
}

function plain(news: ActorNews): object {
  if (news.type === 'played') return { actors: news.actors, trajectories: news.trajectories, envSteps: news.envSteps }
  return news.type === 'waiting' ? { reason: news.reason } : {}
}

function sentence(news: ActorNews, name: string, address: string): string {
  switch (news.type) {
    case 'waiting':
      return `waiting at ${shownAddress(address)}: ${news.reason}; Ctrl-C ends`
    case 'playing': {
      const { id } = news.manifest.settings.scenario as { id: string }
      return `${name} plays ${id} for a training by marlstrom ${news.manifest.version}; Ctrl-C ends`
    }
    case 'played':
      return `${news.envSteps} environment steps in ${news.trajectories} trajectories of ${news.actors} actors`
    case 'idle':
      return 'no learner came; this process ends'
    case 'over':
      return 'the training is done'
  }
}

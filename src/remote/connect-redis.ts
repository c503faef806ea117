// A Redis that is fit to carry experience, and connections to it that come back by themselves.
import type { Redis } from 'ioredis'
import { ConfigError } from '../errors.ts'

export type { Redis }

/** Milliseconds without an answer after which a connection is given up and made anew: the other end may be gone without a word. */
export const silence = 10_000

/**
 * A connection that waits for a Redis that is away, and says again what it had not answered; but the first time it must be there.
 * @throws ConfigError where the address is none, nobody answers there, or keys may be evicted
 */
export async function connectRedis(address: string): Promise<Redis> {
  const shown = shownAddress(address)
  const { Redis } = await installed(() => import('ioredis'))
  const redis = new Redis(address, {
    lazyConnect: true,
    connectTimeout: 5000,
    socketTimeout: silence,
    maxRetriesPerRequest: null,
    retryStrategy: times => (hasConnected ? Math.min(50 * times, 1000) : null),
    // Not all users may ask it, and it is found out without.
    enableReadyCheck: false,
  })
  let hasConnected = false
  let reason: Error | undefined
  redis.on('error', error => {
    reason ??= error
  })
  try {
    await redis.connect()
    await redis.ping()
    hasConnected = true
    return redis
  } catch (error) {
    redis.disconnect()
    const { message } = reason ?? (error as Error)
    throw new ConfigError(
      '--redis',
      `${shown} does not answer as a Redis does (${message}); start redis-server there, or name another`,
    )
  }
}

/** @throws ConfigError where keys are thrown away when memory is short. A user who may not ask is believed. */
export async function expectNothingEvicted(redis: Pick<Redis, 'info'>, address: string, lost: string): Promise<void> {
  const policy = /maxmemory_policy:(\S+)/.exec(await redis.info('memory').catch(() => ''))?.[1]
  if (policy === undefined || policy === 'noeviction') return
  throw new ConfigError(
    '--redis',
    `${shownAddress(address)} has maxmemory-policy ${policy}, which throws ${lost} away when memory is short; expected noeviction: ` +
      'redis-cli config set maxmemory-policy noeviction',
  )
}

/** Without user and password. @throws ConfigError where it is no address */
export function shownAddress(address: string): string {
  try {
    const url = new URL(address)
    if (/^rediss?:$/.test(url.protocol) && url.hostname !== '') return `${url.protocol}//${url.host}${url.pathname}`
  } catch {
    // Said below.
  }
  throw new ConfigError(
    '--redis',
    `expected an address like redis://127.0.0.1:6379, got '${address.replace(/:[^:@/]*@/, ':...@')}'`,
  )
}

/** @throws ConfigError where a package is not installed; `packages`: all that are wanted */
export async function installed<Package>(load: () => Promise<Package>, packages = 'ioredis@6'): Promise<Package> {
  try {
    return await load()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new ConfigError('--redis', `Redis needs another package: npm install ${packages}`)
  }
}

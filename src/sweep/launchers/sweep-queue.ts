// The queue on Redis between a sweep and its workers: what a job is, and a Redis that is fit to keep it.
import { createHash } from 'node:crypto'
import type * as bullmq from 'bullmq'
import { ConfigError } from '../../errors.ts'
import type { TrainJob } from '../../jobs/train-job.ts'

/** What a worker is given. Folders are absolute, and the same on all machines. */
export interface QueuedJob {
  /** Of marlstrom: others may train other bits. */
  readonly version: string
  readonly sweep: string
  readonly train: TrainJob
}

/** The queue that sweeps and workers use unless they are told otherwise. */
export const defaultQueue = 'marlstrom'

/** The same training has the same name, so that it is in the queue at most once. */
export function jobId({ folder, config }: TrainJob): string {
  return createHash('sha256').update(`${folder} ${config.run.episodes}`).digest('hex').slice(0, 32)
}

/**
 * The queue's own package: no part of marlstrom's installation, since most sweeps stay on one machine and it is a third as large as all the rest.
 * @throws ConfigError where it is not installed
 */
export function loadBullmq(): Promise<Pick<typeof bullmq, 'Queue' | 'QueueEvents' | 'Worker' | 'WaitingError'>> {
  return installed(() => import('bullmq'))
}

/**
 * Connects to Redis, and makes sure that it keeps what it is given.
 * @throws ConfigError where the address is none, nobody answers there, or keys may be evicted
 */
export async function connectRedis(address: string): Promise<{ url: string }> {
  const shown = shownAddress(address)
  const { Redis } = await installed(() => import('ioredis'))
  const redis = new Redis(address, { lazyConnect: true, connectTimeout: 5000, retryStrategy: () => null })
  let reason: Error | undefined
  redis.on('error', error => {
    reason ??= error
  })
  try {
    await redis.connect()
    const policy = /maxmemory_policy:(\S+)/.exec(await redis.info('memory'))?.[1]
    if (policy !== undefined && policy !== 'noeviction') {
      throw new ConfigError(
        '--redis',
        `${shown} has maxmemory-policy ${policy}, which throws jobs away when memory is short; expected noeviction: ` +
          'redis-cli config set maxmemory-policy noeviction',
      )
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const { message } = reason ?? (error as Error)
    throw new ConfigError(
      '--redis',
      `${shown} does not answer as a Redis does (${message}); start redis-server there, or name another`,
    )
  } finally {
    redis.disconnect()
  }
  return { url: address }
}

/** Without its password. */
function shownAddress(address: string): string {
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

async function installed<Package>(load: () => Promise<Package>): Promise<Package> {
  try {
    return await load()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new ConfigError('--redis', 'a queue on Redis needs two packages more: npm install bullmq@6 ioredis@6')
  }
}

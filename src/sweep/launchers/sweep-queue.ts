// The queue on Redis between a sweep and its workers: what a job is, and a Redis that is fit to keep it.
import { createHash } from 'node:crypto'
import type * as bullmq from 'bullmq'
import type { TrainJob } from '../../jobs/train-job.ts'
import { connectRedis, expectNothingEvicted, installed } from '../../remote/connect-redis.ts'

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
  return installed(() => import('bullmq'), 'bullmq@6 ioredis@6')
}

/**
 * Connects to Redis, and makes sure that it keeps what it is given.
 * @throws ConfigError where the address is none, nobody answers there, or keys may be evicted
 */
export async function queueRedis(address: string): Promise<{ url: string }> {
  const redis = await connectRedis(address)
  try {
    await expectNothingEvicted(redis, address, 'jobs')
  } finally {
    redis.disconnect()
  }
  return { url: address }
}

// Launcher bullmq: runs are put into a queue on Redis, workers anywhere take them; results come back, and lie in the shared folder.

import { resolve } from 'node:path'
import { packageVersion } from '../../installation/package.ts'
import { type JobResult, measuredAt } from '../../jobs/job-results.ts'
import type { TrainJob } from '../../jobs/train-job.ts'
import { JobError, type PendingJob, StoppedError } from '../../jobs/train-pool.ts'
import { episodesOf } from '../../run/config/config.ts'
import { marlstromCommand } from '../../text/shell-quoted.ts'
import type { Launcher } from './launcher.ts'
import { defaultQueue, jobId, loadBullmq, type QueuedJob, queueRedis } from './sweep-queue.ts'

/** Milliseconds after which results are looked for where nothing was heard, and jobs that a Redis has lost are given again. */
const lookEvery = 5000

/**
 * @param sweep The sweep's folder, on a file system that the workers share.
 * @param note Is told what a person should know.
 * @throws ConfigError where Redis is down, or may throw jobs away
 */
export async function bullmqLauncher(
  address: string,
  name: string,
  sweep: string,
  note: (sentence: string) => void,
): Promise<Launcher> {
  const connection = await queueRedis(address)
  const { Queue, QueueEvents } = await loadBullmq()
  const queue = new Queue<QueuedJob, JobResult>(name, { connection })
  const events = new QueueEvents(name, { connection })
  // They connect again by themselves; what got lost meanwhile is found by looking.
  queue.on('error', () => {})
  events.on('error', () => {})
  await events.waitUntilReady()

  const waiting = new Map<string, PendingJob>()
  let stopping: Promise<unknown> | null = null
  const settle = (id: string, how: (job: PendingJob) => void) => {
    const job = waiting.get(id)
    if (waiting.delete(id)) how(job!)
  }
  events.on('completed', ({ jobId, returnvalue }) =>
    settle(jobId, ({ done }) => done(returnvalue as unknown as JobResult)),
  )
  events.on('failed', ({ jobId, failedReason }) =>
    settle(jobId, ({ failed }) => failed(new JobError(failedReason, false))),
  )
  events.on('progress', ({ jobId, data }) => waiting.get(jobId)?.progress((data as { episodes: number }).episodes))

  const give = (id: string, { folder, config, objective }: TrainJob) => {
    const train = { folder: resolve(folder), config, objective }
    const data = { version: packageVersion(), sweep: resolve(sweep), train }
    // What is done leaves the queue: asked for again, it is found in its folder.
    return queue.add('train', data, { jobId: id, removeOnComplete: true, removeOnFail: true })
  }
  let told = false
  const look = async () => {
    for (const [id, { job }] of waiting) {
      const found = job.objective === null ? undefined : measuredAt(job.folder, episodesOf(job.config))
      if (found !== undefined) settle(id, ({ done }) => done(found))
      else if ((await queue.getJob(id)) === undefined && waiting.has(id)) await give(id, job)
    }
    if (told || waiting.size === 0 || (await queue.getWorkersCount()) > 0) return
    told = true
    note(
      `no worker is connected; start one: ${marlstromCommand('worker', '--redis', address, ...(name === defaultQueue ? [] : ['--queue', name]))}`,
    )
  }
  const timer = setInterval(() => void look().catch(() => {}), lookEvery)

  return {
    room: 1000,
    run: (job, progress) =>
      new Promise((done, failed) => {
        if (stopping !== null) return failed(new StoppedError())
        const id = jobId({ ...job, folder: resolve(job.folder) })
        waiting.set(id, { job, progress, done, failed })
        give(id, job).catch(error => settle(id, () => failed(error as Error)))
      }),
    stop() {
      // What no worker has begun is taken back; what one has begun it finishes, and the result is kept.
      stopping ??= Promise.allSettled([...waiting.keys()].map(id => queue.remove(id)))
      for (const id of waiting.keys()) settle(id, ({ failed }) => failed(new StoppedError()))
    },
    async close() {
      clearInterval(timer)
      await stopping
      await Promise.all([events.close(), queue.close()])
    },
  }
}

// A training whose actors play elsewhere: where they meet it, how they join, and their jobs on a cluster.
import type { Command } from 'commander'
import { connectRedis, expectNothingEvicted, shownAddress } from '../../remote/connect-redis.ts'
import { defaultPrefix } from '../../remote/redis-keys.ts'
import type { Started, StartOptions } from '../../starting/start-run.ts'
import { addRedisOptions, type RedisOptions, redisAddress } from '../options/redis.ts'
import { choiceOf, positiveNumber } from '../options/settings.ts'
import { type SlurmActors, submitActors } from './slurm-actors.ts'

export interface ElsewhereOptions extends RedisOptions {
  readonly launcher?: 'slurm'
  readonly processes?: number
  readonly sbatch: readonly string[]
}

/** Adds the options of `ElsewhereOptions`. */
export function addElsewhereOptions(command: Command): Command {
  return addRedisOptions(command, 'actors are processes that meet the training there')
    .option(
      '--launcher <where>',
      'with --redis: slurm submits the processes with actors as an array of jobs',
      choiceOf('slurm'),
    )
    .option('--processes <n>', 'with --launcher: processes with actors; default: as many as actors', positiveNumber)
    .option(
      '--sbatch <option>',
      'with --launcher slurm: an option of sbatch, such as --sbatch=--partition=long; repeatable',
      (option: string, all: readonly string[]) => [...all, option],
      [],
    )
}

/** Where actors on other machines are to meet the run. @throws ConfigError where Redis is not there, or not fit */
export async function remoteOf(options: ElsewhereOptions): Promise<Pick<StartOptions, 'remote'>> {
  if (options.redis === undefined && options.launcher === undefined) return {}
  const url = redisAddress(options)
  const redis = await connectRedis(url)
  await expectNothingEvicted(redis, url, 'trajectories').finally(() => redis.disconnect())
  return { remote: { url, prefix: options.redisPrefix } }
}

/** Submits actors, where that is asked for. @throws ConfigError where Slurm does not answer, or refuses */
export async function launch(
  { run, folder, runKey }: Started,
  options: ElsewhereOptions,
): Promise<SlurmActors | undefined> {
  const { launcher, processes = run.config.run.actors!, sbatch, redisPrefix: prefix } = options
  if (launcher === undefined) return undefined
  const redis = { url: redisAddress(options), prefix }
  return await submitActors(run, { folder: folder.path, runKey: runKey!, redis, processes, sbatch })
}

/** How others play for the run; the address without its password. */
export function howToPlay(runKey: string, { redis, redisPrefix }: ElsewhereOptions): string {
  const at = typeof redis === 'string' ? ` --redis ${shownAddress(redis)}` : ' --redis'
  const under = redisPrefix === defaultPrefix ? '' : ` --redis-prefix ${redisPrefix}`
  return `actors join by: npx marlstrom actor${at}${under} --run-key ${runKey}`
}

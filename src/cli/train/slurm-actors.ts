// Actors of a training as an array of jobs on a Slurm cluster: submitted when it begins, taken back when it ends.
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { writeFileAtomic } from '../../experiment/atomic-file.ts'
import { compiledFile } from '../../installation/package-folder.ts'
import { hashOfFile } from '../../run/remote/travelling-file.ts'
import type { Run } from '../../run/run.ts'
import { blockSize, cancelJobs, queuedJobs, submitJobs } from '../../sweep/launchers/slurm.ts'
import { shellQuoted } from '../../text/shell-quoted.ts'
import { redisVariable } from '../options/redis.ts'

export interface SlurmActorsOptions {
  /** Of the run, on a file system that all nodes share. */
  readonly folder: string
  readonly runKey: string
  readonly redis: { readonly url: string; readonly prefix: string }
  /** Processes, each a member of the array. */
  readonly processes: number
  /** Options of sbatch: `--partition=long --time=04:00:00`. */
  readonly sbatch: readonly string[]
}

export interface SlurmActors {
  /** Members of the array that were submitted now; the others were in the queue already. */
  readonly submitted: number
  cancel(): Promise<void>
}

/** Seconds without a learner after which a job ends: that of a learner that was killed and comes back must not be too short. */
const idleSeconds = 1800

/** What jobs are submitted with, unless the user says otherwise. */
const usualOptions = ['--requeue', '--open-mode=append', '--cpus-per-task=1']

/** Submits what is not in the queue yet. @throws ConfigError where Slurm does not answer, or refuses */
export async function submitActors(run: Pick<Run, 'source'>, options: SlurmActorsOptions): Promise<SlurmActors> {
  const { runKey, redis, processes, sbatch } = options
  const folder = join(resolve(options.folder), 'actors')
  const name = `marlstrom-actors-${runKey.slice(0, 8)}`
  const queued = await queuedJobs(name)
  const missing = Array.from({ length: processes }, (_, i) => i).filter(number => !queued.has(number))
  mkdirSync(folder, { recursive: true })
  const words = [
    ...[process.execPath, compiledFile('cli/main.js'), 'actor', '--redis-prefix', redis.prefix, '--run-key', runKey],
    ...['--idle', String(idleSeconds), ...(run.source === null ? [] : ['--allow', hashOfFile(run.source.code)])],
  ]
  const script = join(folder, 'actor.sh')
  const text = `#!/bin/bash
# One process with actors, by its number; written by marlstrom train --launcher slurm.
exec ${words.map(word => shellQuoted(word)).join(' ')} --name "slurm-$(($1 + SLURM_ARRAY_TASK_ID))"
`
  writeFileAtomic(script, [Buffer.from(text)])
  // By the environment, which jobs inherit: a password has no place in a file or on a command line.
  process.env[redisVariable] = redis.url
  if (missing.length > 0) {
    await submitJobs(missing, { name, limit: undefined, folder, script, options: [...usualOptions, ...sbatch] })
  }
  return { submitted: missing.length, cancel: () => cancelJobs(name, Math.ceil(processes / blockSize)) }
}

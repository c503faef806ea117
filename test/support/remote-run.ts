// A training over Redis by the command, its run folder, and what it is held against: the same run, played by its own thread.
import { createHash, createPublicKey } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { marlstrom, type Running, start, temporaryFolder } from './command.ts'

/** 2 actors of 2 games, each of whose trajectories, of 64 steps, brings its state every fourth time; 40 batches. */
export const shortRun = [
  ...['simple_spread', '--algorithm', 'ppo', '--actors', '4', '--games', '8', '--threads', '1', '--episodes', '800'],
  ...['--set', 'run.trajectorySteps=50', '--set', 'learner.rolloutSteps=50', '--set', 'network.hidden=[8]'],
  ...['--set', 'run.summaryEpisodes=0', '--set', 'run.logEvery=80', '--set', 'run.tensorboard=false'],
]

export interface RemoteRun {
  readonly folder: string
  readonly runKey: string
  readonly learner: Running
}

/** Starts a training whose actors come over Redis. */
export async function startRemote(url: string, ...args: readonly string[]): Promise<RemoteRun> {
  const folder = join(temporaryFolder(), 'run')
  const learner = start('train', ...args, '--redis', url, '--out', folder, '--json')
  if (process.env.DEBUG_STRANGERS) learner.process.stderr!.on('data', d => process.stderr.write(d))
  return { folder, learner, runKey: await keyIn(folder) }
}

/** The public key of a run. */
export async function keyIn(folder: string): Promise<string> {
  const file = join(folder, 'run-key.pem')
  await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8').includes('END')).toBe(true)
  return createPublicKey(readFileSync(file)).export({ format: 'jwk' }).x!
}

/** SHA-256 of the newest checkpoint. */
export function outcomeIn(folder: string): string {
  const files = readdirSync(join(folder, 'checkpoints')).filter(name => name.endsWith('.safetensors'))
  return createHash('sha256')
    .update(readFileSync(join(folder, 'checkpoints', files.sort().at(-1)!)))
    .digest('hex')
}

/** That of the run when its own thread plays. */
export async function undisturbed(...args: readonly string[]): Promise<string> {
  const folder = join(temporaryFolder(), 'run')
  const done = await marlstrom('train', ...args, '--set', 'run.actorThreads=0', '--out', folder, '--json')
  expect([done.code, done.stderr]).toEqual([0, ''])
  return outcomeIn(folder)
}

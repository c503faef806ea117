// examples/actor.py, an actor in another language, plays for a training in order of arrival, beside another and alone; the training is resumed between.
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { connectRedis } from '../../src/remote/connect-redis.ts'
import { openManifest } from '../../src/remote/manifest.ts'
import { redisKeys } from '../../src/remote/redis-keys.ts'
import { unsealing } from '../../src/remote/run-key.ts'
import { start } from '../support/command.ts'
import { describeWith } from '../support/programs.ts'
import { startRedis } from '../support/redis.ts'
import { startRemote } from '../support/remote-run.ts'

const program = join(import.meta.dirname, '../../examples/actor.py')
const needs = 'import numpy, redis, cryptography'
const python = [
  process.env.ACTOR_PYTHON ?? 'python3',
  join(import.meta.dirname, '../../coverage/python/bin/python3'),
].find(it => spawnSync(it, ['-c', needs]).status === 0)
const hindrance = python === undefined && !process.env.ACTOR_PYTHON ? `no python3 with ${needs.slice(7)}` : undefined

function play(url: string, runKey: string, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const ended = (error: Error | null, stdout: string) => (error ? reject(error) : resolve(stdout))
    const child = execFile(python!, [program, url, runKey, name], { timeout: 120_000 }, ended)
    onTestFinished(() => void child.kill('SIGKILL'))
  })
}

/** What stands in Redis for the run. */
async function manifest(url: string, runKey: string): Promise<unknown> {
  const redis = await connectRedis(url)
  try {
    const sealed = await redis.getBuffer(redisKeys('marlstrom', runKey).manifest)
    return sealed === null ? null : openManifest(unsealing(runKey), sealed)
  } finally {
    redis.disconnect()
  }
}

const settings = [
  ...['simple', '--algorithm', 'ppo', '--actors', '2', '--games', '8', '--threads', '1', '--episodes', '2000'],
  ...['--set', 'learner.rolloutSteps=50', '--set', 'run.trajectorySteps=50', '--set', 'network.hidden=[16]'],
  ...['--set', 'run.summaryEpisodes=0', '--set', 'run.logEvery=200', '--set', 'run.tensorboard=false'],
]
const arrival = ['--set', 'run.actorOrder=arrival']
const lines = (folder: string): Record<string, number>[] =>
  readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

describeWith(
  ['redis-server'],
  'redis-server',
  'an actor in Python',
  () => {
    it('has fewer than 120 lines', () => {
      expect(readFileSync(program, 'utf8').split('\n').length).toBeLessThanOrEqual(120)
    })

    it('plays what ppo learns from, and a training goes on whose actors brought no states', async () => {
      const redis = await startRedis()
      const run = await startRemote(redis.url, ...settings, ...arrival)
      const [first, second] = ['one', 'two'].map(name => play(redis.url, run.runKey, name))
      expect(await first).toMatch(/^\d+ trajectories\n$/)
      expect(await second).toMatch(/^\d+ trajectories\n$/)
      expect(await run.learner.finished).toMatchObject({ code: 0, stderr: '' })
      const learnt = lines(run.folder)
      expect(learnt.at(-1)).toMatchObject({ episodes: 2000, envSteps: 50_000, reproducible: 0 })
      expect(learnt.at(-1)!['return/agent_0']).toBeGreaterThan(learnt[0]!['return/agent_0']!)
      // From its last checkpoint, which has no states, by one of each kind.
      const again = start(
        ...['train', '--resume', run.folder, '--episodes', '3000', '--redis', redis.url, '--threads', '1', '--json'],
      )
      await expect.poll(() => manifest(redis.url, run.runKey), { interval: 300 }).toMatchObject({ over: false })
      const third = play(redis.url, run.runKey, 'three')
      const node = start('actor', '--redis', redis.url, '--run-key', run.runKey, '--name', 'four')
      expect(await again.finished).toMatchObject({ code: 0, stderr: '' })
      expect(await third).toMatch(/^\d+ trajectories\n$/)
      expect((await node.finished).code).toBe(0)
      const last = lines(run.folder).at(-1)!
      expect(last.episodes).toBe(3000)
      // Whenever an actor begins anew, the first episode of each of its 4 games, 25 steps, is no episode that counts: both of them after the
      // resume, and those that are divided anew when the second process comes.
      expect([75_200, 75_300, 75_400]).toContain(last.envSteps)
    })

    it('is refused where the bits of a run are fixed', async () => {
      const redis = await startRedis()
      const run = await startRemote(redis.url, ...settings)
      expect(await play(redis.url, run.runKey, 'one')).toMatch(
        /^0 trajectories; refused: run\.actorOrder=fixed wants actors that play the same bits/,
      )
      run.learner.process.kill('SIGKILL')
    })
  },
  hindrance,
)

// Sweeps that are killed, spread over workers and clusters: always the same trials, promotions and results.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { type BrakedScenario, brakedScenario } from '../support/brake.ts'
import { type Running, start, startIn, temporaryFolder } from '../support/command.ts'
import { describeWith } from '../support/programs.ts'
import { startRedis } from '../support/redis.ts'
import { slurmCommands, startSlurm } from '../support/slurm.ts'
import { smallBase, trialsOf, writeSweep } from '../support/sweeps.ts'

const base = { ...smallBase, run: { episodes: 900, logEvery: 10, checkpointEvery: 50 } }
const space = { 'learner.learningRate': { log: [0.001, 0.1] }, 'learner.gamma': { uniform: [0.8, 0.99] } }

/** Learns from its results, halves, and has two seeds. */
const halving = {
  base: { ...base, run: { ...base.run, episodes: 1080 } },
  space,
  strategy: 'tpe',
  tpe: { startup: 4 },
  trials: 9,
  seeds: 2,
  halving: { from: 120, eta: 3 },
  lanes: 3,
}

/** Two trainings of a second or two, or as long as the brake is held. */
const lasting = (scenario: BrakedScenario) => ({
  base: { ...base, scenario: { id: scenario.file }, run: { ...base.run, episodes: 2000 } },
  space,
  trials: 2,
})

async function uninterrupted(content: object): Promise<string> {
  const out = join(temporaryFolder(), 'whole')
  const { code, stderr } = await start('sweep', writeSweep(content), '--out', out, '--json').finished
  expect([code, stderr]).toEqual([0, ''])
  return trialsOf(out)
}

/** How the runs of a sweep were begun: train, resume, ... */
function startsIn(sweep: string): string[][] {
  return readdirSync(join(sweep, 'runs')).map(run => {
    const { starts } = JSON.parse(readFileSync(join(sweep, 'runs', run, 'environment.json'), 'utf8'))
    return starts.map(({ how }: { how: string }) => how)
  })
}

/** Checkpoints and finished trainings of a sweep, by name: another text whenever one more is there. */
function progressOf(sweep: string): string {
  const runs = existsSync(join(sweep, 'runs')) ? readdirSync(join(sweep, 'runs')) : []
  const checkpoints = runs.flatMap(run => {
    const folder = join(sweep, 'runs', run, 'checkpoints')
    return existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.safetensors')) : []
  })
  const trials = join(sweep, 'trials.jsonl')
  return [...checkpoints, existsSync(trials) ? statSync(trials).size : 0].join()
}

/** Waits until a sweep has come further so many times, or has ended. */
async function comesFurther(sweep: string, times: number, running: Running): Promise<void> {
  let ended = false
  void running.finished.then(() => {
    ended = true
  })
  for (let before = progressOf(sweep); times > 0 && !ended; ) {
    await new Promise(wait => setTimeout(wait, 20))
    const now = progressOf(sweep)
    if (now !== before) times--
    before = now
  }
}

/** Waits until both runs have a checkpoint. */
const bothBegun = (sweep: string) =>
  vi.waitFor(
    () => {
      const runs = readdirSync(join(sweep, 'runs')).map(run => join(sweep, 'runs', run, 'checkpoints'))
      expect(runs.filter(folder => existsSync(folder) && readdirSync(folder).length > 0)).toHaveLength(2)
    },
    { timeout: 120_000, interval: 100 },
  )

describe('a sweep', () => {
  it('that is killed again and again ends as one that was not, on another number of processes', async () => {
    const whole = uninterrupted(halving)
    const [file, out] = [writeSweep(halving), join(temporaryFolder(), 'killed')]
    const random = createRandom(1, 'kill', 'sweep')
    let kills = 0
    for (let again = true; again; ) {
      const running = start('sweep', file, '--out', out, '--jobs', String(1 + random.integer(3)), '--json')
      await running.sees(/"event":"sweep"/)
      // Every one comes further, however slow the machine; and none is killed at a moment that its checkpoints tell.
      await comesFurther(out, 1 + random.integer(8), running)
      await new Promise(wait => setTimeout(wait, random.between(0, 100)))
      running.process.kill('SIGKILL')
      const { code } = await running.finished
      if (code === 0) again = false
      else kills++
      expect(kills).toBeLessThan(200)
    }
    expect(kills).toBeGreaterThan(1)
    expect(trialsOf(out)).toBe(await whole)
  })
})

describeWith(['redis-server'], 'redis-server', 'a sweep over workers of a queue', () => {
  it('ends as one at home, though a worker is killed, another one stopped, and Redis loses the queue', async () => {
    const scenario = brakedScenario()
    const whole = await uninterrupted(lasting(scenario))
    const redis = await startRedis()
    const out = join(temporaryFolder(), 'spread')
    const queue = ['--redis', redis.url]
    scenario.hold()
    const sweep = start(
      'sweep',
      writeSweep(lasting(scenario)),
      '--out',
      out,
      '--launcher',
      'bullmq',
      ...queue,
      '--json',
    )
    const worker = () => start('worker', ...queue, '--jobs', '1', '--lease', '20', '--json')
    const [first, second] = [worker(), worker()]
    await bothBegun(out)
    first.process.kill('SIGKILL')
    second.process.kill('SIGTERM')
    expect((await second.finished).code).toBe(0)
    // As a Redis that keeps nothing on disk and is started again.
    redis.command('flushall')
    const [third, fourth] = [worker(), worker()]
    await Promise.all([third, fourth].map(({ sees }) => sees(/"event":"begun"/)))
    scenario.release()
    const { code, stderr, stdout } = await sweep.finished
    expect([code, stderr.replace(/no worker is connected.*\n/, '')]).toEqual([0, ''])
    expect(stdout).toMatch(/"event":"progress","running":\[\{"trial":[01]/)
    expect(trialsOf(out)).toBe(whole)
    expect(startsIn(out)).toEqual([
      ['train', 'resume'],
      ['train', 'resume'],
    ])
  })
})

describeWith(
  slurmCommands,
  'slurm-wlm',
  'a sweep over a Slurm cluster',
  () => {
    it('ends as one at home, though it is left, a job is requeued, and one runs out of time', async () => {
      const scenario = brakedScenario()
      const whole = await uninterrupted(lasting(scenario))
      const slurm = await startSlurm()
      const [file, folder] = [writeSweep(lasting(scenario)), temporaryFolder()]
      scenario.hold()
      const out = join(folder, 'sweeps', 'small')
      const begin = (): Running => startIn(folder, 'sweep', file, '--launcher', 'slurm', '--json')
      const left = begin()
      await bothBegun(out)
      left.process.kill('SIGINT')
      expect((await left.finished).stderr).toContain('the same command goes on')
      const running = () =>
        slurm.run('squeue', '--noheader', '--array', '--states=RUNNING', '--format=%A %F_%K').trim().split('\n')
      expect(running()).toHaveLength(2)
      const [[id], [, member]] = running().map(line => line.split(' ')) as [[string], [string, string]]
      slurm.run('scontrol', 'requeue', id)
      // As before a time limit.
      slurm.run('scancel', '--batch', '--signal=USR1', member)
      await vi.waitFor(() => expect(running()).toEqual(['']), { timeout: 60_000, interval: 100 })
      scenario.release()
      // Slurm lets what was requeued wait for two minutes.
      const impatience = setInterval(() => {
        const waiting = slurm.run('squeue', '--noheader', '--array', '--states=PENDING', '--format=%A').trim()
        for (const job of waiting === '' ? [] : waiting.split('\n'))
          slurm.ask('scontrol', 'update', `JobId=${job}`, 'StartTime=now')
      }, 500)
      const { code, stderr } = await begin().finished.finally(() => clearInterval(impatience))
      expect([code, stderr]).toEqual([0, ''])
      expect(trialsOf(out)).toBe(whole)
      expect(startsIn(out)).toEqual([
        ['train', 'resume'],
        ['train', 'resume'],
      ])
    })
  },
  process.getuid?.() === 0 ? undefined : 'its servers must be started by root',
)

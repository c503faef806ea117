// marlstrom sweep as a process: trials in parallel, one that fails beside others, going on, and what is refused before anything starts.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sweepOf } from '../../src/sweep/sweep-file.ts'
import { openSweepFolder } from '../../src/sweep/sweep-folder.ts'
import { planSweep } from '../../src/sweep/sweep-plan.ts'
import { brakedScenario } from '../support/brake.ts'
import { marlstrom, start, startIn, temporaryFolder } from '../support/command.ts'
import { freePort } from '../support/free-port.ts'
import { describeWith } from '../support/programs.ts'
import { startRedis } from '../support/redis.ts'
import { smallBase, trialsOf, writeSweep } from '../support/sweeps.ts'

/** Every second trial diverges. */
const small = {
  base: smallBase,
  space: { 'learner.learningRate': [0.01, 1e30], 'learner.gamma': [0.9, 0.95] },
  strategy: 'grid',
}

const events = (text: string) =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

describe('marlstrom sweep', () => {
  it('trains all trials, keeps what fails apart, says so, and goes on where it was', async () => {
    const file = writeSweep(small)
    const out = join(temporaryFolder(), 'sweep')
    const sweep = (...more: string[]) => marlstrom('sweep', file, '--out', out, ...more)
    const first = await sweep('--json', '--jobs', '2')
    expect([first.code, first.stderr]).toEqual([1, ''])
    const lines = events(first.stdout)
    expect(lines[0]).toEqual({ event: 'sweep', folder: out, trials: 4, seeds: [1], rungs: [60] })
    const { failed, best, trials } = lines.at(-1)
    expect({ failed, trials, best: best.trial < 2 }).toEqual({ failed: [2, 3], trials: 4, best: true })
    const records = lines.filter(({ event }) => event === 'trial')
    const reason = records.find(({ trial }) => trial === 2).seeds[0].reason
    expect(reason).toMatch(/agent_0.*(finite|NaN|Infinity)/)

    const again = await sweep()
    expect(again.code).toBe(1)
    expect(again.stdout).toContain('4 of 4 were finished already.')
    expect(again.stdout).toContain('failed: trial 2, 3:')
    expect(readdirSync(out).sort()).toEqual(['best.yaml', 'runs', 'sweep.yaml', 'trials.csv', 'trials.jsonl'])
    expect(readFileSync(join(out, 'trials.jsonl'), 'utf8').trim().split('\n')).toHaveLength(4)
    const csv = readFileSync(join(out, 'trials.csv'), 'utf8').trim().split('\n')
    expect(csv[0]).toBe(
      'trial,id,status,episodes,learner.learningRate,learner.gamma,value,low,high,seed 1,seconds,reason',
    )
    expect(csv).toHaveLength(5)

    const other = sweepOf({ ...small, seeds: 2 })
    expect(() => openSweepFolder(out, file, other)).toThrow(/sweep.yaml is another sweep: seeds differs/)
    openSweepFolder(out, file, sweepOf({ ...small, jobs: 7 })).release()
  })

  it('stops at Ctrl-C with checkpoints, and the same command goes on from there', async () => {
    const scenario = brakedScenario()
    const base = { ...small.base, scenario: { id: scenario.file }, run: { ...small.base.run, episodes: 2000 } }
    const file = writeSweep({ base, space: { 'learner.gamma': [0.9] }, strategy: 'grid' })
    const cwd = temporaryFolder()
    scenario.hold()
    const running = startIn(cwd, 'sweep', file, '--json')
    await running.sees(/"event":"progress".*"episodes":[1-9]/)
    running.process.kill('SIGINT')
    const { code, stderr } = await running.finished
    scenario.release()
    expect([code, stderr]).toEqual([1, expect.stringContaining('stopped; the same command goes on from here')])
    const [run] = readdirSync(join(cwd, 'sweeps', 'small', 'runs'))
    expect(readdirSync(join(cwd, 'sweeps', 'small', 'runs', run!, 'checkpoints'))).not.toEqual([])
    const again = await startIn(cwd, 'sweep', file, '--json').finished
    expect([again.code, again.stderr]).toEqual([0, ''])
    const starts = JSON.parse(
      readFileSync(join(cwd, 'sweeps', 'small', 'runs', run!, 'environment.json'), 'utf8'),
    ).starts
    expect(starts.map(({ how }: { how: string }) => how)).toEqual(['train', 'resume'])
  })

  it('refuses a wrong file with 2 and writes nothing', async () => {
    const cwd = temporaryFolder()
    const file = writeSweep('base:\n  scenario: {id: simple}\nspace:\n  learner.gama: [0.9]\ntrials: 3\n')
    const { code, stderr } = await startIn(cwd, 'sweep', file).finished
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`${file}:4:3: learner.gama: unknown key 'gama'; did you mean 'gamma'?`),
    ])
    expect(existsSync(join(cwd, 'sweeps'))).toBe(false)
  })
})

describeWith(['redis-server'], 'redis-server', 'launcher bullmq', () => {
  it('needs a Redis that is up and keeps what it is given, then gives runs to workers', async () => {
    const content = { base: smallBase, space: { 'learner.gamma': [0.9, 0.95] }, strategy: 'grid' }
    const [file, folder] = [writeSweep(content), temporaryFolder()]
    const [here, out] = [join(folder, 'here'), join(folder, 'there')]
    const spread = (url: string) => start('sweep', file, '--out', out, '--launcher', 'bullmq', '--redis', url, '--json')
    const nobody = `redis://:secret@127.0.0.1:${await freePort()}`
    const redis = await startRedis('--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru')
    const refused = await Promise.all(
      [spread(nobody), start('worker', '--redis', redis.url)].map(({ finished }) => finished),
    )
    expect(refused.map(({ code }) => code)).toEqual([2, 2])
    expect(refused[0]!.stderr).toMatch(/--redis: redis:\/\/127.0.0.1:\d+ does not answer .*ECONNREFUSED/)
    expect(refused[0]!.stderr).not.toContain('secret')
    expect(refused[1]!.stderr).toMatch(/has maxmemory-policy allkeys-lru, .*expected noeviction/)
    expect(existsSync(out)).toBe(false)

    redis.command('config', 'set', 'maxmemory-policy', 'noeviction')
    const worker = start('worker', '--redis', redis.url, '--jobs', '2', '--json')
    const [near, far] = await Promise.all([marlstrom('sweep', file, '--out', here), spread(redis.url).finished])
    expect([near.code, far.code, far.stderr]).toEqual([0, 0, ''])
    expect(trialsOf(out)).toBe(trialsOf(here))
    worker.process.kill('SIGTERM')
    const { code, stdout } = await worker.finished
    expect(code).toBe(0)
    // Side by side: the runs in any order, each begun and then done.
    const told = events(stdout) as { event: string; run: string }[]
    const runs = [...new Set(told.map(({ run }) => run))]
    expect(runs.map(name => told.filter(({ run }) => run === name).map(({ event }) => event))).toEqual([
      ['begun', 'done'],
      ['begun', 'done'],
    ])
  })
})

describe('the plan of a sweep', () => {
  const text = (space: string, more = '') =>
    `base:\n  scenario: {id: simple_tag}\n  run: {episodes: 10}\nspace:\n  ${space}\ntrials: 4\nobjective: {of: agent}\n${more}`

  it.each<[string, string, RegExp]>([
    [
      'a typing slip',
      text('learner.gamma: [0.9]', 'stratgy: grid\n'),
      /small.yaml:8:1: stratgy: unknown key 'stratgy'; did you mean 'strategy'/,
    ],
    ['no YAML', text('learner.gamma: [0.9'), /small.yaml:\d+:\d+: /],
    [
      'an empty range',
      text('learner.gamma: {uniform: [1, 0]}'),
      /small.yaml:5:19: space.learner.gamma.uniform: expected low < high/,
    ],
    [
      'a value that the config refuses',
      text('learner.gamma: {uniform: [0.5, 2]}', 'strategy: tpe\n'),
      /small.yaml:5:3: learner.gamma: .*got 2/,
    ],
    [
      'a value among choices',
      text('learner.gamma: [0.9, 0.95, 7]', 'strategy: tpe\n'),
      /small.yaml:5:3: learner.gamma: .*got 7/,
    ],
    [
      'an option of the scenario',
      text('scenario.adversarys: [3]'),
      /small.yaml:5:3: scenario.adversarys: unknown option 'adversarys'; did you mean 'adversaries'/,
    ],
    [
      'a section',
      text('lerner.gamma: [0.9]'),
      /small.yaml:5:3: lerner: unknown section 'lerner'; did you mean 'learner'/,
    ],
    [
      'a wrong base',
      text('learner.gamma: [0.9]').replace('episodes: 10', 'episodes: ten'),
      /small.yaml:3:9: run.episodes: expected a whole number of at least 1 or null, got "ten"/,
    ],
    [
      'a seed in the base',
      text('learner.gamma: [0.9]').replace('episodes: 10', 'seed: 3'),
      /small.yaml:3:9: base.run.seed: .*seeds: \[1, 2, 3\]/,
    ],
    [
      'lengths as a setting',
      text('run.episodes: [10, 20]'),
      /small.yaml:5:3: space.run.episodes: all trials are trained equally long/,
    ],
    [
      'what changes nothing',
      text('run.logEvery: [10, 20]'),
      /small.yaml:5:3: space.run.logEvery: changes nothing that is learnt/,
    ],
    [
      'nobody to seek for',
      text('learner.gamma: [0.9]').replace('{of: agent}', '{}'),
      /small.yaml:7:1: objective.of: several teams learn \(adversary, agent\)/,
    ],
    [
      'a figure that nobody knows',
      text('learner.gamma: [0.9]').replace('of: agent', 'measure: retrun'),
      /small.yaml:7:1: objective.measure: expected training, evaluation/,
    ],
    [
      'sub-policies with shared draws',
      text('learner.subPolicies: [1, 2]').replace('base:', 'base:\n  learner: {draws: round}'),
      /learner.draws: expected 'agent'/,
    ],
  ])('refuses %s', async (_, content, message) => {
    await expect(planSweep(writeSweep(content), () => {})).rejects.toThrow(message)
  })

  it('names trials by all their settings but the seed', async () => {
    const plan = async (space: string) => planSweep(writeSweep(text(space)), () => {})
    const same = await Promise.all([plan('learner.gamma: [0.95]'), plan('learner.tau: [0.01]')])
    const [a, b] = await Promise.all(same.map(each => each.trialAt([0])))
    expect(a!.id).toBe(b!.id)
    expect(a!.id).toMatch(/^[0-9a-f]{12}$/)
    const { id } = await (await plan('learner.gamma: [0.9]')).trialAt([0])
    expect(id).not.toBe(a!.id)
    expect(a!.config(7, 5).run).toMatchObject({ seed: 7, episodes: 5, threads: 1 })
  })
})

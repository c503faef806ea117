// marlstrom sweep as a process: trials in parallel, one that fails beside others, going on, and what is refused before anything starts.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { planSweep } from '../../src/cli/sweep-plan.ts'
import { marlstrom, startIn, temporaryFolder } from '../support/command.ts'

/** A sweep of trainings of a second: every second trial diverges. */
const small = {
  base: {
    scenario: { id: 'simple' },
    learner: { batch: 32, updateAfter: 250 },
    network: { hidden: [16, 16] },
    run: { episodes: 60, logEvery: 10 },
  },
  space: { 'learner.learningRate': [0.01, 1e30], 'learner.gamma': [0.9, 0.95] },
  strategy: 'grid',
}

function write(content: object | string): string {
  const file = join(temporaryFolder(), 'small.yaml')
  writeFileSync(file, typeof content === 'string' ? content : stringify(content))
  return file
}

const events = (text: string) =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

describe('marlstrom sweep', () => {
  it('trains all trials, keeps what fails apart, says so, and goes on where it was', async () => {
    const file = write(small)
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

    // The objective is what a training of the same settings says of itself.
    const trained = await marlstrom(
      ...['train', '--config', join(out, 'best.yaml'), '--seed', '1', '--out', join(out, '..', 'run'), '--json'],
    )
    expect(events(trained.stdout).at(-1).returns.agent_0).toBe(best.value)

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

    writeFileSync(file, stringify({ ...small, seeds: 2 }))
    const other = await sweep()
    expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/sweep.yaml is another sweep: seeds differs/)])
  })

  it('stops at Ctrl-C with checkpoints, and the same command goes on from there', async () => {
    const base = { ...small.base, run: { ...small.base.run, episodes: 1500 } }
    const file = write({ base, space: { 'learner.gamma': [0.9] }, strategy: 'grid' })
    const cwd = temporaryFolder()
    const running = startIn(cwd, 'sweep', file, '--json')
    await running.sees(/"event":"progress".*"episodes":[1-9]/)
    running.process.kill('SIGINT')
    const { code, stderr } = await running.finished
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
    const file = write('base:\n  scenario: {id: simple}\nspace:\n  learner.gama: [0.9]\ntrials: 3\n')
    const { code, stderr } = await startIn(cwd, 'sweep', file).finished
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`${file}:4:3: learner.gama: unknown key 'gama'; did you mean 'gamma'?`),
    ])
    expect(existsSync(join(cwd, 'sweeps'))).toBe(false)
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
      /small.yaml:3:9: run.episodes: expected number, got "ten"/,
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
      text('learner.subPolicies: [1, 2]').replace('run:', 'replay: {draws: round}\n  run:'),
      /replay.draws: expected 'agent'/,
    ],
  ])('refuses %s', async (_, content, message) => {
    await expect(planSweep(write(content))).rejects.toThrow(message)
  })

  it('names trials by all their settings but the seed', async () => {
    const plan = async (space: string) => planSweep(write(text(space)))
    const same = await Promise.all([plan('learner.gamma: [0.95]'), plan('learner.tau: [0.01]')])
    const [a, b] = await Promise.all(same.map(each => each.trialAt([0])))
    expect(a!.id).toBe(b!.id)
    expect(a!.id).toMatch(/^[0-9a-f]{12}$/)
    const { id } = await (await plan('learner.gamma: [0.9]')).trialAt([0])
    expect(id).not.toBe(a!.id)
    expect(a!.config(7, 5).run).toMatchObject({ seed: 7, episodes: 5, threads: 1 })
  })
})

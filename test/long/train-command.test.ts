// marlstrom train on several threads and on both backends: the same bits, also when it is resumed.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { marlstrom, temporaryFolder, tiny } from '../support/command.ts'
import { checkpointOf, metricsOf } from '../support/run-results.ts'

/** The table at the end, of fewer episodes than users get. */
const withTable = ['--set', 'run.summaryEpisodes=50']

const train = (out: string, ...more: string[]) => marlstrom('train', 'simple_spread', ...tiny, '--out', out, ...more)

describe('marlstrom train', () => {
  it('gives the same bits for the same seed, and others for another', async () => {
    const folder = temporaryFolder()
    const [a, b, c] = ['a', 'b', 'c'].map(name => join(folder, name)) as [string, string, string]
    await Promise.all([
      train(a, '--episodes', '30', '--seed', '3'),
      train(b, '--episodes', '30', '--seed', '3'),
      train(c, '--episodes', '30', '--seed', '4'),
    ])
    expect(metricsOf(a)).toEqual(metricsOf(b))
    expect(metricsOf(a)).not.toEqual(metricsOf(c))
    expect(checkpointOf(a).equals(checkpointOf(b))).toBe(true)
    expect(checkpointOf(a).equals(checkpointOf(c))).toBe(false)
  })

  it('resumes bit for bit', async () => {
    const folder = temporaryFolder()
    const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')]
    await Promise.all([train(whole, '--episodes', '40'), train(parts, '--episodes', '23')])
    const { code, stderr } = await marlstrom('train', '--resume', parts, '--episodes', '40')
    expect([code, stderr]).toEqual([0, ''])
    expect(metricsOf(parts)).toEqual(metricsOf(whole))
    expect(checkpointOf(parts).equals(checkpointOf(whole))).toBe(true)
  })

  it('refuses to resume a run up to fewer episodes than it has trained, and leaves it as it was', async () => {
    const run = join(temporaryFolder(), 'run')
    await train(run, '--episodes', '20')
    const before = readFileSync(join(run, 'config.json'), 'utf8')
    const { code, stderr } = await marlstrom('train', '--resume', run, '--episodes', '12')
    expect(code).toBe(2)
    expect(stderr).toMatch(/run\.episodes: the run has trained 20 episodes already, so that it cannot end at 12/)
    expect(readFileSync(join(run, 'config.json'), 'utf8')).toBe(before)
    expect((await marlstrom('train', '--resume', run, '--episodes', '20')).code).toBe(0)
    expect((await marlstrom('train', '--resume', run, '--episodes', '22')).code).toBe(0)
  })

  it('gives the same bits on one thread, two and three, and goes on with another number', async () => {
    const folder = temporaryFolder()
    const wide = ['--set', 'learner.batch=512', '--set', 'network.hidden=[32,32]', '--set', 'network.layerNorm=true']
    const run = (threads: number, episodes: number) =>
      train(join(folder, `${threads}`), ...wide, '--threads', `${threads}`, '--episodes', `${episodes}`)
    for (const [threads, episodes] of [
      [1, 40],
      [2, 40],
      [3, 25],
    ] as const) {
      const { code, stderr } = await run(threads, episodes)
      expect([code, stderr]).toEqual([0, ''])
    }
    const { code, stderr } = await marlstrom(
      'train',
      '--resume',
      join(folder, '3'),
      '--threads',
      '2',
      '--episodes',
      '40',
    )
    expect([code, stderr]).toEqual([0, ''])
    for (const threads of ['2', '3']) {
      expect(metricsOf(join(folder, threads))).toEqual(metricsOf(join(folder, '1')))
      expect(checkpointOf(join(folder, threads)).equals(checkpointOf(join(folder, '1')))).toBe(true)
    }
  })

  it.each(['simd', 'tfjs'])('trains continuous actions on %s, and resumes bit for bit', async backend => {
    const folder = temporaryFolder()
    const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')]
    const run = (out: string, episodes: string) =>
      train(
        out,
        ...['--set', 'scenario.rules=mpe2', '--set', 'scenario.actions=continuous'],
        ...['--backend', backend, '--set', 'run.tfjs=cpu', '--episodes', episodes, ...withTable],
      )
    const [{ code, stdout, stderr }] = await Promise.all([run(whole, '30'), run(parts, '17')])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('trained, best guess')
    expect((await marlstrom('train', '--resume', parts, '--episodes', '30')).code).toBe(0)
    expect(metricsOf(parts)).toEqual(metricsOf(whole))
    expect(checkpointOf(parts).equals(checkpointOf(whole))).toBe(true)
  })

  it('learns with 40 agents and the default replay buffer, and a resume keeps its capacity', async () => {
    const out = join(temporaryFolder(), 'run')
    const many = ['agents=40', 'agentNeighbors=3', 'landmarkNeighbors=3'].flatMap(each => ['--set', `scenario.${each}`])
    const soon = ['--set', 'learner.updateAfter=512', '--set', 'learner.batch=64', '--set', 'run.summaryEpisodes=0']
    const first = await marlstrom(
      'train',
      'simple_spread',
      ...many,
      ...soon,
      '--episodes',
      '40',
      '--out',
      out,
      '--json',
    )
    expect(first.code).toBe(0)
    expect(JSON.parse(first.stdout.trim().split('\n').at(-1)!).updates).toBeGreaterThan(0)
    const capacity = () => JSON.parse(readFileSync(join(out, 'config.json'), 'utf8')).replay.capacity
    expect(capacity()).toBe(Math.floor(2e9 / 8324))
    expect((await marlstrom('train', '--resume', out, '--episodes', '45', '--json')).code).toBe(0)
    expect(capacity()).toBe(Math.floor(2e9 / 8324))
  })
})

describe('marlstrom evaluate', () => {
  it('plays a run again in another process, with the same numbers each time', async () => {
    const out = join(temporaryFolder(), 'run')
    await train(out, '--episodes', '20')
    const [first, second, table] = await Promise.all([
      marlstrom('evaluate', out, out, '--episodes', '100', '--json'),
      marlstrom('evaluate', out, '--episodes', '100', '--json'),
      marlstrom('evaluate', out, '--episodes', '51', '--mode', 'greedy', '--no-baselines'),
    ])
    expect(first.code).toBe(0)
    expect(first.stdout).toBe(second.stdout.repeat(2))
    const lines = second.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines.map(({ policy, mode }) => `${policy} ${mode}`)).toEqual([
      ...['trained sample', 'trained greedy', 'scripted sample', 'noop sample', 'random sample'],
    ])
    expect(lines[4]).toMatchObject({ event: 'evaluation', run: out, team: 'agent', episodes: 100, seed: 0 })
    for (const { low, mean, high } of [lines[4].returns.agent_0, lines[4].teams.agent, lines[4].lead.teams.agent]) {
      expect(low).toBeLessThan(mean)
      expect(mean).toBeLessThan(high)
    }
    expect(table.stdout).toMatch(/maddpg on simple_spread\n.*policy.*return.*95 % interval/s)
    expect(table.stdout).toContain('mean of 100 evaluation episodes')
    expect(table.stdout).not.toMatch(/ahead by|random actions|sampling/)
  })
})

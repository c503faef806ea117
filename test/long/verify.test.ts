// marlstrom verify and reproduce as processes: runs are trained, used again, resumed; verdicts, tables and refusals.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { seedList } from '../../src/cli/reproduce/many-runs.ts'
import { marlstrom, runFiles, runFilesIn, start, temporaryFolder } from '../support/command.ts'

const events = (text: string) =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

const verify = (out: string, ...more: string[]) => marlstrom('verify', 'simple', '--out', out, '--json', ...more)

/** What two runs of the same settings have in common. */
const untimed = (file: string) => readFileSync(file, 'utf8').replaceAll(/"time[^}]*/g, '')

describe('marlstrom verify', () => {
  it('trains, uses what is finished, goes on with what is not, and fails where the band is missed', async () => {
    const folder = temporaryFolder()
    const [parts, whole] = [join(folder, 'parts'), join(folder, 'whole')]
    const first = await verify(parts, '--seeds', '2', '--episodes', '110')
    expect([first.code, first.stderr]).toEqual([1, ''])
    expect(readdirSync(parts)).toEqual(['simple-s1', 'simple-s2'])
    expect(runFilesIn(join(parts, 'simple-s1'))).toEqual(runFiles)
    const [runA, runB, verdict, summary] = events(first.stdout)
    expect([runA.how, runB.how].sort()).toEqual(['trained', 'trained'])
    expect(verdict).toMatchObject({ event: 'verdict', scenario: 'simple', seeds: [1, 2], passed: false })
    expect(verdict.measured[0].values.agent).toHaveLength(2)
    expect(verdict.measured[0].values.agent[0]).toBeLessThan(-20)
    expect(summary).toEqual({ event: 'summary', preset: 'openai', passed: false, verdict: 'failed' })

    const [further, direct] = await Promise.all([
      verify(parts, '--seeds', '2', '--episodes', '210'),
      verify(whole, '--seeds', '1', '--episodes', '210'),
    ])
    expect(events(further.stdout).map(({ how }) => how)).toEqual(['resumed', 'resumed', undefined, undefined])
    const returns = (stdout: string) => events(stdout).at(-2).measured[0].values.agent[0]
    expect(returns(further.stdout)).toBe(returns(direct.stdout))
    expect(untimed(join(parts, 'simple-s1', 'metrics.jsonl'))).toBe(untimed(join(whole, 'simple-s1', 'metrics.jsonl')))

    const again = await marlstrom(
      'verify',
      'simple',
      '--out',
      parts,
      '--seeds',
      '2',
      '--episodes',
      '210',
      '--markdown',
      '--evaluate',
    )
    expect(again.code).toBe(1)
    expect(again.stdout).toContain('simple-s2: was finished already')
    expect(again.stdout).toContain('| agent, training return | agent, evaluation, greedy | agent, evaluation, sample |')
    expect(again.stdout).toMatch(/\| seed 2 \|( -\d+\.\d\d \|){3}/)
    expect(again.stdout).toContain('The band speaks of 60,000 episodes.')
    expect(again.stdout).toMatch(/- FAIL mean of agent in -7.7 ... -5.8, widened -8.7 ... -4.8: -\d+/)
  })

  it('can be interrupted: a checkpoint is written, and it says how to go on', async () => {
    const out = temporaryFolder()
    const running = start('verify', 'simple', '--out', out, '--seeds', '1', '--episodes', '100000000', '--json')
    const run = join(out, 'simple-s1')
    await vi.waitFor(() => expect(existsSync(join(run, 'metrics.jsonl'))).toBe(true), { timeout: 300_000 })
    running.process.kill('SIGINT')
    const { code, stderr } = await running.finished
    expect(code).toBe(1)
    expect(stderr).toContain('stopped; the same command goes on from here')
    expect(readdirSync(join(run, 'checkpoints'))).toHaveLength(1)
    expect(runFilesIn(run)).toEqual(runFiles)
  })

  it.each<[string, string[], RegExp]>([
    [
      'a scenario',
      ['verify', 'simple_spred'],
      /scenario: unknown scenario 'simple_spred'; did you mean 'simple_spread'/,
    ],
    ['a scenario without numbers', ['verify', 'foraging'], /there are no numbers to hold foraging against/],
    ['a preset', ['verify', 'simple', '--preset', 'opnai'], /--preset: unknown preset 'opnai'; did you mean 'openai'/],
    ['seeds', ['verify', 'simple', '--seeds', 'few'], /a number of seeds \(3\), a range/],
    ['a table', ['reproduce', 'navigaton'], /table: unknown table 'navigaton'; did you mean 'navigation'/],
    ['quick and full', ['reproduce', '--quick', '--full'], /cannot be used with/],
  ])('refuses with 2: %s', async (_, args, message) => {
    const { code, stderr } = await marlstrom(...args, '--out', temporaryFolder())
    expect(stderr).toMatch(message)
    expect(code).toBe(2)
  })

  it('reads seeds as a number, a range or a list', () => {
    expect(seedList('3')).toEqual([1, 2, 3])
    expect(seedList('8-10')).toEqual([8, 9, 10])
    expect(seedList('7,1,7')).toEqual([7, 1])
    for (const text of ['0', '5-4', '', ',', '1-', 'x', '1.5', '-3']) expect(() => seedList(text)).toThrow(/Expected/)
  })
})

describe('marlstrom reproduce', () => {
  it('trains what a table needs, lets teams of two runs play each other, prints rows beside the paper', async () => {
    const out = temporaryFolder()
    const run = (...more: string[]) => marlstrom('reproduce', '--episodes', '12', '--seeds', '1', '--out', out, ...more)
    const { code, stdout, stderr } = await run('ensembles-keep-away', '--json')
    expect([code, stderr]).toEqual([0, ''])
    expect(readdirSync(out)).toEqual(['simple_push-ensemble-s1', 'simple_push-maddpg-maddpg-s1'])
    const rows = events(stdout).filter(({ event }) => event === 'row')
    expect(rows.map(({ row }) => row.join('/'))).toEqual([
      'single/single',
      'single/ensemble',
      'ensemble/single',
      'ensemble/ensemble',
    ])
    // [rows]: the return of the agent, who has its policy from the run named first.
    const returns = rows.map(({ figures }) => figures.at(-2).mean)
    expect(returns.every(Number.isFinite)).toBe(true)
    expect(new Set(returns).size).toBe(4)

    const again = await run('ensembles-keep-away', '--markdown')
    expect(again.stdout).toContain('simple_push-ensemble-s1: was finished already')
    expect(again.stdout).toContain(`| single | ensemble | `)
    expect(again.stdout).toContain(
      '- agent reached, %: episodes at whose last step the agent is within 0.1 of its goal.',
    )
  })
})

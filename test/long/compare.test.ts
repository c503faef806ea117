// marlstrom compare as a process: the example of the guide, killed in the middle and gone on with, and what is refused before anything is trained.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { brakedScenario } from '../support/brake.ts'
import { marlstrom, startIn, temporaryFolder } from '../support/command.ts'
import { outcomeOf } from '../support/killable.ts'
import { writeAlgorithm } from '../support/player-files.ts'

const guide = readFileSync(join(import.meta.dirname, '../../docs/reports.md'), 'utf8')
const example = /^npx marlstrom (compare simple .*)$/m.exec(guide)![1]!.split(' ')

const eventsOf = (text: string, event: string) =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
    .filter(line => line.event === event)

describe('marlstrom compare', () => {
  it('is what the guide shows: expected time, table, page; and once more without training', async () => {
    const cwd = temporaryFolder()
    const first = await startIn(cwd, ...example).finished
    expect([first.code, first.stderr]).toEqual([0, ''])
    expect(first.stdout).toMatch(
      /^maddpg, ppo on simple: 2 seeds each, 2,000 steps, into compare\/simple\nExpected time: about \d+/,
    )
    expect(first.stdout).toMatch(/maddpg .*2 .*\[.*\].*\[.*\].* s .*\n.*ppo .*2 /)
    const folder = join(cwd, 'compare', 'simple')
    expect(readdirSync(folder).sort()).toEqual(['report-plots', 'report.html', 'runs'])
    const html = readFileSync(join(folder, 'report.html'), 'utf8')
    expect(html).toContain('At 2,000 steps')
    expect(html).toMatch(/At \d\.\d+ s/)
    const { starts } = JSON.parse(readFileSync(join(folder, 'runs', 'ppo-s1', 'environment.json'), 'utf8'))
    expect(starts).toHaveLength(1)

    const again = await startIn(cwd, ...example).finished
    expect(again.stdout).toContain('Expected time: all runs are finished')
    expect(again.stdout).toContain('4 of 4 runs were finished already.')
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe(html)

    // Another seed and another method train what is missing; another game is refused.
    const more = example.map(word => (word === '2' ? '3' : word === 'maddpg,ppo' ? 'ppo,a2c' : word))
    const grown = await startIn(cwd, ...more.filter(word => !/^--set|^maddpg:/.test(word)), '--json').finished
    expect([grown.code, grown.stderr]).toEqual([0, ''])
    const how = eventsOf(grown.stdout, 'run').map(({ run, how }) => `${run} ${how}`)
    expect(how.sort()).toEqual([
      'a2c-s1 trained',
      'a2c-s2 trained',
      'a2c-s3 trained',
      'ppo-s1 kept',
      'ppo-s2 kept',
      'ppo-s3 trained',
    ])
    const other = await startIn(
      cwd,
      ...example.map(word => (word === 'simple' ? 'simple_spread' : word)),
      '--out',
      folder,
    ).finished
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringMatching(/--out: .*maddpg-s1 holds a run with scenario/),
    ])
  })

  it('goes on after it was killed in the middle, to the bits of one that nobody killed', async () => {
    const scenario = brakedScenario(30)
    const cwd = temporaryFolder()
    const args = [
      'compare',
      scenario.file,
      '--algorithms',
      'a2c,ppo',
      '--seeds',
      '1',
      '--steps',
      '4000',
      '--jobs',
      '1',
      '--json',
    ]
    const compare = (out: string) => startIn(cwd, ...args, '--set', 'run.checkpointEvery=10', '--out', out)
    const whole = await compare('whole').finished
    expect([whole.code, whole.stderr]).toEqual([0, ''])
    const running = compare('killed')
    // From here on the processes that train are slow, when each has played some episodes.
    await running.sees(/"event":"compare"/)
    scenario.hold()
    await running.sees(/"event":"progress".*"a2c-s1":[1-9]/)
    running.process.kill('SIGKILL')
    await running.finished
    scenario.release()
    const again = await compare('killed').finished
    expect([again.code, again.stderr]).toEqual([0, ''])
    for (const run of ['a2c-s1', 'ppo-s1']) {
      expect(outcomeOf(join(cwd, 'killed', 'runs', run))).toEqual(outcomeOf(join(cwd, 'whole', 'runs', run)))
    }
    const starts = JSON.parse(readFileSync(join(cwd, 'killed', 'runs', 'a2c-s1', 'environment.json'), 'utf8')).starts
    expect(starts.at(-1).how).toBe('resume')
    const [summary] = eventsOf(again.stdout, 'summary')
    expect(summary.rows).toHaveLength(2)
  })

  it('takes algorithms from files, and tells of a run that fails beside others', async () => {
    const cwd = temporaryFolder()
    writeAlgorithm(cwd, 'mine')
    const { code, stdout, stderr } = await startIn(
      cwd,
      ...['compare', 'simple', '--algorithms', './mine.ts,ppo', '--seeds', '1', '--steps', '1000', '--json'],
      ...['--set', 'ppo:learner.learningRate=1e30'],
    ).finished
    expect([code, stderr]).toEqual([1, ''])
    const [summary] = eventsOf(stdout, 'summary')
    expect(Object.keys(summary.failed)).toEqual(['ppo-s1'])
    expect(summary.rows.map(({ method }: { method: string }) => method)).toEqual(['mine'])
  })

  it('refuses what is wrong with 2 and writes nothing', async () => {
    const out = join(temporaryFolder(), 'compare')
    const compare = (...args: string[]) => marlstrom('compare', 'simple_spread', '--out', out, ...args)
    const results = await Promise.all([
      compare('--algorithms', 'maddpg,ppoo', '--steps', '1e6'),
      compare('--algorithms', 'maddpg,ppo', '--steps', '1e6', '--seeds', '0'),
      compare('--algorithms', 'ppo', '--steps', '12'),
      compare('--algorithms', 'ppo', '--steps', '1e6', '--jobs', '0'),
      compare('--algorithms', 'ppo', '--steps', '1.5'),
    ])
    expect(results.map(({ code }) => code)).toEqual(results.map(() => 2))
    expect(existsSync(out)).toBe(false)
  })
})

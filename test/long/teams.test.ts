import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { overridesOf } from '../../src/cli/options/settings.ts'
import { ConfigError } from '../../src/errors.ts'
import { marlstrom, start, startIn, temporaryFolder, tiny } from '../support/command.ts'

const guide = readFileSync(join(import.meta.dirname, '../../docs/teams.md'), 'utf8')
/** Short episodes and few threads on top: the summaries of `train` play thousands of episodes. */
const small = [
  ...[...tiny, '--threads', '1', '--set', 'scenario.maxCycles=5'],
  ...['--set', 'learner.updateAfter=40', '--set', 'learner.updateEvery=20'],
]
const train = (out: string, ...more: string[]) => marlstrom('train', 'simple_tag', ...small, '--out', out, ...more)
const jsonLines = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

describe('marlstrom train --team', () => {
  it('plays against an earlier run, and goes on and is evaluated when that one is gone', async () => {
    const folder = temporaryFolder()
    const at = (name: string) => join(folder, name)
    expect(await train(at('before'), '--episodes', '12', '--set', 'network.hidden=[8]')).toMatchObject({ code: 0 })
    const against = ['--team', `agent=${at('before')}`, '--team', 'adversary=ddpg', '--set', 'run.summaryEpisodes=50']
    const { code, stdout, stderr } = await train(at('run'), ...against, '--episodes', '15')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('adversary: ddpg, agent: maddpg (trained before) on simple_tag')
    expect(stdout).toContain('In every row the same: agent_0, who did not learn.')
    rmSync(at('before'), { recursive: true })

    const resumed = await marlstrom('train', '--resume', at('run'), '--episodes', '20', '--json')
    expect([resumed.code, jsonLines(resumed.stdout).at(-1).episodes]).toEqual([0, 20])
    const evaluated = await marlstrom('evaluate', at('run'), '--episodes', '50', '--json')
    expect(Object.keys(jsonLines(evaluated.stdout)[0].returns)).toHaveLength(4)
  })

  it('shows those who have no actor, and exports the others', async () => {
    const out = join(temporaryFolder(), 'run')
    await train(out, '--episodes', '12', '--team', 'agent=scripted')
    const running = start('watch', out)
    await running.sees(/live page: http/)
    running.process.kill('SIGINT')
    expect((await running.finished).code).toBe(0)
    const { code } = await marlstrom('export', out, '--format', 'js')
    expect([code, readdirSync(join(out, 'export')).length]).toEqual([0, 3])
    const refused = await marlstrom('export', out, '--format', 'js', '--agent', 'agent_0')
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain("--agent: agent_0 is played by 'scripted': it has no actor to export")
  })

  it('is given as team=player, each team once', () => {
    expect(overridesOf({ team: ['a=ddpg', 'b=runs/x=1'] }).team).toEqual({ a: 'ddpg', b: 'runs/x=1' })
    expect(overridesOf({})).not.toHaveProperty('team')
    expect(() => overridesOf({ team: ['agent'] })).toThrow(
      new ConfigError('--team', "expected team=player like adversary=ddpg, got 'agent'"),
    )
    expect(() => overridesOf({ team: ['a=ddpg', 'a=noop'] })).toThrow(new ConfigError('--team', 'a is named twice'))
  })
})

describe('docs/teams.md', () => {
  it('shows commands that work: pairings, ratings and best responses', async () => {
    const folder = temporaryFolder()
    const commands = [...guide.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(match => match[1]!.trim().split('\n'))
    expect(commands.length).toBeGreaterThanOrEqual(6)
    let last = ''
    for (const command of commands) {
      const [npx, name, ...args] = command.replace(/(--episodes|--best-response) \d+/g, '$1 12').split(' ')
      expect([npx, name]).toEqual(['npx', 'marlstrom'])
      const running = startIn(folder, ...args, ...(args[0] === 'train' ? small : []))
      if (args[0] === 'watch') {
        await running.sees(/live page: http/)
        running.process.kill('SIGINT')
      }
      const { code, stdout, stderr } = await running.finished
      expect([command, code, stderr.replaceAll(/^note: .*\n/gm, '')]).toEqual([command, 0, ''])
      last = stdout
    }
    const events = jsonLines(last)
    const count = (event: string) => events.filter(line => line.event === event).length
    expect(['pairing', 'crossplay', 'bestResponse'].map(count)).toEqual([4, 1, 4])
    expect(events[1]).toMatchObject({ players: { adversary: 'runs/both', agent: 'runs/ddpg' }, mode: 'sample' })
    expect(Object.keys(events[1].metrics)).toContain('touches')
    for (const line of events.filter(line => line.event === 'bestResponse')) {
      expect(line.exploitability).toBeCloseTo(line.partner.mean - line.response.mean, 6)
    }

    const at = (name: string) => join(folder, 'runs', name)
    await train(at('longer'), '--episodes', '11', '--set', 'scenario.maxCycles=6')
    const other = await marlstrom('crossplay', at('both'), at('longer'))
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('expected scenario.maxCycles 5, got 6')])
  })
})

// docs/games-in-turns.md and self-play on the command line: trained, resumed, evaluated exactly, watched, exported, taken over.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { marlstrom, start, startIn, temporaryFolder } from '../support/command.ts'
import { outcomeOf } from '../support/killable.ts'

const guide = readFileSync(join(import.meta.dirname, '../../docs/games-in-turns.md'), 'utf8')
/** Of learners over replay. */
const replay = [...['--set', 'learner.batch=16', '--set', 'learner.updateAfter=40', '--set', 'learner.updateEvery=20']]
const small = [...['--threads', '1', '--set', 'network.hidden=[8]', '--set', 'run.summaryEpisodes=50']]
const jsonLines = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

it('the guide shows commands that work', async () => {
  const folder = temporaryFolder()
  const commands = [...guide.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(match => match[1]!.trim().split('\n'))
  expect(commands.length).toBeGreaterThanOrEqual(2)
  for (const command of commands) {
    const [npx, name, ...args] = command
      .replace(/--episodes \d+/g, '--episodes 12')
      .replaceAll("'", '')
      .split(' ')
    expect([npx, name]).toEqual(['npx', 'marlstrom'])
    const settings = ['reinforce', 'ippo'].some(id => args.includes(id)) ? small : [...small, ...replay]
    const { code, stderr } = await startIn(folder, ...args, ...(args[0] === 'train' ? settings : [])).finished
    expect([command, code, stderr]).toEqual([command, 0, ''])
  }
})

it('a run against past copies is resumed, evaluated, watched and exported; a team that played as one is taken over', async () => {
  const folder = temporaryFolder()
  const at = (name: string) => join(folder, name)
  const train = (out: string, ...more: string[]) =>
    marlstrom('train', 'pig', '--set', 'scenario.goal=20', ...small, ...replay, '--out', at(out), ...more)
  const past = ['--team', 'player_1=past:player_0', '--set', 'team.player_1.pastEvery=4']
  const begun = await train('league', ...past, '--episodes', '12')
  expect([begun.code, begun.stderr]).toEqual([0, ''])
  expect(begun.stdout).toContain('player_0: maddpg, player_1: past copies of player_0 on pig')
  expect(begun.stdout).toContain('In every row the same: player_1, who did not learn.')
  // Cut and gone on with, it is the run that was never cut.
  const resumed = await marlstrom('train', '--resume', at('league'), '--episodes', '20')
  const whole = await train('whole', ...past, '--episodes', '20')
  expect([resumed.code, whole.code]).toEqual([0, 0])
  expect(outcomeOf(at('league')).checkpoint).toBe(outcomeOf(at('whole')).checkpoint)

  const exact = await marlstrom('evaluate', at('league'), '--exact', '--json')
  expect(jsonLines(exact.stdout).map(({ team, against, begins }) => [team, against, begins])).toContainEqual([
    'player_0',
    'scripted',
    'player_1',
  ])
  const running = start('watch', at('league'))
  await running.sees(/live page: http/)
  running.process.kill('SIGINT')
  expect((await running.finished).code).toBe(0)
  expect((await marlstrom('export', at('league'), '--format', 'js')).code).toBe(0)

  expect((await train('self', '--team', 'player_1=same:player_0', '--episodes', '12')).code).toBe(0)
  const against = await train('against', '--team', `player_1=${at('self')}`, '--episodes', '12')
  expect([against.code, against.stderr]).toEqual([0, ''])
  rmSync(at('self'), { recursive: true })
  expect((await marlstrom('train', '--resume', at('against'), '--episodes', '16')).code).toBe(0)
})

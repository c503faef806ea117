// What the contract of a game calls optional may be left out in every command; only pictures refuse a game that draws none, by name.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { marlstrom, startIn, temporaryFolder, tiny } from '../support/command.ts'
import { optionalMembers, writeGame } from '../support/game-files.ts'
import { smallBase, writeSweep } from '../support/sweeps.ts'

it.each(optionalMembers)('a game without %s goes through every command', async left => {
  const folder = temporaryFolder()
  const file = writeGame(folder, 'told', `delete game.${left}`)
  const [run, other] = [join(folder, 'run'), join(folder, 'other')]
  const search = writeSweep({
    base: { ...smallBase, scenario: { id: file } },
    space: { 'learner.gamma': [0.9, 0.95] },
    strategy: 'grid',
  })
  const short = ['--episodes', '60', ...tiny]
  const commands: readonly (readonly string[])[] = [
    ['check', file],
    ['train', file, '--out', run, ...short],
    ['train', file, '--out', other, ...short, '--set', 'run.summaryEpisodes=50'],
    ['train', '--resume', run, '--episodes', '80'],
    ['evaluate', run, '--episodes', '50'],
    ['crossplay', run, other, '--episodes', '50'],
    ['report', run, other, '--out', join(folder, 'report.html'), '--episodes', '50'],
    ['export', run, '--format', 'safetensors', '--out', join(folder, 'exported')],
    ['sweep', search, '--jobs', '1', '--out', join(folder, 'sweep')],
    ['runs', folder],
  ]
  for (const command of commands) {
    const { code, stderr } = await marlstrom(...command)
    expect([command[0], code, stderr]).toEqual([command[0], 0, expect.not.stringContaining('error')])
  }
  const pictures: readonly (readonly string[])[] = [
    ['render', run, '--out', join(folder, 'picture.svg')],
    ['export', run, '--format', 'page', '--out', join(folder, 'page')],
  ]
  for (const command of pictures) {
    const { code, stderr } = await marlstrom(...command)
    if (left === 'frames') expect([code, stderr]).toEqual([2, expect.stringMatching(/told draws no pictures/)])
    else expect([code, stderr]).toEqual([0, ''])
  }
})

it('a game without frames is refused by what shows it alone, and nothing is left behind', async () => {
  const folder = temporaryFolder()
  const file = writeGame(folder, 'told', 'delete game.frames')
  const run = join(folder, 'run')
  const refused = await marlstrom('train', file, '--out', run, '--record', join(folder, 'a.mcap'), ...tiny)
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/told draws no pictures/)])
  expect(existsSync(run)).toBe(false)
  expect((await marlstrom('train', file, '--out', run, '--episodes', '60', ...tiny)).code).toBe(0)
  for (const target of [run, file]) {
    const { code, stderr } = await marlstrom('watch', target)
    expect([code, stderr]).toEqual([2, expect.stringMatching(/told draws no pictures/)])
  }
  expect(readdirSync(run)).not.toContain('trainer.pid')
})

it('a game without frames is trained beside a page', async () => {
  const folder = temporaryFolder()
  const file = writeGame(folder, 'told', 'delete game.frames')
  const running = startIn(folder, 'train', file, '--out', 'run', '--episodes', '100000000', '--watch', ...tiny)
  const [, address] = await running.sees(/live page: (http\S+)/)
  expect((await fetch(address!)).status).toBe(200)
  running.process.kill('SIGINT')
  expect((await running.finished).code).toBe(0)
})

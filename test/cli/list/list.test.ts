// What `marlstrom list` shows, by name and all together, within a hundred columns; and the help of every command.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { Command } from 'commander'
import { describe, expect, it, vi } from 'vitest'
import { addListCommand } from '../../../src/cli/list/list.ts'
import { wrapped } from '../../../src/cli/list/list-text.ts'
import { presets } from '../../../src/run/config/presets.ts'
import { algorithms, games } from '../../../src/run/run.ts'

async function list(...words: readonly string[]): Promise<string> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  try {
    const program = new Command().exitOverride()
    addListCommand(program)
    await program.parseAsync(['list', ...words], { from: 'user' })
    return stripVTControlCharacters(log.mock.calls.map(([text]) => `${text}\n`).join(''))
  } finally {
    log.mockRestore()
  }
}

const widthsOf = (text: string) => text.split('\n').filter(line => [...line].length > 100)

describe('marlstrom list', () => {
  it('fits a hundred columns, with every name', async () => {
    const text = await list()
    expect(widthsOf(text)).toEqual([])
    for (const id of [...Object.keys(games), ...Object.keys(algorithms), ...Object.keys(presets)])
      expect(text).toContain(id)
    expect(text).toContain('learner.gamma')
  })

  it.each(Object.keys(games))('shows a scenario by its name, with options and agents: %s', async id => {
    const text = await list(id)
    expect(widthsOf(text)).toEqual([])
    expect(text).toContain(`${id} v`)
    expect(text).toMatch(/\d+ agents? in \d+ teams? by default/)
    for (const option of Object.keys(games[id]!.options)) expect(text).toContain(`scenario.${option}`)
    expect(text).not.toContain('learner.gamma')
  })

  it('shows the agents of each team, what they see and how they act', async () => {
    const text = await list('simple_tag')
    expect(text).toMatch(/│ adversary +│ adversary_0, adversary_1, +│ 16 +│ 5 \(move: one of 5\) +│/)
    expect(text).toMatch(/│ agent +│ agent_0 +│ 14 /)
  })

  it('shows an algorithm, a preset, a section and a setting by name, and kinds alone', async () => {
    expect(await list('mad4pg')).toMatch(/learner\.returnSteps +│ 5 [\s\S]*learner\.atoms/)
    expect(await list('--algorithms')).toMatch(/learner\.priority +│ 0\.6 +│.*\(elsewhere 0\)/s)
    expect(await list('modern')).toMatch(/modern +│ maddpg +│ learner\.gamma +│ 0\.8/)
    expect(await list('replay')).toMatch(/replay\.capacity/)
    expect(await list('ia2c')).toMatch(/ia2c +│ a2c with critic=local/)
    expect(await list('mappo')).toMatch(/mappo +│ ppo with critic=joint[\s\S]*mappo +│ ppo +│ learner\.epochs +│ 10/)
    expect(await list('--algorithms')).toMatch(/maa2c +│ a2c with critic=joint/)
    expect(await list('learner.gamma')).toMatch(/learner\.gamma +│ 0\.95/)
    const text = await list('--algorithms')
    for (const id of Object.keys(algorithms)) expect(text).toContain(id)
    expect(text).not.toMatch(/simple_spread|learner\.beta1/)
    for (const name of ['mad4pg', 'modern', 'replay', '--settings', '--presets'])
      expect(widthsOf(await list(name))).toEqual([])
  })

  it('refuses a name that nothing has, with the nearest', async () => {
    await expect(list('simple_tga')).rejects.toThrow(/unknown name 'simple_tga'; did you mean 'simple_tag'\?/)
    await expect(list('maddpg', '--presets')).rejects.toThrow(/expected a name or --presets, got both/)
  })

  it('prints the same as lines of JSON', async () => {
    const lines = (await list('simple_tag', '--json')).trim().split('\n')
    expect(lines.map(line => JSON.parse(line))).toMatchObject([
      { event: 'scenario', id: 'simple_tag', agents: [{ id: 'adversary_0', team: 'adversary' }, {}, {}, {}] },
    ])
  })
})

describe('wrapped text', () => {
  it('breaks between words, and longer words after a comma or where they must', () => {
    expect(wrapped('one two three', 8)).toEqual(['one two', 'three'])
    expect(wrapped('{"from":1,"to":2}', 12)).toEqual(['{"from":1,', '"to":2}'])
    expect(wrapped('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij'])
    expect(wrapped('', 4)).toEqual([''])
  })
})

describe('the help of every command', () => {
  const folder = resolve(import.meta.dirname, '../../../src/cli')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .filter(name => /^export (async )?function add\w+Command\(/m.test(readFileSync(join(folder, name), 'utf8')))

  it('is there for all of them', () => expect(files.length).toBeGreaterThanOrEqual(18))

  it.each(files)('fits a hundred columns: %s', async name => {
    const module = (await import(pathToFileURL(join(folder, name)).href)) as Record<string, (program: Command) => void>
    const [add] = Object.entries(module).filter(([key]) => /^add\w+Command$/.test(key))
    let text = ''
    const program = new Command().exitOverride().configureOutput({
      getOutHelpWidth: () => 100,
      writeOut: piece => {
        text += piece
      },
    })
    add![1](program)
    program.commands[0]!.outputHelp()
    expect(text).toMatch(/^Usage/)
    expect(widthsOf(text)).toEqual([])
  })
})

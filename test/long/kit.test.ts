// The kit for authors through the real command: new, check, train, evaluate and resume with files outside of the repository.
import { execFile } from 'node:child_process'
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { scenarioTemplate } from '../../src/authoring/template.ts'
import { marlstrom, temporaryFolder, tiny } from '../support/command.ts'

const contacts = 'let contacts = 0\n'
const good = scenarioTemplate('gather')

/** A scenario file in a folder of its own, with something changed in it. */
function write(change: (text: string) => string = text => text, name = 'gather.ts'): string {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, change(good))
  return file
}

describe('marlstrom new', () => {
  it('writes a scenario that passes check, and a test that passes under node --test', async () => {
    const folder = join(temporaryFolder(), 'games')
    const { code, stdout } = await marlstrom('new', 'gather', '--folder', folder)
    expect(code).toBe(0)
    for (const command of ['watch', 'check', 'train']) expect(stdout).toContain(`npx marlstrom ${command} `)
    expect(readdirSync(folder).sort()).toEqual(['gather.test.mjs', 'gather.ts'])

    const checked = await marlstrom('check', join(folder, 'gather.ts'))
    expect(checked.stdout).toMatch(/^10 checks passed; [\d,]+ steps\/s of one game$/m)
    expect(checked.code).toBe(0)

    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(resolve(import.meta.dirname, '../..'), join(folder, 'node_modules/marlstrom'))
    writeFileSync(join(folder, 'package.json'), '{ "name": "games" }')
    const tested = await promisify(execFile)(process.execPath, [
      ...['--test', '--test-reporter=tap'],
      join(folder, 'gather.test.mjs'),
    ])
    expect(tested.stdout).toMatch(/# pass 2\n# fail 0/)
  })

  it('writes a grid game that passes check, and its test', async () => {
    const folder = temporaryFolder()
    const { code } = await marlstrom('new', 'orchard', '--grid', '--folder', folder)
    expect(code).toBe(0)
    expect(readdirSync(folder).sort()).toEqual(['orchard.test.mjs', 'orchard.ts'])
    const checked = await marlstrom('check', join(folder, 'orchard.ts'))
    expect([checked.code, checked.stderr]).toEqual([0, ''])
    const both = await marlstrom('new', 'meadow', '--grid', '--algorithm', '--folder', folder)
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('an algorithm or a game, one at a time')])
  })

  it('overwrites nothing', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'gather.test.mjs'), 'mine')
    const { code, stderr } = await marlstrom('new', 'gather', '--folder', folder)
    expect(code).toBe(2)
    expect(stderr).toContain('gather.test.mjs is there already')
    expect(readdirSync(folder)).toEqual(['gather.test.mjs'])
    expect(readFileSync(join(folder, 'gather.test.mjs'), 'utf8')).toBe('mine')
  })

  it.each([
    ['Two-Words', 'like two_words'],
    ['7up', 'like up'],
    ['class', 'is a word of JavaScript'],
    ['simple_spread', 'ships with marlstrom'],
    ['../gather', 'small letters, digits and _'],
  ])('refuses the id %s', async (id, sentence) => {
    const { code, stderr } = await marlstrom('new', id, '--folder', temporaryFolder())
    expect(stderr).toContain(sentence)
    expect(code).toBe(2)
  })
})

describe('marlstrom check', () => {
  it.each(['simple_spread', 'foraging', 'matrix_game', 'switch', 'warehouse'])('passes %s, by its id', async id => {
    const { code, stdout } = await marlstrom('check', id, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({ event: 'summary', id, failed: 0 })
  })

  it('runs the file that a person is writing in TypeScript, with what it imports', async () => {
    const file = write(text =>
      text.replace('const colors', "import { shade } from './shade.ts'\nconst colors").replace('[0.85,', '[shade,'),
    )
    writeFileSync(join(file, '../shade.ts'), 'export const shade: number = 0.5')
    const { code, stderr } = await marlstrom('check', file)
    expect([code, stderr]).toEqual([0, ''])
  })

  it('takes JavaScript, a default export, and a function that makes a Markov game', async () => {
    const file = write(() => stillGame, 'still.mjs')
    const { code, stdout, stderr } = await marlstrom('check', file, '--json')
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({ id: 'still', failed: 0 })
  })

  it.each<[string, (text: string) => string, RegExp]>([
    [
      'a hook is missing',
      text => text.replace(/ {2}reset\([\s\S]*?\n {2}},\n/, ''),
      /gather\.ts: gather: hook 'reset' must be a function, it is missing; it places/,
    ],
    [
      'it does not compile',
      text => text.replace(contacts, 'let contacts = = 0\n'),
      /gather\.ts:\d+:20: Unexpected "=", in `let contacts = = 0`/,
    ],
    [
      'it throws while it is loaded',
      text => `${text}\nnull!.nothing`,
      /gather\.ts:\d+:7: cannot be loaded: Cannot read properties of null/,
    ],
    [
      'an option is a plain number',
      text => text.replace(/agents: count.*/, 'agents: 2,'),
      /gather\.ts:\d+:5: gather: option 'agents' must be made by count.*got 2; write agents: count\(2,/,
    ],
    [
      'a package is not there',
      text => text.replace(`'marlstrom'`, `'marlstorm'`),
      /gather\.ts:2:\d+: Could not resolve "marlstorm".*correct the name/,
    ],
    [
      'it exports nothing',
      text => text.replace('export const', 'const'),
      /gather\.ts: must export one scenario, exports nothing; write: export const/,
    ],
    [
      'it exports two',
      text => `${text}\nexport const other = { ...gather }`,
      /exports (gather and other|other and gather); make the one that is meant the default/,
    ],
  ])('says when %s', async (_, change, sentence) => {
    const { code, stderr } = await marlstrom('check', write(change))
    expect(stderr).toMatch(sentence)
    expect(code).toBe(1)
  })

  it.each<[string, (text: string) => string, string, RegExp]>([
    [
      'a reward is NaN',
      text => text.replace(contacts, 'let contacts = agent.index === 1 ? NaN : 0\n'),
      "hook 'reward', agent_1, step 1, seed 1",
      /got NaN/,
    ],
    [
      'a hook throws',
      text => text.replace(contacts, 'let contacts = (null as any).length\n'),
      "hook 'reward', agent_0, step 1, seed 1",
      /at .*gather\.ts:45:34/,
    ],
    [
      'two entities share a name',
      text => text.replaceAll(/id: `goal_\$\{i\}`/g, 'id: `goal`'),
      "hook 'world', step 0, seed 1",
      /two entities are named 'goal'; number them/,
    ],
    [
      'an observation grows',
      text =>
        text.replace(
          "see.vector('velocity', agent.velocity)",
          "for (let i = 0; i < (agent.velocity.x > 0 ? 3 : 2); i++) see.number('x', 0)",
        ),
      "hook 'observe', agent_",
      /numbers at every call, got \d/,
    ],
    [
      'a hook never comes back',
      text => text.replace(contacts, 'let contacts = 0\n    while (agent.index === 1);\n'),
      "hook 'reward', agent_1, step 1, seed 1",
      /did not come back for 5 seconds/,
    ],
  ])('finds that %s', async (_, change, place, sentence) => {
    const { code, stdout } = await marlstrom('check', write(change))
    expect(stdout).toContain(place)
    expect(stdout).toMatch(sentence)
    expect(stdout).toMatch(/gather\.ts/)
    expect(code).toBe(1)
  })

  it.each([
    [['check', 'nowhere/gather.ts'], 'there is no file'],
    [['check', 'simple_sprad'], "did you mean 'simple_spread'?"],
    [['check'], "missing required argument 'scenario'"],
    [['check', 'foraging', '--set', 'scenario.size=2'], 'scenario.size: expected a whole number of at least 5, got 2'],
  ])('%j is wrong usage', async (args, sentence) => {
    const { code, stderr } = await marlstrom(...args)
    expect(stderr).toContain(sentence)
    expect(code).toBe(2)
  })

  it('an option that a file does not have is wrong usage', async () => {
    const { code, stderr } = await marlstrom('check', write(), '--set', 'scenario.agnts=3')
    expect(stderr).toContain("scenario.agnts: unknown option 'agnts'; did you mean 'agents'?")
    expect(code).toBe(2)
  })
})

describe('a run of a scenario file', () => {
  it('is trained, and goes on with its own copy when the file has changed or is gone', async () => {
    const file = write()
    const [whole, parts] = [join(temporaryFolder(), 'whole'), join(temporaryFolder(), 'parts')]
    const train = (out: string, episodes: string) =>
      marlstrom('train', file, ...tiny, '--episodes', episodes, '--out', out, '--json')
    const [{ stdout }] = await Promise.all([train(whole, '40'), train(parts, '23')])
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({ event: 'summary', episodes: 40 })
    const config = JSON.parse(readFileSync(join(whole, 'config.json'), 'utf8'))
    expect(config.scenario).toMatchObject({ id: file, rules: 'openai' })

    appendFileSync(file, '\n// only a remark')
    const same = await marlstrom('evaluate', whole, '--episodes', '50', '--json')
    expect([same.code, same.stderr]).toEqual([0, ''])

    writeFileSync(file, good.replace('-distance(', '-9 * distance('))
    const changed = await marlstrom('evaluate', whole, '--episodes', '50', '--json')
    expect(changed.stdout).toBe(same.stdout)
    expect(changed.stderr).toContain(
      `${file} has changed since; the run goes on with its own copy, ${whole}/scenario.mjs`,
    )

    rmSync(file)
    const resumed = await marlstrom('train', '--resume', parts, '--episodes', '40', '--json')
    expect(resumed.stderr).toContain(`${file} is gone`)
    const checkpoint = (run: string) => readFileSync(join(run, 'checkpoints', '000000040.safetensors'))
    expect(checkpoint(parts).equals(checkpoint(whole))).toBe(true)
  })

  it('names the file and the line of what is wrong', async () => {
    const file = write(text => text.replace(contacts, 'let contacts = (null as any).length\n'))
    const { code, stderr } = await marlstrom('train', file, '--out', join(temporaryFolder(), 'run'))
    expect(stderr).toContain(`${file}:45:34: reward of agent_0 threw TypeError: Cannot read properties of null`)
    expect(code).toBe(1)
  })

  it('learns what the new scenario is about', async () => {
    const { stdout } = await marlstrom(
      ...['train', write(), '--episodes', '500', '--json', '--out', join(temporaryFolder(), 'run')],
      ...['--set', 'learner.batch=128', '--set', 'learner.updateAfter=1000', '--set', 'learner.updateEvery=50'],
    )
    const lines = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    const returnOf = (policy: string) =>
      lines.find(line => line.event === 'evaluation' && line.policy === policy).returns.agent_0.mean
    expect(returnOf('trained')).toBeGreaterThan(returnOf('random') + 10)
  })
})

/** Nothing moves in it; written without any types. */
const stillGame = `
export default () => ({
  id: 'still',
  agents: [{ id: 'agent_0', team: 'agent', observationSize: 1, observationParts: [{ name: 'one', size: 1 }],
    actionSpace: [{ name: 'choose', kind: 'choice', size: 2, soft: false }] }],
  rewards: new Float64Array(1), present: new Uint8Array([1]), terminated: new Uint8Array(1), truncated: false,
  cycles: 0,
  reset() { this.cycles = 0; this.truncated = false },
  step(actions, row) { this.rewards[0] = actions[0].data[2 * row]; this.truncated = ++this.cycles === 5 },
  observe(agent, row) { row[0] = 1 },
  save() { return { cycles: this.cycles, truncated: this.truncated, rewards: this.rewards } },
  restore(saved) { this.cycles = saved.cycles; this.truncated = saved.truncated; this.rewards.set(saved.rewards) },
})
`

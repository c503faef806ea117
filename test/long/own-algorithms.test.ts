// Players in users' files: the page about them word for word, and runs that go on by their own copies once the files are gone.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startIn, temporaryFolder } from '../support/command.ts'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/algorithms-of-your-own.md'), 'utf8')
const blocks = [...page.matchAll(/^```(sh|ts|js)\n([\s\S]*?)^```/gm)].map(match => [match[1]!, match[2]!] as const)

const small = ['network.hidden=[8]', 'run.summaryEpisodes=0', 'run.logEvery=10', 'learner.rolloutEpisodes=4']

/** A folder in which `marlstrom` can be imported by name. */
function project(): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/marlstrom'))
  return folder
}

function node(folder: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
  return stdout
}

describe('the page about algorithms of your own', () => {
  it('does what it says, block by block', async () => {
    const folder = project()
    for (const [language, text] of blocks) {
      if (language !== 'sh') {
        const name = /^\/\/ (\S+):/.exec(text)![1]!
        writeFileSync(join(folder, name), text)
        if (language === 'js') expect(node(folder, name)).toMatch(/^my_ddpg: \d+ update rounds\n$/)
        continue
      }
      for (const command of text.trim().split('\n')) {
        const [npx, name, ...args] = command.split(' ')
        expect([npx, name]).toEqual(['npx', 'marlstrom'])
        const { code, stderr } = await startIn(folder, ...args).finished
        expect([command, code, stderr]).toEqual([command, 0, ''])
      }
    }
    expect(readdirSync(join(folder, 'runs/chased/players')).sort()).toEqual(['adversary.mjs', 'agent.mjs'])
    node(folder, '--test', 'my_method.test.mjs')
    expect(readFileSync(join(folder, 'my_method.ts'), 'utf8').split('\n').length).toBeLessThan(80)
    // Both files as TypeScript sees them, strictly.
    const compilerOptions = { module: 'nodenext', target: 'es2022', strict: true, noEmit: true, types: [] }
    const config = { compilerOptions, files: ['my_method.ts', 'chaser.ts'] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    node(folder, join(root, 'node_modules/typescript/bin/tsc'), '-p', '.')
  })
})

describe('a run whose players came from files', () => {
  it('goes on exactly, plays, and is played against, when they are gone', async () => {
    const folder = project()
    const works = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await startIn(folder, ...args).finished
      expect([args.join(' '), code, stderr.replaceAll(/^note: .*\n/gm, '')]).toEqual([args.join(' '), 0, ''])
      return { stdout, stderr }
    }
    const chaser = blocks.find(([, text]) => text.startsWith('// chaser.ts'))![1]
    writeFileSync(join(folder, 'chaser.ts'), chaser)
    await works('new', '--algorithm', 'own')
    const set = small.flatMap(setting => ['--set', setting])
    const players = ['--algorithm', './own.ts', '--team', 'adversary=./chaser.ts', '--set', 'team.adversary.noise=0.3']
    await works('train', 'simple_tag', ...players, ...set, '--episodes', '40', '--out', 'whole')
    await works('train', 'simple_tag', ...players, ...set, '--episodes', '22', '--out', 'half')
    rmSync(join(folder, 'chaser.ts'))
    writeFileSync(join(folder, 'own.ts'), 'throw new Error("another file by now")')

    const { stderr } = await works('train', '--resume', 'half', '--episodes', '40')
    expect(stderr).toMatch(/chaser\.ts is gone; the run goes on with its own copy, half\/players\/adversary\.mjs/)
    expect(stderr).toMatch(/own\.ts has changed since; the run goes on with its own copy, half\/players\/agent\.mjs/)
    const checkpoint = (run: string) => readFileSync(join(folder, run, 'checkpoints/000000040.safetensors'))
    expect(checkpoint('half').equals(checkpoint('whole'))).toBe(true)

    expect((await works('evaluate', 'half', '--episodes', '50')).stdout).toContain('adversary: chaser, agent: own')
    await works('crossplay', 'half', 'whole', '--episodes', '50')
    await works('export', 'half', '--format', 'js')
    await works('train', '--fork', 'half', '--set', 'learner.lambda=0.5', '--episodes', '45', '--out', 'fork')
    const opponent = ['--team', 'agent=half', '--set', 'learner.batch=16', '--set', 'learner.updateAfter=100']
    await works('train', 'simple_tag', ...opponent, ...set.slice(0, 6), '--episodes', '10', '--out', 'against')
    rmSync(join(folder, 'half'), { recursive: true })
    expect((await works('evaluate', 'against', '--episodes', '50')).stdout).toContain('agent: own (trained before)')

    const watching = startIn(folder, 'watch', 'whole')
    await watching.sees(/live page: http/)
    watching.process.kill('SIGINT')
    expect((await watching.finished).code).toBe(0)
  })

  it('ends with a sentence where a policy never comes back', async () => {
    const folder = project()
    const policy = `import { definePolicy } from 'marlstrom'
export default definePolicy({
  id: 'stuck', description: 'thinks for ever',
  create: () => ({
    act() { for (;;); },
  }),
})
`
    writeFileSync(join(folder, 'stuck.ts'), policy)
    const args = ['--team', 'adversary=./stuck.ts', '--set', 'run.hookSeconds=0.5', '--out', 'run']
    const { code, stderr } = await startIn(folder, 'train', 'simple_tag', ...args).finished
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/stuck\.ts.*: act of adversary_0 did not come back for 0\.5 seconds/),
    ])
  })

  it('is trained by a sweep, in processes of their own', async () => {
    const folder = project()
    await startIn(folder, 'new', '--algorithm', 'own').finished
    const base = {
      scenario: { id: 'simple_spread', maxCycles: 5 },
      learner: { algorithm: './own.ts', rolloutEpisodes: 4 },
      network: { hidden: [8] },
      run: { episodes: 12, logEvery: 4, summaryEpisodes: 0 },
    }
    const sweep = { base, space: { 'learner.lambda': [0.5, 0.9] }, seeds: [1], strategy: 'grid' }
    writeFileSync(join(folder, 'sweep.json'), JSON.stringify(sweep))
    const { code, stderr } = await startIn(folder, 'sweep', 'sweep.json', '--out', 'sweep').finished
    expect([code, stderr]).toEqual([0, ''])
    const runs = readdirSync(join(folder, 'sweep/runs'))
    expect(runs.length).toBe(2)
    for (const run of runs) expect(existsSync(join(folder, 'sweep/runs', run, 'players/agent.mjs'))).toBe(true)
  })
})

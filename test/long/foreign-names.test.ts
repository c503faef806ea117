// Names of others through every command that prints or writes them: nothing leaves its folder, moves the cursor, or becomes a formula.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Finished, startIn, temporaryFolder } from '../support/command.ts'

const sequences = '\u001b[2J\u001b]0;title\u0007'

const scenario = `
import { defineScenario } from 'marlstrom'
const names = [['../../out', '../../../x'], ['=1+1', 'a b'], ['a b', 'a b'], ['a_b', 'a_b'], ['x${JSON.stringify(sequences).slice(1, -1)}', '-2+3']]
export const hostile = defineScenario({
  id: 'hostile',
  version: 1,
  description: 'names that lead out',
  options: {},
  world: () => ({ agents: names.map(([id, team]) => ({ id, team, size: 0.1 })), landmarks: [] }),
  reset({ world, random }) {
    for (const { position } of world.entities) position.set(random.between(-1, 1), random.between(-1, 1))
  },
  observe: ({ agent, see }) => see.vector('velocity', agent.velocity),
  reward: ({ agent, part }) => part('still', -Math.abs(agent.velocity.x)),
})
`

const small = [
  'learner.batch=8',
  'learner.updateAfter=20',
  'network.hidden=[4]',
  'run.logEvery=5',
  'run.summaryEpisodes=50',
]

/** Everything below a folder. */
const below = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()

describe('hostile names', () => {
  it('are shown and filed as names alone by every command', { timeout: 180_000 }, async () => {
    const root = temporaryFolder()
    const work = join(root, 'a', 'b', 'c', 'd')
    mkdirSync(work, { recursive: true })
    writeFileSync(join(work, 'hostile.ts'), scenario)
    const output: Finished[] = []
    const run = async (...words: string[]) => {
      const finished = await startIn(work, ...words).finished
      expect([words[0], finished.code, finished.stderr]).toEqual([words[0], 0, finished.stderr])
      output.push(finished)
      return finished
    }
    const settings = small.flatMap(setting => ['--set', setting])
    const out = "=odd 'dir' #1"
    const { stdout } = await run('train', './hostile.ts', '--episodes', '10', ...settings, '--out', out)
    expect(stdout).toContain(`npx marlstrom watch '=odd '\\''dir'\\'' #1'`)
    await run('train', './hostile.ts', '--episodes', '10', ...settings)
    await run('report', out, '--out', 'report.html', '--episodes', '50')
    await run('export', out, '--format', 'js')
    await run('export', out, '--format', 'page', '--out', 'page')
    await run('evaluate', out, '--episodes', '50')
    await run('crossplay', out, join('runs', readdirSync(join(work, 'runs'))[0]!), '--episodes', '50')
    await run('list', './hostile.ts')
    await run('runs', '.')
    await run('runs', '.', '--csv', 'runs.csv')

    for (const { stdout, stderr } of output) expect(stdout + stderr).not.toMatch(/(?![\n\t])\p{Cc}/u)
    // Nothing came to lie beside the folder that all was asked for in.
    expect(below(root).filter(name => !name.startsWith(join('a', 'b', 'c', 'd')))).toEqual(
      [['a'], ['a', 'b'], ['a', 'b', 'c']].map(names => join(...names)),
    )
    expect(readdirSync(work).sort()).toEqual(
      [out, 'hostile.ts', 'page', 'report-plots', 'report.html', 'runs', 'runs.csv'].sort(),
    )
    const modules = readdirSync(join(work, out, 'export')).filter(name => name.endsWith('.js') || name.endsWith('.mjs'))
    expect(modules).toHaveLength(5)
    const svgs = readdirSync(join(work, 'report-plots')).filter(name => name.endsWith('.svg'))
    expect(svgs.length).toBeGreaterThanOrEqual(8)
    const csv = readFileSync(join(work, 'runs.csv'), 'utf8')
    expect(csv).not.toMatch(/(^|,)"?[=@\t\r]/m)
  })
})

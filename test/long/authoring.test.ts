// The guide for authors, word for word: its scenario is the example's, and its commands run one after the other.
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startIn, temporaryFolder } from '../support/command.ts'

const root = join(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/authoring.md'), 'utf8')
const example = join(root, 'examples/scenarios/rendezvous.ts')
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(match => match[1]!)

it('shows the example as it is', () => {
  // The blocks after it are pieces of scenarios and games.
  expect(blocks('ts')[0]).toBe(readFileSync(example, 'utf8'))
})

it('every command of the guide does what it says', async () => {
  const folder = temporaryFolder()
  const commands = blocks('sh').flatMap(block => block.trim().split('\n'))
  expect(commands.length).toBeGreaterThanOrEqual(8)
  for (const command of commands) {
    const [npx, name, ...args] = command.split(' ')
    expect([npx, name]).toEqual(['npx', 'marlstrom'])
    const running = startIn(folder, ...args)
    if (args[0] === 'watch') {
      await running.sees(/live page: http/)
      running.process.kill('SIGINT')
    }
    const { code, stdout, stderr } = await running.finished
    expect([command, code, stderr]).toEqual([command, 0, ''])
    if (args[0] === 'new') copyFileSync(example, join(folder, 'rendezvous.ts')) // as the guide says: replace what was written
    if (args[0] === 'check' && args[1]!.endsWith('.ts')) expect(guide).toContain(stdout.split('\n\n')[0]!)
    if (args[1] === './rendezvous.ts' && args[0] === 'train') expect(stdout).toContain('745 update rounds')
  }
  expect(existsSync(join(folder, 'runs/first/scenario.mjs'))).toBe(true)
})

// Every block of TypeScript in docs and README, as the compiler sees it: strictly, by what the package exports.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { blocksOf } from '../support/pages.ts'
import { readersFolder } from '../support/readers-folder.ts'

const root = join(import.meta.dirname, '../..')
const pages = ['../README.md', ...readdirSync(join(root, 'docs')).filter(name => name.endsWith('.md'))]

/** Pieces of programs by how they begin, and what stands around each. */
const frames: readonly (readonly [begin: string, before: string, after: string])[] = [
  ['see.set(', scenario('observe({ agent, world, see }) {'), '} })'],
  ['actionMask({ agent, mask }) {', scenario('observe() {},'), '})'],
  [
    'actionMask(agent, row) {',
    "import type { MarkovGame } from 'marlstrom'\ndeclare const at: number[], isWall: (cell: number) => boolean\nexport const part: Pick<MarkovGame, 'actionMask'> = {",
    '}',
  ],
  [
    'function updateOf(parts: Parts)',
    `import { maddpgParts } from 'marlstrom'
const { createCritic, criticSlope, currentInput, fitCritic, improveActor, nextInput, proposedInput } = maddpgParts
const { targetOf, targetValues, updateTarget, updateTargetActor } = maddpgParts
type Parts = maddpgParts.Parts
type PolicyUpdate = maddpgParts.PolicyUpdate`,
    'export { updateOf }',
  ],
  ['mlp(10, ', "import { mlp } from 'marlstrom'", ''],
  [
    'network.sequence(input, {',
    "import type { Matrix, RecurrentNetwork } from 'marlstrom'\ndeclare const network: RecurrentNetwork, input: Matrix, state: Matrix, restarted: Uint8Array",
    '',
  ],
]

function scenario(observe: string): string {
  return `import { defineScenario } from 'marlstrom'
export default defineScenario({
  id: 'whole', version: 1, description: '', options: {}, world: () => ({ agents: [{ id: 'agent_0' }] }), reset() {}, reward: () => 0,
  ${observe}`
}

it('is right', () => {
  const folder = readersFolder()
  const files: string[] = []
  for (const page of pages) {
    const name = page.replace('../', '')
    mkdirSync(join(folder, name))
    for (const { file, text, line } of blocksOf(page, 'ts')) {
      const frame = frames.find(([begin]) => text.startsWith(begin))
      const isWhole = /^(import|export) /m.test(text)
      expect(isWhole || frame !== undefined, `${name}, line ${line}: nothing says what it is a piece of`).toBe(true)
      const path = join(name, file ?? `line-${line}.ts`)
      writeFileSync(join(folder, path), isWhole ? text : [frame![1], text, frame![2]].join('\n'))
      files.push(path)
    }
  }
  expect(files.length).toBeGreaterThan(25)
  const compilerOptions = {
    ...{ module: 'nodenext', target: 'es2022', strict: true, noUncheckedIndexedAccess: true, noEmit: true },
    ...{ exactOptionalPropertyTypes: true, skipLibCheck: true, allowImportingTsExtensions: true },
    ...{ types: ['node'], typeRoots: [join(root, 'node_modules/@types')] },
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: folder, encoding: 'utf8' })
  expect(stdout).toBe('')
})

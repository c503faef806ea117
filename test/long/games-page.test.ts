// The page about the contract of games, word for word: its files pass check, are typed, play and train.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startIn, temporaryFolder } from '../support/command.ts'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/games.md'), 'utf8')
const blocks = [...page.matchAll(/^```(sh|ts)\n([\s\S]*?)^```/gm)].map(match => [match[1]!, match[2]!] as const)

it('does what it says, block by block', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/marlstrom'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const node = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
    expect([status, stderr, stdout]).toEqual([0, '', expect.any(String)])
    return stdout
  }
  const files: string[] = []
  for (const [language, text] of blocks) {
    if (language === 'ts') {
      const name = /^\/\/ (\S+):/.exec(text)?.[1]
      // A block without a name is a piece of one.
      if (name === undefined) continue
      writeFileSync(join(folder, name), text)
      files.push(name)
      continue
    }
    for (const command of text.trim().split('\n')) {
      const [npx, name, ...args] = command.split(' ')
      expect([npx, name]).toEqual(['npx', 'marlstrom'])
      const { code, stdout } = await startIn(folder, ...args).finished
      expect([command, code, stdout]).toEqual([command, 0, expect.any(String)])
    }
  }
  expect(files).toEqual(['nim.ts', 'relay.ts', 'loop.ts'])
  const compilerOptions = {
    ...{ module: 'nodenext', target: 'es2022', strict: true, noUncheckedIndexedAccess: true, noEmit: true },
    ...{ types: ['node'], typeRoots: [join(root, 'node_modules/@types')], allowImportingTsExtensions: true },
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  node(join(root, 'node_modules/typescript/bin/tsc'), '-p', '.')
  const flags = ['--bundle', '--platform=node', '--format=esm', '--external:marlstrom', '--outfile=loop.mjs']
  const bundled = spawnSync(join(root, 'node_modules/.bin/esbuild'), ['loop.ts', '--log-level=error', ...flags], {
    cwd: folder,
  })
  expect(bundled.status).toBe(0)
  expect(node('loop.mjs')).toBe('{ first: 1, second: -1 }\n')
})

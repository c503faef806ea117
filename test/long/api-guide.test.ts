// docs/api.md as a test: its programs run one after the other in one folder, with the package by its name and nothing else.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { tempFolder } from '../support/temp-folder.ts'

const root = resolve(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/api.md'), 'utf8')
const programs = [...guide.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(match => match[1]!)

it('shows programs that run as they stand', async () => {
  const folder = tempFolder()
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/marlstrom'))
  symlinkSync(join(root, 'node_modules/rxjs'), join(folder, 'node_modules/rxjs'))
  programs.forEach((program, i) => void writeFileSync(join(folder, `${i}.mjs`), program))
  writeFileSync(join(folder, 'all.mjs'), programs.map((_, i) => `await import('./${i}.mjs')\n`).join(''))
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['all.mjs'], { cwd: folder })
  // Nothing is left open that would keep the program alive, and nothing is printed but by it.
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\n/)
  expect(stdout).toMatch(/\ndone\n$/)
  for (const file of ['runs/tag-b/config.json', 'tag.mcap', 'tag.svg', 'report.html', 'sweeps/small/best.yaml'])
    expect(existsSync(join(folder, file))).toBe(true)
})

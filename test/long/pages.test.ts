// Pages of docs followed as they are written, in an empty folder into which the tarball was installed: files are saved, programs run, commands given.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packAndInstall, runIn } from '../support/installed-package.ts'
import { blocksOf, toldBy } from '../support/pages.ts'

const pages = ['from-pettingzoo.md', 'game-contract.md', 'particle-worlds.md', 'policies-of-your-own.md', 'engine.md']
const away = mkdtempSync(join(tmpdir(), 'marlstrom-pages-'))
let app: string
beforeAll(() => {
  ;({ app } = packAndInstall(away))
}, 300_000)
afterAll(() => rmSync(away, { recursive: true, force: true, maxRetries: 5 }), 120_000)

const newFolder = (name: string) => {
  const folder = join(app, name)
  mkdirSync(folder)
  return folder
}

describe.each(pages)('docs/%s', page => {
  it('shows programs that print what they say, and commands that work', async () => {
    const folder = newFolder(page.replace('.md', ''))
    for (const { language, file, text } of blocksOf(page, 'ts', 'sh')) {
      if (language === 'sh') await giveCommands(folder, text)
      else if (file !== null) {
        mkdirSync(dirname(join(folder, file)), { recursive: true })
        writeFileSync(join(folder, file), text)
        const told = toldBy(text)
        if (told.length === 0) continue
        const { stdout, stderr } = await runIn(folder, process.execPath, await compiled(folder, file))
        expect([file, stderr, stdout.trimEnd().split('\n')]).toEqual([file, '', told])
      }
    }
  })
})

it('docs/api.md shows programs that run one after the other', async () => {
  const folder = newFolder('api')
  const programs = blocksOf('api.md', 'ts').map(({ text }, i) => {
    writeFileSync(join(folder, `${i}.mjs`), text)
    return `await import('./${i}.mjs')\n`
  })
  writeFileSync(join(folder, 'all.mjs'), programs.join(''))
  const { code, stderr, stdout } = await runIn(folder, process.execPath, 'all.mjs')
  expect([code, stderr]).toEqual([0, ''])
  // Nothing is left open that would keep the program alive, and nothing is printed but by it.
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\n/)
  expect(stdout).toMatch(/\ndone\n$/)
  for (const file of ['runs/tag-b/config.json', 'tag.mcap', 'tag.svg', 'report.html', 'sweeps/small/best.yaml'])
    expect(existsSync(join(folder, file))).toBe(true)
})

/** Each `npx marlstrom ...` of a block. */
async function giveCommands(folder: string, block: string): Promise<void> {
  for (const command of block.trim().split('\n')) {
    const [npx, name, ...args] = command.split(/ +#/)[0]!.trim().split(' ')
    expect([npx, name]).toEqual(['npx', 'marlstrom'])
    const { code, stderr } = await runIn(folder, join(app, 'node_modules/.bin/marlstrom'), ...args)
    expect([command, code, stderr]).toEqual([command, 0, ''])
  }
}

/** The file as Node.js runs it, its types left out. */
async function compiled(folder: string, file: string): Promise<string> {
  const outfile = file.replace(/\.ts$/, '.mjs')
  await build({
    ...{ absWorkingDir: folder, entryPoints: [file], outfile, bundle: true, packages: 'external' },
    ...{ format: 'esm', platform: 'node', logLevel: 'silent' },
  })
  return outfile
}

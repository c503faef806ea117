// Pages for people who write code: every file that they show is what it says, every game passes `check`, every program prints what stands beside it.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { format } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { algorithmTemplate } from '../../src/authoring/algorithm-template.ts'
import { gameIn } from '../../src/authoring/exported-game.ts'
import { checkGame, describeProblem } from '../../src/envs/check-game.ts'
import { validatePlayer } from '../../src/run/validate-player.ts'
import { blocksOf, toldBy } from '../support/pages.ts'
import { tempFolder } from '../support/temp-folder.ts'

const pages = ['from-pettingzoo.md', 'game-contract.md', 'particle-worlds.md', 'policies-of-your-own.md']

describe.each(pages)('docs/%s', page => {
  const files = blocksOf(page, 'ts').filter(({ file }) => file !== null)

  it('shows files and programs that are what they say', async () => {
    const folder = tempFolder()
    symlinkSync(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'))
    for (const { file, text } of files) {
      mkdirSync(dirname(join(folder, file!)), { recursive: true })
      writeFileSync(join(folder, file!), text)
    }
    for (const { file, text } of files) {
      const path = join(folder, file!)
      const told = toldBy(text)
      if (/^export /m.test(text)) expect([file, await faultsOf(path)]).toEqual([file, []])
      else expect(told, `${file} prints nothing that stands beside it`).not.toEqual([])
      if (told.length > 0) expect([file, await printedBy(path)]).toEqual([file, told])
    }
  })
})

it('docs/algorithms-of-your-own.md shows the file that `marlstrom new --algorithm` writes', () => {
  expect(blocksOf('algorithms-of-your-own.md', 'ts')[0]!.text).toBe(algorithmTemplate('my_method'))
})

/** What is wrong with a file that exports a game or a player. How commands load such files: test/long/pages.test.ts. */
async function faultsOf(path: string): Promise<string[]> {
  const exported = (await import(pathToFileURL(path).href)) as Record<string, unknown>
  if (exported.default !== undefined) {
    validatePlayer(exported.default, [])
    return []
  }
  return checkGame(gameIn(path, exported), { seeds: [1, 2], steps: 40 }).problems.map(describeProblem)
}

/** What a program prints, line by line; it is run in this process. */
async function printedBy(path: string): Promise<string[]> {
  const print = vi.spyOn(console, 'log').mockImplementation(() => {})
  try {
    await import(pathToFileURL(path).href)
    return print.mock.calls.map(args => format(...args))
  } finally {
    print.mockRestore()
  }
}

// Pages for people who write code: every file that they show is what it says, every game passes `check`, every program prints what stands beside it.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { format } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { algorithmTemplate } from '../../src/authoring/algorithm-template.ts'
import { isPlayer } from '../../src/authoring/exported-game.ts'
import { loadScenario } from '../../src/authoring/load-scenario.ts'
import { checkGame, describeProblem } from '../../src/envs/check-game.ts'
import { loadAlgorithm, loadPolicy } from '../../src/run/player-file.ts'
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
      if (/^export /m.test(text)) expect([file, await faultsOf(path, text)]).toEqual([file, []])
      else expect(told, `${file} prints nothing that stands beside it`).not.toEqual([])
      if (told.length > 0) expect([file, await printedBy(path)]).toEqual([file, told])
    }
  })
})

it('docs/algorithms-of-your-own.md shows the file that `marlstrom new --algorithm` writes', () => {
  expect(blocksOf('algorithms-of-your-own.md', 'ts')[0]!.text).toBe(algorithmTemplate('my_method'))
})

/** What is wrong with a file that exports a game or a player. */
async function faultsOf(path: string, text: string): Promise<string[]> {
  if (/definePolicy\(/.test(text)) return isPlayer(await loadPolicy(path)) ? [] : ['no policy']
  if (/defineAlgorithm\(/.test(text)) return isPlayer(await loadAlgorithm(path)) ? [] : ['no algorithm']
  const { definition } = await loadScenario(path)
  return checkGame(definition).problems.map(describeProblem)
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

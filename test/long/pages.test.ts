// Commands in pages of docs, as their readers give them, on the files that the pages show.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startIn } from '../support/command.ts'
import { blocksOf } from '../support/pages.ts'
import { readersFolder } from '../support/readers-folder.ts'

const pages = ['from-pettingzoo.md', 'game-contract.md', 'particle-worlds.md', 'policies-of-your-own.md']

describe.each(pages)('docs/%s', page => {
  it('shows commands that work', async () => {
    const folder = readersFolder()
    for (const { language, file, text } of blocksOf(page, 'ts', 'sh')) {
      if (language === 'ts') {
        writeFileSync(join(folder, file!), text)
        continue
      }
      for (const command of text.trim().split('\n')) {
        const [npx, name, ...args] = command.split(' ')
        expect([npx, name]).toEqual(['npx', 'marlstrom'])
        const { code, stderr } = await startIn(folder, ...args).finished
        expect([command, code, stderr]).toEqual([command, 0, ''])
      }
    }
  })
})

// The build as one line; where a step fails, with all that it printed.
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/command.ts'

const script = resolve(import.meta.dirname, '../../scripts/build.mjs')

async function built(steps: Readonly<Record<string, string>>) {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { test: 'exit 9', ...steps } }))
  const { build } = (await import(pathToFileURL(script).href)) as {
    build(root: string, output: { write(text: string): void }): Promise<boolean>
  }
  let text = ''
  const succeeded = await build(folder, { write: piece => void (text += piece) })
  return { folder, succeeded, text }
}

describe('the build', () => {
  it('runs its steps in their order, and says so in one line', async () => {
    const { folder, succeeded, text } = await built({
      'build:one': 'echo chatter && echo first> first',
      'build:two': "node -e \"require('fs').renameSync('first', 'second')\"",
    })
    expect(succeeded).toBe(true)
    expect(text).toMatch(/^building \.\.\. done in \d+ s\n$/)
    expect(existsSync(join(folder, 'second'))).toBe(true)
  })

  it('ends at a step that fails, with what it printed', async () => {
    const { folder, succeeded, text } = await built({
      'build:one': 'echo here is why && exit 3',
      'build:two': 'echo never> never',
    })
    expect(succeeded).toBe(false)
    expect(text).toMatch(/^building \.\.\. failed\nhere is why ?\r?\nnpm run build:one: exit code 3: echo here is why/)
    expect(existsSync(join(folder, 'never'))).toBe(false)
  })
})

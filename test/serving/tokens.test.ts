import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { readTokens, remarksOnTokens } from '../../src/serving/tokens.ts'

const operator = '0123456789abcdef0123456789abcdef'
const viewer = 'fedcba9876543210fedcba9876543210'
const random = '6b1f0a9c4de2783512f9c07ab48d3e65'

function file(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'marlstrom-tokens-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'tokens')
  writeFileSync(path, content)
  return path
}

describe('tokens', () => {
  it('come from the environment', () => {
    expect(readTokens({})).toEqual({})
    expect(readTokens({ MARLSTROM_OPERATOR_TOKEN: operator, MARLSTROM_VIEWER_TOKEN: '' })).toEqual({ operator })
  })

  it('come from a file, which counts instead', () => {
    const path = file(`# of this week\noperator = ${operator}\r\n\nviewer=${viewer}\n`)
    expect(readTokens({ MARLSTROM_OPERATOR_TOKEN: 'other' }, path)).toEqual({ operator, viewer })
  })

  it.each([
    [`operator ${operator}`, ':1: expected operator=<token>'],
    [`\nadmin=${operator}`, ':2: expected operator=<token>'],
    [`operator=${operator}\noperator=${viewer}`, ':2: a second token for operator'],
    ['# nothing', 'names no token'],
  ])('are refused with the line, and are never told: %j', (content, sentence) => {
    const read = () => readTokens({}, file(content))
    expect(read).toThrow(ConfigError)
    expect(read).toThrow(sentence)
    expect(read).not.toThrow(new RegExp(`${operator}|${viewer}`))
  })

  it.skipIf(process.platform === 'win32')('in a file that other users can open are remarked on', () => {
    const path = file(`operator=${random}`)
    const remarks = (mode: number) => {
      chmodSync(path, mode)
      return remarksOnTokens({ operator: random }, path)
    }
    for (const mode of [0o600, 0o400, 0o700]) expect(remarks(mode)).toEqual([])
    for (const mode of [0o644, 0o640, 0o604, 0o620, 0o601]) {
      expect(remarks(mode)).toEqual([
        `${path} is open to other users of this machine (mode ${mode.toString(8)}); close it with chmod 600`,
      ])
    }
    expect(remarksOnTokens({ operator: random })).toEqual([])
  })
})

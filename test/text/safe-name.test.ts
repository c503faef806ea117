// Names of teams and agents as names of files.
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { safeFileName, safeFileNames } from '../../src/text/safe-name.ts'

describe('file names', () => {
  it('are the names themselves where these are safe', () => {
    expect(safeFileNames(['agent_0', 'adversary-1', 'v1.2'])).toEqual(['agent_0', 'adversary-1', 'v1.2'])
  })

  it('stay in their folder, and are no device of Windows', () => {
    expect(['../x', '..', '.', '', '/etc/passwd', 'a\\b', 'con', 'NUL.txt', 'a.', '.hidden'].map(safeFileName)).toEqual(
      ['__' + '_x', '__', '_', '_', '_etc_passwd', 'a_b', '_con', '_NUL.txt', 'a_', '_hidden'],
    )
    expect(safeFileName('x'.repeat(1000)).length).toBe(100)
  })

  it('are told apart, the unchanged one first', () => {
    expect(safeFileNames(['a b', 'a_b', 'a/b', 'A_B'])).toEqual(['a_b-3', 'a_b', 'a_b-4', 'A_B-2'])
    expect(safeFileNames(['a/b', 'a_b-2', 'a b'])).toEqual(['a_b', 'a_b-2', 'a_b-3'])
  })

  it('hold for any names', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { maxLength: 8 }), names => {
        const files = safeFileNames(names)
        expect(files).toHaveLength(names.length)
        expect(new Set(files.map(file => file.toLowerCase())).size).toBe(files.length)
        for (const file of files) {
          expect(file).toMatch(/^[\w-]([\w.-]*[\w-])?$/)
          expect(resolve(join('/folder', file))).toBe(`/folder/${file}`)
        }
      }),
    )
  })
})

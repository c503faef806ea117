// Files that are either whole or not there.
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linkFileAtomic, sweepPartialFiles, writeFileAtomic } from '../../src/experiment/atomic-file.ts'
import { tempFolder } from '../support/temp-folder.ts'

describe('an atomic file', () => {
  it('holds all pieces one after the other, and nothing else is left in the folder', () => {
    const folder = tempFolder()
    const file = join(folder, 'data')
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), pieces => {
        writeFileAtomic(file, pieces)
        expect(readFileSync(file)).toEqual(Buffer.concat(pieces))
        expect(readdirSync(folder)).toEqual(['data'])
      }),
      { numRuns: 25 },
    )
  })

  it('is the old one when writing fails in the middle', () => {
    const folder = tempFolder()
    const file = join(folder, 'data')
    writeFileAtomic(file, [Buffer.from('old')])
    const failing = function* () {
      yield Buffer.from('new, but ')
      expect(readFileSync(file, 'utf8')).toBe('old')
      throw new Error('out of numbers')
    }
    expect(() => writeFileAtomic(file, failing())).toThrow('out of numbers')
    expect(readFileSync(file, 'utf8')).toBe('old')
    expect(readdirSync(folder)).toEqual(['data'])
  })

  it('is not there when the first writing fails', () => {
    const folder = tempFolder()
    const broken = [Buffer.from('a'), null as never]
    expect(() => writeFileAtomic(join(folder, 'data'), broken)).toThrow()
    expect(readdirSync(folder)).toEqual([])
  })

  it.skipIf(!existsSync('/dev/full'))('is the old one when the disk is full', () => {
    const folder = tempFolder()
    const file = join(folder, 'data')
    writeFileAtomic(file, [Buffer.from('old')])
    // Whatever is written to the temporary file of this one goes to a device that is always full.
    symlinkSync('/dev/full', join(folder, 'data.partial'))
    expect(() => writeFileAtomic(file, [Buffer.from('new')])).toThrow(/ENOSPC/)
    expect(readFileSync(file, 'utf8')).toBe('old')
    expect(readdirSync(folder)).toEqual(['data'])
  })

  it('has a second name that outlives the first, whatever was there and was left behind', () => {
    const folder = tempFolder()
    const [one, two] = [join(folder, 'one'), join(folder, 'two')]
    writeFileSync(two, 'before')
    writeFileSync(`${two}.partial`, 'left behind by a crash')
    writeFileAtomic(one, [Buffer.from('data')])
    for (const _ of [1, 2]) {
      linkFileAtomic(one, two)
      expect(readdirSync(folder).sort()).toEqual(['one', 'two'])
      expect(readFileSync(two, 'utf8')).toBe('data')
    }
    writeFileAtomic(one, [Buffer.from('later')])
    expect(readFileSync(two, 'utf8')).toBe('data')
  })

  it('cleans up when a folder stands in its way', () => {
    const folder = tempFolder()
    mkdirSync(join(folder, 'data', 'inner'), { recursive: true })
    expect(() => writeFileAtomic(join(folder, 'data'), [Buffer.from('a')])).toThrow()
    expect(readdirSync(folder)).toEqual(['data'])
  })

  it('needs its folder', () => {
    expect(() => writeFileAtomic(join(tempFolder(), 'missing', 'data'), [])).toThrow(/ENOENT/)
  })
})

describe('what a crash left half written', () => {
  it('is swept up, and whole files stay', () => {
    const folder = tempFolder()
    // The name that a killed writer leaves behind, seen from inside the writing.
    const left: string[] = []
    const spying = function* () {
      yield Buffer.from('x')
      left.push(...readdirSync(folder))
    }
    writeFileAtomic(join(folder, 'a.safetensors'), spying())
    expect(left).toHaveLength(1)
    writeFileSync(join(folder, left[0]!), 'half')
    sweepPartialFiles(folder)
    expect(readdirSync(folder)).toEqual(['a.safetensors'])
  })
})

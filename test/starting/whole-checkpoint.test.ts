// A run goes on from the newest checkpoint that is whole, and says what is not.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { createRunFolder, FileError, type RunFolder } from '../../src/index.ts'
import { newestWhole } from '../../src/starting/whole-checkpoint.ts'
import { tempFolder } from '../support/temp-folder.ts'

const said: string[] = []
const note = (sentence: string) => void said.push(sentence)
beforeEach(() => {
  said.length = 0
})

/** A run with checkpoints of episodes 10, 20 and 30. */
function newFolder(): { folder: RunFolder; damage: (...episodes: number[]) => void; names: () => string[] } {
  const folder = createRunFolder(join(tempFolder(), 'run'), {})
  for (const at of [10, 20, 30]) folder.writeCheckpoint(at, { numbers: Float32Array.of(at) }, { keep: 3 })
  const checkpoints = join(folder.path, 'checkpoints')
  const damage = (...episodes: number[]) => {
    for (const name of readdirSync(checkpoints).filter(name => episodes.includes(Number.parseInt(name, 10)))) {
      const bytes = readFileSync(join(checkpoints, name))
      bytes[bytes.length - 2]! ^= 8
      writeFileSync(join(checkpoints, name), bytes)
    }
  }
  return { folder, damage, names: () => readdirSync(checkpoints) }
}

it('is the newest, without a word', () => {
  expect(newestWhole(newFolder().folder, true, note)).toBe(30)
  expect(said).toEqual([])
})

it('is an older one where newer ones are damaged; those are named and set aside', () => {
  const { folder, damage, names } = newFolder()
  damage(20, 30)
  expect(newestWhole(folder, true, note)).toBe(10)
  expect(said).toHaveLength(3)
  expect(said[0]).toMatch(
    /000000030.safetensors: damaged: tensor 'numbers' .*; it is now .*000000030.safetensors.damaged$/,
  )
  expect(said[1]).toContain('000000020.safetensors.damaged')
  expect(said[2]).toMatch(/going on from the checkpoint of episode 10$/)
  expect(names()).toEqual(['000000010.safetensors', '000000020.safetensors.damaged', '000000030.safetensors.damaged'])
  expect(folder.checkpoints).toEqual([10])
})

it('leaves a folder that is only read as it is', () => {
  const { folder, damage, names } = newFolder()
  damage(30)
  expect(newestWhole(folder, false, note)).toBe(20)
  expect(said).toHaveLength(2)
  expect(names()).toContain('000000030.safetensors')
})

it('is an error where there is none', () => {
  const { folder, damage, names } = newFolder()
  damage(10, 20, 30)
  expect(() => newestWhole(folder, true, note)).toThrow(FileError)
  expect(() => newestWhole(folder, true, note)).toThrow(
    /000000030.safetensors: damaged: .*; no checkpoint of the run is whole/,
  )
  expect(names()).toHaveLength(3)
  expect(() => newestWhole(createRunFolder(join(tempFolder(), 'new'), {}), true, note)).toThrow(
    'holds no checkpoint yet',
  )
})

// The mark of the process that trains in a folder.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isAlive, markTrainer, trainerFile, trainerOf } from '../../src/experiment/trainer-mark.ts'
import { tempFolder } from '../support/temp-folder.ts'

it('says who trains in a folder, until it is taken away', () => {
  const folder = tempFolder()
  expect(trainerOf(folder)).toBeNull()
  const unmark = markTrainer(folder)
  expect(trainerOf(folder)).toBe(process.pid)
  unmark()
  expect(existsSync(join(folder, trainerFile))).toBe(false)
  // As where another one took it away.
  unmark()
})

it('tells a process that runs from one that does not', () => {
  expect(isAlive(process.pid)).toBe(true)
  expect(isAlive(2 ** 31 - 2)).toBe(false)
  for (const none of [0, -1, Number.NaN]) expect(isAlive(none)).toBe(false)
})

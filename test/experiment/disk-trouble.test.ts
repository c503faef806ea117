// What is said where a disk fails.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FileError } from '../../src/errors.ts'
import { diskTrouble } from '../../src/experiment/disk-trouble.ts'
import { tempFolder } from '../support/temp-folder.ts'

it('is a sentence with the remedy for an error of the system, and nothing for others', () => {
  let error: unknown
  try {
    readFileSync('/nowhere/at/all')
  } catch (caught) {
    error = caught
  }
  const folder = tempFolder()
  const said = diskTrouble(folder, error)
  expect(said).toBeInstanceOf(FileError)
  expect((said as Error).message).toMatch(
    /^\/nowhere\/at\/all: cannot be written: ENOENT: .*; the run stands at its newest checkpoint, and .* goes on from there$/,
  )
  expect((said as Error).message).toContain(`train --resume ${folder} goes on`)
  for (const other of [new Error('ENOSPC'), new FileError('f', 'damaged'), 'text', null])
    expect(diskTrouble(folder, other)).toBe(other)
})

it('is that the run folder is gone, whatever failed because of it', () => {
  const folder = join(tempFolder(), 'run')
  for (const error of [new Error('ENOENT'), new FileError('trainer.pid', 'was removed')])
    expect(String(diskTrouble(folder, error))).toBe(
      `Error: the run folder ${folder} is gone; it was removed or renamed while this process trained in it, which stops here and writes ` +
        'nothing more',
    )
  // What is no folder on the way to it does not say that.
  const below = join(import.meta.filename, 'run')
  const other = new Error('ENOTDIR')
  expect(diskTrouble(below, other)).toBe(other)
})

// What is said where a disk fails.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { FileError } from '../../src/errors.ts'
import { diskTrouble } from '../../src/experiment/disk-trouble.ts'

it('is a sentence with the remedy for an error of the system, and nothing for others', () => {
  let error: unknown
  try {
    readFileSync('/nowhere/at/all')
  } catch (caught) {
    error = caught
  }
  const said = diskTrouble('runs/a', error)
  expect(said).toBeInstanceOf(FileError)
  expect((said as Error).message).toMatch(
    /^\/nowhere\/at\/all: cannot be written: ENOENT: .*; the run stands at its newest checkpoint, and .* train --resume runs\/a goes on from there$/,
  )
  for (const other of [new Error('ENOSPC'), new FileError('f', 'damaged'), 'text', null])
    expect(diskTrouble('runs/a', other)).toBe(other)
})

// Sweeps of trainings of seconds, as files.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { temporaryFolder } from './command.ts'

/** Settings of trainings of a second. */
export const smallBase = {
  scenario: { id: 'simple' },
  learner: { batch: 32, updateAfter: 250 },
  network: { hidden: [16, 16] },
  run: { episodes: 60, logEvery: 10 },
}

/** A file of a sweep; `small.yaml`. */
export function writeSweep(content: object | string): string {
  const file = join(temporaryFolder(), 'small.yaml')
  writeFileSync(file, typeof content === 'string' ? content : stringify(content))
  return file
}

/** The table of trials but for the times. */
export function trialsOf(sweep: string): string {
  const lines = readFileSync(join(sweep, 'trials.csv'), 'utf8').split('\n')
  const seconds = lines[0]!.split(',').indexOf('seconds')
  return lines.map(line => line.split(',').toSpliced(seconds, 1).join(',')).join('\n')
}

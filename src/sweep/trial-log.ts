// trials.jsonl: what became of every trial, a line for each length of training it has reached; whole after a crash at any moment.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs'
import { FileError } from '../errors.ts'
import type { TrialRecord } from './trial-record.ts'

export interface TrialLog {
  /** What was recorded before this process. */
  readonly before: readonly TrialRecord[]
  /** Writes a line; it is on the disk when this returns. */
  append(record: TrialRecord): void
}

/**
 * Opens the log of a sweep, or begins one. A line that a crash tore is dropped.
 * @throws FileError where a whole line is no record
 */
export function openTrialLog(file: string): TrialLog {
  const before: TrialRecord[] = []
  if (existsSync(file)) {
    const text = readFileSync(file, 'utf8')
    const whole = text.lastIndexOf('\n') + 1
    if (whole < text.length) truncateSync(file, Buffer.byteLength(text.slice(0, whole)))
    text
      .slice(0, whole)
      .split('\n')
      .forEach((line, index) => {
        if (line !== '') before.push(recordOf(line, file, index + 1))
      })
  }
  return {
    before,
    append(record) {
      const handle = openSync(file, 'a')
      try {
        writeSync(handle, `${JSON.stringify(record)}\n`)
        fsyncSync(handle)
      } finally {
        closeSync(handle)
      }
    },
  }
}

function recordOf(line: string, file: string, number: number): TrialRecord {
  try {
    const record = JSON.parse(line) as TrialRecord
    if (Number.isInteger(record.trial) && Array.isArray(record.seeds)) return record
  } catch {
    // Said below.
  }
  throw new FileError(
    `${file}:${number}`,
    'damaged: expected the record of a trial; remove the line, and the trial is looked at again',
  )
}

// The private key of a run, in its folder: who has it can speak for the run's learner.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RunKey, runKeyFrom } from '../remote/run-key.ts'

const fileIn = (folder: string) => join(folder, 'run-key.pem')

/** Writes it where only the owner reads it. */
export function keepKey(folder: string, { pem }: RunKey): void {
  writeFileSync(fileIn(folder), pem, { mode: 0o600 })
}

/** null: the run has none yet. @throws ConfigError where the file holds none */
export function keptKey(folder: string): RunKey | null {
  const file = fileIn(folder)
  return existsSync(file) ? runKeyFrom(readFileSync(file, 'utf8'), file) : null
}

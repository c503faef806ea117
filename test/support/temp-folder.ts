// A real folder for one test.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A new empty folder; gone after the test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'marlstrom-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

// A user's file as a run keeps it: its bundled code, and what has become of the file since.
import { existsSync, readFileSync } from 'node:fs'
import { bundleFile, hashOf } from './bundle.ts'

/** The file behind a run's scenario, or behind who plays a team. */
export interface KeptSource {
  /** Where the author has it. */
  readonly file: string
  /** What the run keeps of it. */
  readonly code: string
  /** What has become of the file since the run began, as a sentence; null: nothing. */
  readonly note: string | null
}

/** The copy that a run kept of a file, held against the file as it is now. */
export async function keptSource(kept: string, file: string): Promise<KeptSource> {
  const code = readFileSync(kept, 'utf8')
  const goesOn = `the run goes on with its own copy, ${kept}`
  if (!existsSync(file)) return { file, code, note: `${file} is gone; ${goesOn}` }
  const now = await bundleFile(file).catch(() => null)
  const same = now !== null && hashOf(code) === now.hash
  return { file, code, note: same ? null : `${file} has changed since; ${goesOn}` }
}

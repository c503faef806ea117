// objectives.json in a run folder: what was measured of the run at some lengths of training, so that no job is done twice.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMissing } from '../errors.ts'
import { writeFileAtomic } from '../experiment/atomic-file.ts'

/** What became of a training. */
export interface JobResult {
  /** kept: was finished before; trained, resumed: has just been finished. */
  readonly how: 'kept' | 'trained' | 'resumed'
  readonly episodes: number
  /** By agent id: training return per episode. */
  readonly returns: Readonly<Record<string, number>>
  /** What the objective asks for; null: nothing was asked for. */
  readonly value: number | null
  /** Of this process, evaluation included. */
  readonly seconds: number
}

function fileIn(folder: string): string {
  return join(folder, 'objectives.json')
}

/** What was measured in a folder at a length, `4000` episodes or `100000 steps`; undefined: nothing, or nothing that can be read. */
export function measuredAt(folder: string, length: string | number): JobResult | undefined {
  return allIn(folder)[length]
}

/** Keeps a result. The file is whole at any moment. */
export function keepMeasured(folder: string, length: string, result: JobResult): void {
  const all = { ...allIn(folder), [length]: result }
  writeFileAtomic(fileIn(folder), [Buffer.from(`${JSON.stringify(all, null, 2)}\n`)])
}

function allIn(folder: string): Readonly<Record<string, JobResult>> {
  try {
    return JSON.parse(readFileSync(fileIn(folder), 'utf8'))
  } catch (error) {
    // What is damaged can be measured again; what cannot be read now must not be written over.
    if (isMissing(error) || error instanceof SyntaxError) return {}
    throw error
  }
}

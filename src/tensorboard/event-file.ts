// The TensorBoard event files of a run folder: a new one each time the run is trained, in the order of their names.
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeRecord, wholeRecords } from '../wire/tfrecord.ts'
import { restartEvent, type Scalar, scalarsEvent, stepOf, versionEvent } from './event.ts'

export interface EventFile {
  readonly path: string
  /** Appends numbers of an environment step. They are in the file when this returns. */
  append(envSteps: number, scalars: readonly Scalar[]): void
}

/** Whether a file of this name holds TensorBoard events. */
export function isEventFile(name: string): boolean {
  return name.includes('.tfevents.')
}

/**
 * Begins an event file in a run folder that has come to `envSteps`. Events beyond that step are cut off older files, and readers that
 * have seen them are told to forget them: a TensorBoard that is watching goes over to the new file, which begins with a restart.
 */
export function beginEventFile(
  folder: string,
  envSteps: number,
  now: () => number = () => Date.now() / 1000,
): EventFile {
  const older = existsSync(folder) ? readdirSync(folder).filter(isEventFile).sort() : []
  for (const name of older) cut(join(folder, name), envSteps)
  const path = join(folder, nameAfter(older.at(-1), now()))
  const begin = [versionEvent(now()), ...(older.length > 0 ? [restartEvent(now(), envSteps + 1)] : [])]
  writeFileSync(path, Buffer.concat(begin.map(encodeRecord)), { flag: 'wx' })
  const described = new Set<string>()
  return {
    path,
    append(step, scalars) {
      const event = scalarsEvent(now(), step, scalars, tag => !described.has(tag))
      for (const { tag } of scalars) described.add(tag)
      appendFileSync(path, encodeRecord(event))
    },
  }
}

/** Readers take the files of a folder by name, so a name is later than the one before even where the clock is not. */
function nameAfter(before: string | undefined, seconds: number): string {
  const last = Number(/\.tfevents\.(\d+)\./.exec(before ?? '')?.[1] ?? 0)
  return `events.out.tfevents.${String(Math.max(Math.floor(seconds), last + 1)).padStart(10, '0')}.marlstrom`
}

/** Drops what lies beyond a step, and a record that a crash tore. The file stays the one that a reader may hold open. */
function cut(path: string, envSteps: number): void {
  let kept = 0
  for (const { message, end } of wholeRecords(readFileSync(path))) {
    if (stepOf(message) > envSteps) break
    kept = end
  }
  if (kept < statSync(path).size) truncateSync(path, kept)
}

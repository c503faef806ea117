// Finds run folders below folders. A run folder is one that holds what training writes; runs inside it, as of opponents, belong to it.
import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A folder that is, or was, a run; or one that could not be looked into, and why. */
export interface FoundFolder {
  readonly folder: string
  /** Names in it. */
  readonly names: ReadonlySet<string>
  readonly unreadable?: string
}

/** Every run folder at or below `root`, in the order of their names; links are not followed. */
export function* findRuns(root: string): Generator<FoundFolder> {
  let entries: Dirent[]
  try {
    entries = readdirSync(root, { withFileTypes: true })
  } catch (error) {
    yield { folder: root, names: new Set(), unreadable: (error as Error).message }
    return
  }
  const names = new Set(entries.map(({ name }) => name))
  if (traces.some(name => names.has(name))) {
    yield { folder: root, names }
    return
  }
  const below = entries.filter(entry => entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name))
  for (const { name } of below.sort((a, b) => byName.compare(a.name, b.name))) yield* findRuns(join(root, name))
}

/** Bytes of all files in a folder and below; what vanishes meanwhile counts nothing. */
export function bytesIn(folder: string): number {
  let bytes = 0
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) bytes += bytesIn(path)
      else if (entry.isFile()) bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0
    }
  } catch {
    return bytes
  }
  return bytes
}

/** What only a run folder has; any of them will do, so that a run whose config is gone is noticed. */
const traces = ['metrics.jsonl', 'checkpoints', 'config.json']

/** `run-2` before `run-10`. */
const byName = new Intl.Collator('en', { numeric: true })

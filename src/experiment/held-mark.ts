// Whether the mark that a process holds open is still in its folder: the open handle is asked first, which needs no descriptor.
import { fstatSync, readSync, statSync } from 'node:fs'
import { readMark } from './trainer-mark.ts'

/** replaced: another mark is in its place. */
export type MarkState = 'held' | 'removed' | 'replaced'

/**
 * What became of the mark `text` in `file`, of which `handle` is open. Only where the system says that no such file is there, or that nothing
 * names it any more, it was removed; what cannot be looked at now is as it was.
 */
export function standingOf(file: string, handle: number, text: string): MarkState {
  const held = asked(() => fstatSync(handle, { bigint: true }))
  const unknown: MarkState = held?.nlink === 0n ? 'removed' : 'held'
  const named = asked(() => statSync(file, { bigint: true, throwIfNoEntry: false }) ?? 'none')
  if (named === 'none') return 'removed'
  if (named === undefined) return unknown
  if (named.ino === held?.ino && named.dev === held.dev) {
    return (asked(() => textOf(handle, Number(named.size))) ?? text) === text ? 'held' : 'replaced'
  }
  // Not every file system keeps its numbers: what is written there decides.
  const found = asked(() => readMark(file) ?? 'none')
  if (found === undefined) return unknown === 'held' ? 'held' : 'replaced'
  if (found === 'none') return 'removed'
  return found === text ? 'held' : 'replaced'
}

/** undefined: the system did not answer. */
function asked<T>(question: () => T): T | undefined {
  try {
    return question()
  } catch {
    return undefined
  }
}

function textOf(handle: number, bytes: number): string {
  const buffer = Buffer.alloc(Math.min(bytes, 65_536))
  return buffer.toString('utf8', 0, readSync(handle, buffer, 0, buffer.length, 0))
}

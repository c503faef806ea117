// Hooks that never come back end the command that plays the game: a thread beside its own sees to that.
import { closeSync, writeSync } from 'node:fs'
import { url } from 'node:inspector'
import { Worker } from 'node:worker_threads'
import pc from 'picocolors'
import { compiledFile } from '../installation/package-folder.ts'
import { endStuckCall, type PlayedMemory, whenPlayed } from './played-here.ts'
import { systemThread } from './thread-clock.ts'

/** What the thread beside this one is given. */
export interface WatcherData extends PlayedMemory {
  /** The system's name of the thread that plays. */
  readonly thread: string | undefined
  /** The name of the global function that ends the process, during the call of a hook with a number. */
  readonly end: string
}

const endName = 'marlstromEndStuckHook'
let watcher: Worker | undefined

/**
 * From now on a hook of a user's game that does not come back is named, and this process ends with exit code 1. Not under a debugger,
 * where people stop in hooks for as long as they like.
 */
export function endStuckHooks(): void {
  whenPlayed(memory => {
    if (watcher !== undefined || url() !== undefined) return
    ;(globalThis as Record<string, unknown>)[endName] = end
    const data: WatcherData = { ...memory, thread: systemThread(), end: endName }
    watcher = new Worker(compiledFile('authoring/hook-watcher.js'), { workerData: data })
    // Games are played without it too, and it does not keep the process alive.
    watcher.on('error', () => {})
    watcher.unref()
  })
}

/** Called through the inspector during the hook, on top of its stack. */
function end(call: number): void {
  if (url() !== undefined) return
  const sentence = endStuckCall(call)
  if (sentence === null) return
  writeSync(2, `${pc.red('error:')} ${sentence}\n`)
  // Node.js would say there that it waits for a debugger: for the thread that called this function.
  process.once('exit', () => closeSync(2))
  process.exit(1)
}

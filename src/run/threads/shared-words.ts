// The words that the calling thread and the threads of games share: what is to be done, and who is done with it.

/** Words for all; behind them a line of the cache for each thread. */
export const control = {
  /** Rises with every command. */
  generation: 0,
  /** 1: move the games; 0: read a message. */
  moves: 1,
  /** Threads that sleep. */
  sleepers: 2,
  callerSleeps: 3,
  /** Microseconds for which a thread looks out for the next command before it sleeps. */
  look: 4,
  closing: 5,
} as const

/** Words of one thread. */
export const own = {
  /** The last command that it has carried out. */
  done: 0,
  /** How that went: see `outcome`. */
  outcome: 1,
  /** Its exit code and one; 0: it runs. */
  ended: 2,
} as const

/** `moving` and `goingOn`: which part of an advance an error came from; a message about it lies in the thread's port. */
export const outcome = { well: 0, moving: 1, goingOn: 2, failed: 3 } as const

const wordsPerLine = 16

/** Where the words of a thread begin; threads are counted from 0, the calling one not among them. */
export function lineOf(thread: number): number {
  return wordsPerLine * (thread + 1)
}

export function createWords(threads: number): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * lineOf(threads))
}

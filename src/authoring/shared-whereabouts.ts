// Which hook a game in another thread is running, in shared memory, so that it is known while that thread is stuck.
import { hookNames } from '../envs/validate-scenario.ts'
import { gameMethods, type Whereabouts } from '../envs/watched-hooks.ts'
import type { ThreadClock } from './thread-clock.ts'

/** Every name that can stand on the board; 0 is none. */
const names: readonly string[] = [...new Set(['', 'loading', 'create', 'act', ...gameMethods, ...hookNames])]
const places = { calls: 0, hook: 1, agent: 2, step: 3, seed: 4, kind: 5, last: 6 } as const

/** How often the watching thread looks, in milliseconds. */
const lookEvery = 200

export function createBoardMemory(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(4 * Object.keys(places).length)
  new Int32Array(memory)[places.agent] = -1
  return memory
}

/**
 * Whereabouts that are written straight into the memory. One thread writes, in plain stores, which cost next to nothing; the other one
 * looks a few times a second.
 */
export function sharedWhereabouts(memory: SharedArrayBuffer): Whereabouts {
  const words = new Int32Array(memory)
  const begin = (code: number) => {
    words[places.last] = code
    words[places.hook] = code
    words[places.calls]!++
  }
  return {
    get hook() {
      return names[words[places.hook]!]!
    },
    set hook(name: string) {
      if (name === '') words[places.hook] = 0
      else begin(codeOf(name))
    },
    get last() {
      return names[words[places.last]!]!
    },
    set last(name: string) {
      words[places.last] = codeOf(name)
    },
    get agent() {
      return words[places.agent]!
    },
    set agent(index: number) {
      words[places.agent] = index
    },
    get step() {
      return words[places.step]!
    },
    set step(step: number) {
      words[places.step] = step
    },
    get seed() {
      return words[places.seed]! >>> 0
    },
    set seed(seed: number) {
      words[places.seed] = seed
    },
    get kind() {
      return words[places.kind] === 0 ? 'hook' : 'method'
    },
    set kind(kind: 'hook' | 'method') {
      words[places.kind] = kind === 'hook' ? 0 : 1
    },
    entering(name) {
      const code = codeOf(name)
      return agent => {
        const before = words[places.hook]!
        words[places.agent] = agent
        begin(code)
        return before
      }
    },
    leave(before) {
      words[places.hook] = before as number
    },
    reach(step) {
      words[places.step] = step
    },
  }
}

function codeOf(name: string): number {
  return Math.max(0, names.indexOf(name))
}

/**
 * Looks a few times a second, and calls `stuck` when a call of a hook does not come back, with its number; `stuck` says whether that is the
 * end of the watch. Returns what ends it. `keepsAlive`: whether the watching thread lives as long as it watches.
 */
export function watchBoard(
  memory: SharedArrayBuffer,
  seconds: () => number,
  clock: ThreadClock,
  stuck: (call: number) => boolean,
  { keepsAlive = false }: { readonly keepsAlive?: boolean } = {},
): () => void {
  const look = boardLook(memory, clock)
  const timer = setInterval(() => {
    const call = look(seconds())
    if (call !== null && stuck(call)) clearInterval(timer)
  }, lookEvery)
  if (!keepsAlive) timer.unref()
  return () => clearInterval(timer)
}

/**
 * To be called a few times a second: gives the number of a call of a hook that has not come back for so many seconds of its thread's time,
 * 0: any number; null: there is none.
 */
export function boardLook(memory: SharedArrayBuffer, clock: ThreadClock): (seconds: number) => number | null {
  const words = new Int32Array(memory)
  let call = -1
  return seconds => {
    clock.look()
    const now = Atomics.load(words, places.calls)
    const goesOn = now !== call || Atomics.load(words, places.hook) === 0
    if (!goesOn && !(seconds > 0 && clock.passed(seconds))) return null
    clock.restart()
    if (!goesOn) return call
    call = now
    return null
  }
}

/** What is said of something that does not come back. */
export function stuckSentence(what: string, seconds: number): string {
  return `${what} did not come back for ${seconds} seconds: look for a loop that never ends`
}

/** Whether a call of a hook is still under way. */
export function isUnderWay(memory: SharedArrayBuffer, call: number): boolean {
  const words = new Int32Array(memory)
  return words[places.calls] === call && words[places.hook] !== 0
}

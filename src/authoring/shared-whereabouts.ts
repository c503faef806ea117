// Where a game in another thread is, in memory that both threads see: also while its thread is stuck and answers nothing.
import { hookNames } from '../envs/validate-scenario.ts'
import { gameMethods, type Whereabouts } from '../envs/watched-hooks.ts'

/** Every name that can stand on the board; 0 is none. */
const names: readonly string[] = ['', 'loading', 'create', ...gameMethods, ...hookNames]
const places = { beats: 0, hook: 1, agent: 2, step: 3, seed: 4 } as const

export function createBoardMemory(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(4 * Object.keys(places).length)
  new Int32Array(memory)[places.agent] = -1
  return memory
}

/** Whereabouts that are written straight into the memory. */
export function sharedWhereabouts(memory: SharedArrayBuffer): Whereabouts {
  const words = new Int32Array(memory)
  return {
    last: '',
    get hook() {
      return names[Atomics.load(words, places.hook)]!
    },
    set hook(name: string) {
      Atomics.store(words, places.hook, Math.max(0, names.indexOf(name)))
      Atomics.add(words, places.beats, 1)
    },
    get agent() {
      return Atomics.load(words, places.agent)
    },
    set agent(index: number) {
      Atomics.store(words, places.agent, index)
    },
    get step() {
      return Atomics.load(words, places.step)
    },
    set step(step: number) {
      Atomics.store(words, places.step, step)
    },
    get seed() {
      return Atomics.load(words, places.seed)
    },
    set seed(seed: number) {
      Atomics.store(words, places.seed, seed)
    },
  }
}

/**
 * Calls `stuck` once when one and the same call of a hook has not come back for `patience` milliseconds. Returns what ends the watch.
 */
export function watchBoard(
  memory: SharedArrayBuffer,
  patience: number,
  stuck: (where: Whereabouts) => void,
): () => void {
  const words = new Int32Array(memory)
  let beats = -1
  let since = performance.now()
  const timer = setInterval(() => {
    const now = Atomics.load(words, places.beats)
    if (now !== beats || Atomics.load(words, places.hook) === 0) {
      beats = now
      since = performance.now()
    } else if (performance.now() - since >= patience) {
      clearInterval(timer)
      stuck({ ...sharedWhereabouts(memory) })
    }
  }, 200)
  timer.unref()
  return () => clearInterval(timer)
}

// Flow control between the thread that plays and the one that shows: how many messages may wait.

/** Messages that may wait. */
const mostWaiting = 32
const places = { begun: 0, done: 1 } as const

export function createFlowMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * Object.keys(places).length)
}

export interface Flow {
  /** One message more is on its way: waits until there is room for it. */
  begin(): void
}

/** For the thread that sends. */
export function sharedFlow(memory: SharedArrayBuffer): Flow {
  const words = new Int32Array(memory)
  return {
    begin() {
      const begun = Atomics.add(words, places.begun, 1) + 1
      for (;;) {
        const done = Atomics.load(words, places.done)
        if (begun - done <= mostWaiting) return
        Atomics.wait(words, places.done, done)
      }
    },
  }
}

/** For the thread that receives: a message was taken. */
export function messageTaken(memory: SharedArrayBuffer): void {
  const words = new Int32Array(memory)
  Atomics.add(words, places.done, 1)
  Atomics.notify(words, places.done)
}

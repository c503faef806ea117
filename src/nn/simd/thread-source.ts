// The program of a kernel thread, in plain JavaScript: a worker cannot start from a TypeScript file, so it is handed over as text.

/** Words of the control block; kernels/thread-pool.ts knows `done` and what follows it. */
export const control = {
  generation: 0,
  sleepers: 1,
  ready: 2,
  closing: 3,
  failed: 4,
  callerSleeps: 5,
  rests: 6,
  done: 16,
  queues: 32,
  queueWords: 32,
  at: 16,
} as const

/** How long a thread looks out for the next job before it sleeps. */
const spinMilliseconds = 0.2

/** Takes chunks while there are any, looks out for more for a while, then sleeps until the generation changes. */
export const threadSource = `
const { module, memory, native, index, threads, controlAt, jobAt, messageAt } = require('node:worker_threads').workerData
const words = new Int32Array(memory.buffer, controlAt, ${control.queues})
try {
  let sgemm = () => {}
  if (native) {
    const library = require(native.koffi).load(native.library)
    sgemm = library.func(native.prototype)
    if (native.oneThread) library.func(native.oneThread)(1)
  }
  const { runShare } = new WebAssembly.Instance(module, { env: { memory, sgemm, base: native ? native.base : 0 } }).exports
  Atomics.add(words, ${control.ready}, 1)
  Atomics.notify(words, ${control.ready})
  while (Atomics.load(words, ${control.closing}) === 0) {
    const generation = Atomics.load(words, ${control.generation})
    runShare(controlAt, jobAt, threads, index)
    if (Atomics.load(words, ${control.callerSleeps}) === 1) Atomics.notify(words, ${control.done})
    const until = performance.now() + ${spinMilliseconds}
    for (let polls = 1; Atomics.load(words, ${control.generation}) === generation; polls++) {
      if (polls % 256 !== 0 || (performance.now() < until && Atomics.load(words, ${control.rests}) === 0)) continue
      Atomics.add(words, ${control.sleepers}, 1)
      Atomics.wait(words, ${control.generation}, generation)
      Atomics.sub(words, ${control.sleepers}, 1)
    }
  }
} catch (error) {
  const bytes = new TextEncoder().encode(String(error && error.message)).subarray(0, 255)
  const message = new Uint8Array(memory.buffer, messageAt, 256)
  message.set(bytes)
  message[bytes.length] = 0
  Atomics.store(words, ${control.failed}, index + 1)
  Atomics.notify(words, ${control.done})
  Atomics.notify(words, ${control.ready})
}
`

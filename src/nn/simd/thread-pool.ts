// The threads of a backend. A job is handed to all of them, the calling one included; small ones stay with the caller.
import { Worker } from 'node:worker_threads'
import { type JobKind, jobCode } from './job.ts'
import { Area, type SimdMemory } from './memory.ts'
import { control, threadSource } from './thread-source.ts'

export interface ThreadPoolOptions {
  /** Threads in all, the calling one included. */
  readonly threads: number
  /** For tests: the program of a thread, and how long the caller waits for one to start, and to finish a job. */
  readonly source?: string
  readonly startMilliseconds?: number
  readonly jobMilliseconds?: number
}

export const mostThreads = 64

// In nanoseconds of one core: work below them is done sooner by the caller alone. Handing over is cheap while the others look
// out for work, but they may be at the far end of the cache; once they sleep, they come too late for less.
const leastWork = 4_000
const leastToWake = 30_000
const sliceMilliseconds = 1000
// How long the caller looks out for the last chunks before it sleeps: on a busy machine its core may be what the others wait for.
const lookMilliseconds = 0.1
// A thread that is late by more than this had its core taken away. Then the caller works alone for fifty times as long as it
// waited, before it hands over again: where others need the cores, several threads must not be slower than one.
const lateMilliseconds = 0.5
const aloneFactor = 50

/**
 * `run` carries out the job whose words were written before. Its results are the same bits for any number of threads, since every
 * chunk has outputs of its own and computes them as it would alone. Threads start with the first job that is worth it.
 */
export class ThreadPool {
  readonly threads: number
  /** The arguments of the next job, from word 8 on, as whole numbers, float32 and float64. */
  readonly words: Int32Array
  readonly floats: Float32Array
  readonly doubles: Float64Array
  readonly #memory: SimdMemory
  readonly #rooms: Area
  readonly #control: Int32Array
  readonly #message: number
  readonly #source: string
  readonly #startMilliseconds: number
  readonly #jobMilliseconds: number
  readonly #workers: Worker[] = []
  #room = 0
  #serial = 0
  #aloneUntil = 0
  #broken: Error | undefined

  /** @throws RangeError for a number of threads that makes no sense. */
  constructor(memory: SimdMemory, options: ThreadPoolOptions) {
    const { threads, source = threadSource, startMilliseconds = 10_000, jobMilliseconds = 10_000 } = options
    if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads) {
      throw new RangeError(`simd: threads must be a whole number from 1 to ${mostThreads}, got ${threads}`)
    }
    this.threads = threads
    this.#memory = memory
    this.#source = source
    this.#startMilliseconds = startMilliseconds
    this.#jobMilliseconds = jobMilliseconds
    this.#rooms = new Area(memory)
    const job = memory.allocate(128)
    this.words = memory.integers(job, 32)
    this.floats = memory.floats(job, 32)
    this.doubles = memory.doubles(job, 16)
    const length = control.queues + control.queueWords * threads
    this.#control = memory.integers(memory.allocate(4 * length), length)
    this.#message = memory.allocate(256)
  }

  /**
   * Carries out the job in chunks of `perChunk` items; `room`: bytes of working space that each thread needs; `nanoseconds`: about
   * what it all takes one core.
   * @throws Error when a thread failed, ended, or did not finish in time; then and ever after.
   */
  run(kind: JobKind, items: number, perChunk: number, room: number, nanoseconds: number): void {
    const { words } = this
    const { kernels } = this.#memory
    if (this.#broken !== undefined) throw this.#broken
    if (room > this.#room) this.#room = Math.ceil(room / 64) * 64
    const chunks = Math.ceil(items / perChunk)
    words[0] = jobCode[kind]
    words[1] = ++this.#serial
    words[2] = items
    words[3] = perChunk
    words[4] = this.#rooms.at(this.threads * this.#room)
    words[5] = this.#room
    if (this.threads === 1 || chunks < 2 || nanoseconds < leastWork || this.#isAlone()) {
      kernels.runAll(words.byteOffset, chunks)
      return
    }
    const flags = this.#control
    // A thread that failed after its last chunk left nobody waiting for it.
    if (Atomics.load(flags, control.failed) > 0)
      this.#look(kind, performance.now(), this.#jobMilliseconds, () => this.#busyThread())
    if (this.#workers.length === 0) this.#start()
    else if (nanoseconds < leastToWake && Atomics.load(flags, control.sleepers) > 0) {
      kernels.runAll(words.byteOffset, chunks)
      return
    }
    Atomics.store(flags, control.done, 0)
    for (let thread = 0; thread < this.threads; thread++) {
      const from = Math.floor((chunks * thread) / this.threads)
      const end = Math.floor((chunks * (thread + 1)) / this.threads)
      Atomics.store(flags, control.queues + control.queueWords * thread, from * 65536 + end)
    }
    Atomics.store(flags, control.rests, 0)
    Atomics.add(flags, control.generation, 1)
    if (Atomics.load(flags, control.sleepers) > 0) Atomics.notify(flags, control.generation)
    kernels.runShare(flags.byteOffset, words.byteOffset, this.threads, 0)
    if (Atomics.load(flags, control.done) !== chunks) this.#join(kind, chunks, nanoseconds / chunks)
  }

  /** The threads sleep until the next job, instead of looking out for it. */
  rest(): void {
    Atomics.store(this.#control, control.rests, 1)
  }

  /** Ends the threads. */
  dispose(): void {
    Atomics.store(this.#control, control.closing, 1)
    Atomics.add(this.#control, control.generation, 1)
    Atomics.notify(this.#control, control.generation)
    for (const worker of this.#workers) {
      worker.removeAllListeners()
      void worker.terminate()
    }
    this.#workers.length = 0
    this.#broken ??= new Error('simd: this backend was disposed')
  }

  /** Starts the others and waits until they look out for work: an unreferenced worker must be running first. */
  #start(): void {
    const flags = this.#control
    for (let index = 1; index < this.threads; index++) {
      const worker = new Worker(this.#source, {
        eval: true,
        execArgv: [],
        workerData: {
          ...this.#memory.shared,
          index,
          threads: this.threads,
          controlAt: flags.byteOffset,
          jobAt: this.words.byteOffset,
          messageAt: this.#message,
        },
      })
      worker.on('error', error => this.#end(new Error(`simd: thread ${index + 1} failed: ${error.message}`)))
      worker.on('exit', code => this.#end(new Error(`simd: thread ${index + 1} ended early (exit code ${code})`)))
      this.#workers.push(worker)
    }
    const started = performance.now()
    for (;;) {
      const ready = Atomics.load(flags, control.ready)
      if (ready >= this.threads - 1) break
      this.#look('start', started, this.#startMilliseconds, () => ready + 2)
      Atomics.wait(flags, control.ready, ready, sliceMilliseconds)
    }
    for (const worker of this.#workers) worker.unref()
  }

  /** Waits for the chunks that others still work on: looking for a while, then asleep in slices. */
  #join(kind: JobKind, chunks: number, nanosecondsPerChunk: number): void {
    const flags = this.#control
    const started = performance.now()
    for (;;) {
      for (let polls = 0; polls < 1000; polls++) {
        if (Atomics.load(flags, control.done) !== chunks) continue
        const waited = performance.now() - started - 2e-6 * nanosecondsPerChunk
        if (waited > lateMilliseconds) this.#aloneUntil = performance.now() + aloneFactor * waited
        return
      }
      this.#look(kind, started, this.#jobMilliseconds, () => this.#busyThread())
      if (performance.now() - started < lookMilliseconds) continue
      Atomics.store(flags, control.callerSleeps, 1)
      const done = Atomics.load(flags, control.done)
      if (done !== chunks) Atomics.wait(flags, control.done, done, Math.min(sliceMilliseconds, this.#jobMilliseconds))
      Atomics.store(flags, control.callerSleeps, 0)
    }
  }

  /** Whether threads were late a short while ago. */
  #isAlone(): boolean {
    if (this.#aloneUntil === 0) return false
    if (performance.now() < this.#aloneUntil) return true
    this.#aloneUntil = 0
    return false
  }

  /** @throws Error when a thread failed, or when patience is at its end. While the caller waits, no event of a worker arrives. */
  #look(what: string, started: number, patience: number, culprit: () => number): void {
    const failed = Atomics.load(this.#control, control.failed)
    if (failed > 0)
      this.#end(new Error(`simd: thread ${failed} failed in ${what}: ${this.#memory.text(this.#message)}`))
    else if (performance.now() - started > patience) {
      this.#end(new Error(`simd: thread ${culprit()} did not finish ${what}`))
    }
    if (this.#broken !== undefined) throw this.#broken
  }

  /** The number, from 1, of a thread that is at a chunk. */
  #busyThread(): number {
    for (let thread = 1; thread < this.threads; thread++) {
      if (Atomics.load(this.#control, control.queues + control.queueWords * thread + control.at) !== 0)
        return thread + 1
    }
    return this.threads
  }

  #end(error: Error): void {
    this.#broken ??= error
  }
}

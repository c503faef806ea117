// The threads that play games beside the calling one: started, given commands, waited for, and watched while they are waited for.
import { url } from 'node:inspector'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { placeOfName } from '../../authoring/error-place.ts'
import { stuckCall } from '../../authoring/played-here.ts'
import { boardLook, sharedWhereabouts } from '../../authoring/shared-whereabouts.ts'
import { systemTime, type ThreadClock, threadClock } from '../../authoring/thread-clock.ts'
import type { GameAnswer, GameCommand, GameThreadData, ThreadGames } from './game-messages.ts'
import { control, createWords, lineOf, outcome, own } from './shared-words.ts'
import { asError } from './thrown.ts'

export interface GameThreadsOptions {
  /** The compiled program of a thread, game-thread.ts. */
  readonly program: string
  /** Seconds of its thread's time that a hook of a user's file may take; 0: any number. */
  readonly hookSeconds: number
  /** For tests: seconds of a thread's time after which games that ship have not come back. */
  readonly patience?: number
}

/** How long the calling thread looks out for the others before it sleeps: on a busy machine its core may be what they wait for. */
const lookMilliseconds = 0.1
/** How long it sleeps before it looks after them. */
const sliceMilliseconds = 200
/** Threads look out for the next step for so long, unless there was more time than that between the last two: then they sleep at once. */
const threadsLook = 0.1
/** Seconds after which a thread that has not begun to run never will; six times as long where its time is not known. */
const startPatience = 10

/** What `moved` found. `during`: of the games that were being moved, or of those that went on or began anew. */
export interface GamesFailure {
  readonly during: 'moving' | 'goingOn'
  readonly error: unknown
}

interface GameThread {
  readonly worker: Worker
  readonly port: MessagePort
  readonly line: number
  readonly games: ThreadGames
  here?: Extract<GameAnswer, { type: 'here' }>
  /** Gives the number of a call of a hook that does not come back. */
  look?: (seconds: number) => number | null
}

export class GameThreads {
  readonly #words: Int32Array
  readonly #threads: readonly GameThread[]
  readonly #hookSeconds: number
  readonly #patience: number
  #generation = 0
  #rested = 0
  #broken: Error | undefined

  /** Starts a thread for each share of the games; `ask` makes them. */
  constructor(shares: readonly ThreadGames[], { program, hookSeconds, patience = 60 }: GameThreadsOptions) {
    const words = createWords(shares.length)
    this.#words = new Int32Array(words)
    this.#hookSeconds = hookSeconds
    this.#patience = patience
    this.#threads = shares.map((games, thread) => {
      const { port1, port2 } = new MessageChannel()
      const workerData: GameThreadData = { words, thread, port: port2, games }
      const worker = new Worker(program, { workerData, transferList: [port2], execArgv: [] })
      worker.on('error', error => this.#end(new Error(`${nameOf(thread)} failed: ${error.message}`)))
      worker.on('exit', code => {
        this.#look(this.#threads[thread]!, thread)
        this.#end(new Error(`${nameOf(thread)} ended early (exit code ${code})`))
      })
      return { worker, port: port1, line: lineOf(thread), games }
    })
  }

  /**
   * Has every thread carry out a command of its own; what they answer. `meanwhile`: what the calling thread does.
   * @throws whatever one of them throws
   */
  ask(commands: readonly GameCommand[], meanwhile: () => void = () => {}): readonly GameAnswer[] {
    commands.forEach((command, thread) => void this.#threads[thread]!.port.postMessage(command))
    this.#command(0)
    let failed: { error: unknown } | undefined
    try {
      meanwhile()
    } catch (error) {
      failed = { error }
    }
    this.#join()
    // They run: only now may they be what the process does not wait for.
    if (this.#generation === 1) for (const { worker } of this.#threads) worker.unref()
    const answers = this.#threads.map(thread => this.#answerOf(thread))
    if (failed !== undefined) throw failed.error
    for (const answer of answers) if (answer.type === 'thrown') throw asError(answer.thrown)
    return answers
  }

  /** Has all games moved; `moved` must follow. */
  move(): void {
    const gap = performance.now() - this.#rested
    Atomics.store(this.#words, control.look, gap < threadsLook ? 1000 * threadsLook : 0)
    this.#command(1)
  }

  /** Waits until all have been moved; what went wrong, in the order of the games. */
  moved(): readonly GamesFailure[] {
    this.#join()
    this.#rested = performance.now()
    const failures: GamesFailure[] = []
    for (const thread of this.#threads) {
      const came = this.#words[thread.line + own.outcome]!
      if (came === outcome.well) continue
      const answer = this.#answerOf(thread) as Extract<GameAnswer, { type: 'thrown' }>
      failures.push({ during: came === outcome.moving ? 'moving' : 'goingOn', error: asError(answer.thrown) })
    }
    return failures
  }

  /** Ends the threads. */
  dispose(): void {
    this.#broken ??= new Error('the threads of these games were ended')
    Atomics.store(this.#words, control.closing, 1)
    Atomics.add(this.#words, control.generation, 1)
    Atomics.notify(this.#words, control.generation)
    for (const { worker } of this.#threads) {
      worker.removeAllListeners()
      void worker.terminate()
    }
  }

  #command(moves: number): void {
    if (this.#broken !== undefined) throw this.#broken
    const words = this.#words
    words[control.moves] = moves
    this.#generation++
    Atomics.store(words, control.generation, this.#generation)
    if (Atomics.load(words, control.sleepers) > 0) Atomics.notify(words, control.generation)
  }

  /** @throws Error when a thread ended or does not come back; then and ever after. */
  #join(): void {
    for (let thread = 0; thread < this.#threads.length; thread++) this.#await(this.#threads[thread]!, thread)
  }

  #await(thread: GameThread, number: number): void {
    const words = this.#words
    const at = thread.line + own.done
    const began = performance.now()
    let clock: ThreadClock | undefined
    for (;;) {
      for (let polls = 0; polls < 500; polls++) if (Atomics.load(words, at) === this.#generation) return
      if (performance.now() - began < lookMilliseconds) continue
      Atomics.store(words, control.callerSleeps, 1)
      const done = Atomics.load(words, at)
      if (done !== this.#generation) Atomics.wait(words, at, done, sliceMilliseconds)
      Atomics.store(words, control.callerSleeps, 0)
      if (performance.now() - began < sliceMilliseconds) continue
      clock ??= threadClock(() => (thread.here === undefined ? null : systemTime(thread.here.thread)()))
      this.#look(thread, number)
      this.#lookAtGames(thread, number, clock)
      if (this.#broken !== undefined) throw this.#broken
    }
  }

  /** Whether the thread is there at all. */
  #look(thread: GameThread, number: number): void {
    const code = Atomics.load(this.#words, thread.line + own.ended) - 1
    const { scenario } = thread.games
    if (code >= 0) {
      const sentence =
        typeof scenario === 'string'
          ? `${nameOf(number)} ended early (exit code ${code})`
          : `${scenario.file}: it ended its thread with code ${code}; a game must not call process.exit`
      this.#end(new Error(sentence))
    }
    this.#greet(thread)
    const { here } = thread
    if (here?.thread !== undefined && systemTime(here.thread)() === null) {
      this.#end(new Error(`${nameOf(number)} ended early: it may have run out of memory`))
    }
  }

  /** Whether its games come back. Not under a debugger, where people stop in hooks for as long as they like. */
  #lookAtGames(thread: GameThread, number: number, clock: ThreadClock): void {
    clock.look()
    const { scenario, memory } = thread.games
    if (url() !== undefined) return
    if (typeof scenario !== 'string' && thread.here !== undefined) {
      const { board } = thread.here
      thread.look ??= boardLook(board, threadClock(systemTime(thread.here.thread)))
      if (thread.look(this.#hookSeconds) === null) return
      const where = sharedWhereabouts(board)
      const ids = memory.agents.map(({ id }) => id)
      const place = placeOfName(where.hook, [scenario.file]) ?? scenario.file
      this.#end(new Error(stuckCall(where, ids, this.#hookSeconds, place)))
    } else if (clock.passed(thread.here === undefined ? startPatience : this.#patience)) {
      this.#end(new Error(`${nameOf(number)} did not come back`))
    }
  }

  /** Takes the message that a thread begins with. */
  #greet(thread: GameThread): void {
    if (thread.here !== undefined) return
    const received = receiveMessageOnPort(thread.port) as { message: GameAnswer } | undefined
    if (received?.message.type === 'here') thread.here = received.message
  }

  /** What a thread that is done has said last. */
  #answerOf(thread: GameThread): GameAnswer {
    this.#greet(thread)
    return (receiveMessageOnPort(thread.port) as { message: GameAnswer }).message
  }

  #end(error: Error): void {
    if (this.#broken !== undefined) return
    this.#broken = error
    this.dispose()
  }
}

/** The calling thread is the first. */
function nameOf(thread: number): string {
  return `games: thread ${thread + 2}`
}

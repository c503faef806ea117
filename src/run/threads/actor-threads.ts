// Actors in threads beside the calling one: started with the first ticket, given tickets, slept for, and begun again where one is lost.
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { keptVersions } from '../../actors/actor-weights.ts'
import type { ActorPool, Arrival, Ticket } from '../../actors/experience-source.ts'
import { createMessageLayout, type TrajectoryMemory, type TrajectoryShape } from '../../actors/trajectory-message.ts'
import type { RunConfig } from '../config/config.ts'
import { type ActorAnswer, type ActorThreadData, actorWords } from './actor-messages.ts'
import { asError } from './thrown.ts'

export interface ActorThreadsOptions {
  /** The compiled program of a thread, actor-thread.ts. */
  readonly program: string
  readonly threads: number
  /** Every setting of the run. */
  readonly config: RunConfig
  readonly shape: TrajectoryShape
  /** Numbers of a version of the weights, and how many versions are kept. */
  readonly weights: number
  readonly versions: number
}

export interface ActorThreads extends ActorPool {
  /** For tests: ends a thread as if it were lost. */
  lose(thread: number): Promise<unknown>
}

/** Threads that may be lost one after the other while nothing is played. */
const mostLosses = 3

interface ActorThread {
  readonly worker: Worker
  readonly port: MessagePort
  hasEnded: boolean
}

/** Actor a is played by thread a modulo their number. */
export function createActorThreads(options: ActorThreadsOptions): ActorThreads {
  const { program, threads: count, config, shape, weights, versions: kept } = options
  const { actors, lag } = config.run as { readonly actors: number; readonly lag: number }
  const layout = createMessageLayout(shape)
  const versions = keptVersions(new SharedArrayBuffer(Math.max(4, 4 * weights * kept)), weights, kept)
  const words = new Int32Array(new SharedArrayBuffer(4 * Object.keys(actorWords).length))
  const buffers = new Map<number, readonly SharedArrayBuffer[]>()
  const memories = new Map<number, readonly TrajectoryMemory[]>()
  const threads: (ActorThread | undefined)[] = new Array(count)
  let lost: number[] = []
  let losses = 0
  let reason = 'is there memory left?'
  let generation = 0
  let isOver = false

  const actorsOf = (thread: number) =>
    Array.from({ length: actors }, (_, actor) => actor).filter(actor => actor % count === thread)

  const start = (thread: number): ActorThread => {
    for (const actor of actorsOf(thread)) {
      if (buffers.has(actor)) continue
      const places = Array.from({ length: lag + 1 }, () => new SharedArrayBuffer(layout.bytes))
      buffers.set(actor, places)
      memories.set(actor, places.map(layout.memoryOf))
    }
    const { port1, port2 } = new MessageChannel()
    const workerData: ActorThreadData = {
      port: port2,
      config,
      versions: { memory: versions.buffer as SharedArrayBuffer, size: weights, count: kept },
      memories: new Map(actorsOf(thread).map(actor => [actor, buffers.get(actor)!])),
      words: words.buffer as SharedArrayBuffer,
    }
    const worker = new Worker(program, { workerData, transferList: [port2], execArgv: [] })
    const started: ActorThread = { worker, port: port1, hasEnded: false }
    worker.on('error', error => void (reason = error.message))
    worker.on('exit', () => {
      started.hasEnded = true
      if (isOver) return
      losses++
      lost.push(...actorsOf(thread))
    })
    worker.unref()
    return started
  }

  /** What a thread has said since it was last asked. */
  const answersOf = ({ port }: ActorThread): ActorAnswer[] => {
    const answers: ActorAnswer[] = []
    for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
      answers.push(got.message as ActorAnswer)
    }
    return answers
  }
  const arrivals = (): Arrival[] =>
    threads.flatMap(thread =>
      (thread === undefined ? [] : answersOf(thread)).flatMap((answer): Arrival[] => {
        if (answer.type === 'thrown') {
          if (answer.generation !== null && answer.generation < generation) return []
          throw asError(answer.thrown)
        }
        const { ticket, version, state } = answer
        losses = 0
        return [
          { ticket, version, state, memory: ticket.place === null ? null : memories.get(ticket.actor)![ticket.place]! },
        ]
      }),
    )

  return {
    play(ticket: Ticket) {
      generation = ticket.generation
      const number = ticket.actor % count
      const thread = threads[number]
      if (thread?.hasEnded === false) return thread.port.postMessage(ticket)
      // Where one is lost that is not known yet: then all is asked for again, from where its actors begin.
      if (ticket.from === undefined) return
      threads[number] = start(number)
      threads[number].port.postMessage(ticket)
    },
    publish(published, version) {
      versions.at(version).set(published)
      Atomics.store(words, actorWords.newest, version)
    },
    collect(milliseconds) {
      const answers = Atomics.load(words, actorWords.answers)
      let played = arrivals()
      if (played.length === 0 && lost.length === 0 && milliseconds > 0) {
        Atomics.wait(words, actorWords.answers, answers, milliseconds)
        played = arrivals()
      }
      if (losses > mostLosses * count) {
        throw new Error(`actors: threads end before they have played anything, ${losses} of them by now: ${reason}`)
      }
      const found = { played, lost }
      lost = []
      return found
    },
    lose: thread => threads[thread]!.worker.terminate(),
    dispose() {
      isOver = true
      for (const thread of threads) void thread?.worker.terminate()
    },
  }
}

// Actors on other machines, as the learner's thread sees them: a pool like any other, behind a thread that speaks with Redis.
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { keptVersions } from '../../actors/actor-weights.ts'
import type { ActorPool, Arrival } from '../../actors/experience-source.ts'
import { createMessageLayout, type TrajectoryShape } from '../../actors/trajectory-message.ts'
import { compiledFile } from '../../installation/package-folder.ts'
import type { RunConfig } from '../config/config.ts'
import { actorWords } from '../threads/actor-messages.ts'
import { asError } from '../threads/thrown.ts'
import type { LinkAnswer, LinkData, LinkOrder } from './remote-messages.ts'
import type { RemoteActorsPlace } from './remote-place.ts'

export interface RemoteActorsOptions extends RemoteActorsPlace {
  /** Is told what a person should know: who is refused, that Redis is away. */
  readonly note: (sentence: string) => void
}

export interface RemoteActorsNeeds {
  readonly config: RunConfig
  /** Code of the scenario as it is played; null: it ships with marlstrom. */
  readonly code: string | null
  readonly shape: TrajectoryShape
  /** Numbers of a version of the weights, and how many versions are kept. */
  readonly weights: number
  readonly versions: number
}

/** Whether what actors played is played again with weights that nobody can foresee: those of some time ago are needed then. */
export function keepsPast({ run: { actorOrder, verifyActors } }: RunConfig): boolean {
  return actorOrder === 'arrival' && verifyActors > 0
}

const program = compiledFile('run/remote/link-thread.js')

export function createRemoteActors(options: RemoteActorsOptions, needs: RemoteActorsNeeds): ActorPool {
  const { note, ...redis } = options
  const { config, code, shape, weights, versions: kept } = needs
  const { actors, lag } = config.run as { readonly actors: number; readonly lag: number }
  const layout = createMessageLayout(shape)
  const versions = keptVersions(new SharedArrayBuffer(Math.max(4, 4 * weights * kept)), weights, kept)
  const words = new Int32Array(new SharedArrayBuffer(4 * Object.keys(actorWords).length))
  const buffers = Array.from({ length: actors }, () =>
    Array.from({ length: lag + 1 }, () => new SharedArrayBuffer(layout.bytes)),
  )
  const memories = buffers.map(places => places.map(layout.memoryOf))
  const { port1: port, port2 } = new MessageChannel()
  const workerData: LinkData = {
    ...{ port: port2, config, code, redis, memories: buffers, words: words.buffer as SharedArrayBuffer },
    versions: { memory: versions.buffer as SharedArrayBuffer, size: weights, count: kept },
  }
  const worker = new Worker(program, { workerData, transferList: [port2], execArgv: [] })
  let failure: Error | null = null
  let isClosed = false
  worker.on('error', error => {
    failure = error
  })
  worker.on('exit', () => {
    if (!isClosed) failure ??= new Error('actors: the thread that speaks with Redis has ended')
  })
  worker.unref()
  port.unref()
  const order = (what: LinkOrder) => port.postMessage(what)
  let players: readonly (string | null)[] = []

  const takeIn = () => {
    const found: { played: Arrival[]; lost: number[]; distrusted: number[] } = { played: [], lost: [], distrusted: [] }
    for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
      const answer = got.message as LinkAnswer
      if (answer.type === 'thrown') throw asError(answer.thrown)
      if (answer.type === 'note') note(answer.sentence)
      else if (answer.type === 'players') players = answer.of
      else if (answer.type === 'lost') {
        found.lost.push(...answer.actors)
        if (answer.isDistrusted) found.distrusted.push(...answer.actors)
      } else {
        const { ticket, version, state } = answer
        const memory = ticket.place === null ? null : memories[ticket.actor]![ticket.place]!
        found.played.push({ ticket, version, state, memory })
      }
    }
    return found
  }

  return {
    play: ticket => order({ type: 'ticket', ticket }),
    publish(published, version) {
      versions.at(version).set(published)
      order({ type: 'published', version, ...(keepsPast(config) ? { weights: published } : {}) })
    },
    collect(milliseconds) {
      const answers = Atomics.load(words, actorWords.answers)
      let found = takeIn()
      if (found.played.length === 0 && found.lost.length === 0 && milliseconds > 0) {
        Atomics.wait(words, actorWords.answers, answers, milliseconds)
        found = takeIn()
      }
      if (failure !== null) throw failure
      return found
    },
    playerOf: actor => players[actor] ?? null,
    dispose(isOver = false) {
      isClosed = true
      // It ends by itself when actors have been told.
      worker.ref()
      order({ type: 'close', isOver })
    },
  }
}

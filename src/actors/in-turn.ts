// Experience in a fixed order: which trajectory is played with which weights, all actors in turn, and what a checkpoint needs of it.
import { Subject } from 'rxjs'
import { copySaved } from '../saved.ts'
import type { Saved } from '../types.ts'
import { keptVersions } from './actor-weights.ts'
import type { ActorPool, Arrival, ExperienceSource, PlayedTrajectory, Ticket } from './experience-source.ts'
import { decodeSaved } from './saved-bytes.ts'

export interface InTurnOptions {
  readonly pool: ActorPool
  readonly actors: number
  /** Versions by which the weights of a trajectory are older than those that learn from it. */
  readonly lag: number
  /** Trajectories of an actor between two that bring its state. */
  readonly keyEvery: number
  /** Numbers of a version of the weights. */
  readonly weights: number
}

/** How many versions must be kept for whoever plays: those that trajectories can be asked for with, and one that comes meanwhile. */
export function versionsKept({ lag, keyEvery }: Pick<InTurnOptions, 'lag' | 'keyEvery'>): number {
  return keyEvery + lag + 1
}

/** What it saves. */
interface SourceState {
  /** The newest version, which is the number of the trajectories that are learnt from. */
  readonly version: number
  /** Of each actor, its state before the last key trajectory; null: it has begun anew. */
  readonly actors: readonly Saved[] | null
  /** The versions that those from there on are played with, the newest last. */
  readonly weights: readonly Float32Array[]
}

/**
 * Trajectory n of every actor, then n + 1 of every actor. An actor whose player is lost begins again where its state is known, and plays
 * the same bits.
 */
export function createInTurn(options: InTurnOptions): ExperienceSource {
  const { pool, actors, lag, keyEvery, weights } = options
  const trajectories$ = new Subject<PlayedTrajectory>()
  const kept = versionsKept(options)
  const versions = keptVersions(new ArrayBuffer(4 * weights * kept), weights, kept)
  let generation = 0
  let version = -1
  /** Whether tickets were given since the beginning or the last restore. */
  let hasBegun = false
  /** Tickets given, and the next trajectory to hand over, both counted over all actors. */
  let [asked, next] = [0, 0]
  /** By the same count, what came before its turn. */
  const waiting = new Map<number, PlayedTrajectory>()
  /** By the number of the trajectory that it stands before, the states of all actors, encoded or as they were restored. */
  const states = new Map<number, (Uint8Array | Saved)[]>()

  const keyBefore = (number: number) => keyEvery * Math.floor(number / keyEvery)
  const versionFor = (number: number) => Math.max(0, number - lag)
  const stateOf = (actor: number, number: number): Saved => {
    const state = states.get(number)?.[actor] ?? null
    return state instanceof Uint8Array ? decodeSaved(state) : state
  }
  const play = (count: number, from: boolean, lost?: number) => {
    const [number, actor] = [Math.floor(count / actors), count % actors]
    if (lost !== undefined && actor !== lost) return
    const ticket: Ticket = {
      actor,
      number,
      generation,
      version: versionFor(number),
      place: count < next || waiting.has(count) ? null : number % (lag + 1),
      // Alone in its memory: it may travel.
      ...(from ? { from: copySaved(stateOf(actor, number)) } : {}),
    }
    pool.play(ticket)
  }
  /** Asks for all that was asked for since the last key trajectory. */
  const playAgain = (lost?: number) => {
    const first = keyBefore(version) * actors
    for (let count = first; count < asked; count++) play(count, count < first + actors, lost)
  }
  const begin = () => {
    if (hasBegun) return
    hasBegun = true
    const oldest = versionFor(keyBefore(version))
    for (let known = oldest; known <= version; known++) pool.publish(versions.at(known), known)
    playAgain()
  }
  const arrive = ({ ticket, version: playedBy, memory, state }: Arrival) => {
    if (ticket.generation !== generation) return
    const { actor, number } = ticket
    if (state !== null && number + 1 > keyBefore(version)) {
      const all = states.get(number + 1) ?? new Array<Uint8Array>(actors)
      all[actor] = state
      states.set(number + 1, all)
    }
    const count = number * actors + actor
    if (memory === null || count < next) return
    waiting.set(count, { actor, number, version: playedBy, memory, state })
  }
  const handOver = () => {
    for (let found = waiting.get(next); found !== undefined; found = waiting.get(next)) {
      waiting.delete(next)
      next++
      trajectories$.next(found)
    }
  }

  return {
    trajectories$,
    request(count) {
      begin()
      const first = asked
      asked += count
      for (let given = first; given < asked; given++) play(given, given < actors)
    },
    publish(weights, published) {
      version = published
      versions.at(version).set(weights)
      for (const number of states.keys()) if (number < keyBefore(version)) states.delete(number)
      if (hasBegun || version === 0) pool.publish(weights, version)
    },
    look(milliseconds) {
      begin()
      const { played, lost, distrusted = [] } = pool.collect(milliseconds)
      played.forEach(arrive)
      for (const count of waiting.keys()) if (distrusted.includes(count % actors)) waiting.delete(count)
      for (const actor of lost) playAgain(actor)
      handOver()
    },
    ...(pool.work === undefined ? {} : { work: pool.work }),
    save(): Saved {
      if (version < 0) return null
      const key = keyBefore(version)
      const oldest = versionFor(key)
      const all = Array.from({ length: actors }, (_, actor) => stateOf(actor, key))
      return {
        version,
        actors: states.has(key) ? all : null,
        weights: Array.from({ length: version - oldest + 1 }, (_, i) => versions.at(oldest + i)),
      }
    },
    restore(saved) {
      generation++
      waiting.clear()
      states.clear()
      hasBegun = false
      const state = saved as unknown as SourceState | null
      version = state?.version ?? -1
      next = Math.max(0, version) * actors
      asked = version < 0 ? 0 : (version + lag + 1) * actors
      if (state === null) return
      state.weights.forEach((weights, i) => {
        versions.at(version - state.weights.length + 1 + i).set(weights)
      })
      if (state.actors !== null) states.set(keyBefore(version), [...state.actors])
    },
    ...(pool.playerOf === undefined ? {} : { playerOf: pool.playerOf }),
    dispose: isOver => pool.dispose(isOver),
  }
}

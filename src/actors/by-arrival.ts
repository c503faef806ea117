// Experience in order of arrival: whoever has played is learnt from next, so that no actor waits for another, and each plays on with the newest weights.
import { Subject } from 'rxjs'
import { copySaved } from '../saved.ts'
import type { Saved } from '../types.ts'
import type { ActorPool, Arrival, ExperienceSource, PlayedTrajectory, Ticket } from './experience-source.ts'
import { decodeSaved } from './saved-bytes.ts'

export interface ByArrivalOptions {
  readonly pool: ActorPool
  readonly actors: number
  /** Trajectories that an actor may play ahead of the one that is learnt from: so many more than one are asked for. */
  readonly lag: number
  /** Trajectories of an actor between two that bring its state. */
  readonly keyEvery: number
}

/** What an actor plays from one beginning on: trajectory `number`, where another life of it, or none, had ended. */
interface Life {
  readonly number: number
  readonly from: Life | null
}

/** One actor, as it is known here. */
interface Actor {
  /** Trajectories of which nobody reads the memory any more. */
  done: number
  /** The next to be handed over. */
  next: number
  /** By number, what came before its turn, and in which life. */
  readonly waiting: Map<number, { readonly trajectory: PlayedTrajectory; readonly life: Life }>
  /** By the number of the trajectory that it stands before, its state, encoded or as it was restored. */
  readonly states: Map<number, { readonly state: Uint8Array | Saved; readonly life: Life }>
  /** The life that it is in, and that of the trajectory that was handed over last. */
  life: Life
  last: Life | null
}

interface SourceState {
  readonly version: number
  /** The newest. */
  readonly weights: Float32Array
  /** `key`: the number of the trajectory that `state` stands before; null: it begins anew. */
  readonly actors: readonly { readonly done: number; readonly key: number; readonly state: Saved }[]
}

/**
 * The trajectories of an actor in turn, those of several as they come. An actor whose player is lost begins again where its state is known,
 * with the newest weights: those that were learnt from are played once more for the state that they lead to, and dropped.
 */
export function createByArrival({ pool, actors: count, lag, keyEvery }: ByArrivalOptions): ExperienceSource {
  const trajectories$ = new Subject<PlayedTrajectory>()
  const begun = (): Life => ({ number: 0, from: null })
  const created = (): Actor => {
    return { done: 0, next: 0, waiting: new Map(), states: new Map(), life: begun(), last: null }
  }
  let all = Array.from({ length: count }, created)
  let generation = 0
  let version = -1
  let weights = new Float32Array(0)
  /** Whether tickets were given since the beginning or the last restore. */
  let hasBegun = false
  /** What can be handed over, in order of arrival. */
  let ready: { readonly trajectory: PlayedTrajectory; readonly life: Life }[] = []

  const askedOf = ({ done }: Actor) => done + lag + 1
  const keyOf = ({ done }: Actor) => keyEvery * Math.floor(done / keyEvery)
  const stateOf = (actor: Actor, number: number): Saved => {
    const state = actor.states.get(number)?.state ?? null
    return state instanceof Uint8Array ? decodeSaved(state) : state
  }
  const play = (index: number, number: number, from?: Saved) => {
    const actor = all[index]!
    const ticket: Ticket = {
      actor: index,
      number,
      generation,
      version: null,
      place: number < actor.next || actor.waiting.has(number) ? null : number % (lag + 1),
      // Alone in its memory: it may travel.
      ...(from === undefined ? {} : { from: copySaved(from) }),
    }
    pool.play(ticket)
  }
  /** Asks for all that was asked for since the last key trajectory. */
  const playAgain = (index: number) => {
    const actor = all[index]!
    const key = keyOf(actor)
    actor.life = { number: key, from: actor.states.get(key)?.life ?? null }
    for (let number = key; number < askedOf(actor); number++) {
      play(index, number, number === key ? stateOf(actor, key) : undefined)
    }
  }
  const begin = () => {
    if (hasBegun) return
    hasBegun = true
    if (version >= 0) pool.publish(weights, version)
    for (let index = 0; index < count; index++) playAgain(index)
  }
  /** Whether a trajectory begins where the one before it ended, which was handed over. */
  const goesOn = ({ last }: Actor, { number }: PlayedTrajectory, life: Life) =>
    number === 0 || life === last || (life.number === number && life.from === last && last !== null)

  const arrive = ({ ticket, version: playedBy, memory, state }: Arrival) => {
    if (ticket.generation !== generation) return
    const { actor: index, number } = ticket
    const actor = all[index]!
    const { life, waiting, states } = actor
    if (memory === null || number < actor.next) return
    // Of those that nobody reads the state is not that of what was learnt from.
    if (state !== null) states.set(number + 1, { state, life })
    waiting.set(number, { trajectory: { actor: index, number, version: playedBy, memory, state }, life })
    for (let found = waiting.get(actor.next); found !== undefined; found = waiting.get(actor.next)) {
      waiting.delete(actor.next)
      actor.next++
      ready.push(found)
    }
  }
  /** What its actors played is not to be learnt from, as far as it was not handed over. */
  const distrust = (distrusted: readonly number[]) => {
    if (distrusted.length === 0) return
    for (const { trajectory } of ready) {
      if (distrusted.includes(trajectory.actor)) all[trajectory.actor]!.next--
    }
    ready = ready.filter(({ trajectory }) => !distrusted.includes(trajectory.actor))
    for (const index of distrusted) {
      const { waiting, states, next } = all[index]!
      waiting.clear()
      for (const number of states.keys()) if (number > next) states.delete(number)
    }
  }
  const handOver = () => {
    for (let found = ready.shift(); found !== undefined; found = ready.shift()) {
      const { trajectory, life } = found
      const actor = all[trajectory.actor]!
      const isNext = goesOn(actor, trajectory, life)
      actor.last = life
      trajectories$.next(isNext ? trajectory : { ...trajectory, afterGap: true })
    }
  }

  return {
    trajectories$,
    request(more, index) {
      begin()
      if (index === undefined) return
      const actor = all[index]!
      for (let left = more; left > 0; left--) {
        actor.done++
        play(index, askedOf(actor) - 1)
      }
      for (const number of actor.states.keys()) if (number < keyOf(actor)) actor.states.delete(number)
    },
    publish(published, number) {
      version = number
      weights = Float32Array.from(published)
      if (hasBegun) pool.publish(weights, version)
    },
    look(milliseconds) {
      begin()
      const { played, lost, distrusted = [] } = pool.collect(milliseconds)
      played.forEach(arrive)
      distrust(distrusted)
      for (const index of lost) playAgain(index)
      handOver()
    },
    ...(pool.work === undefined ? {} : { work: pool.work }),
    save(): Saved {
      if (version < 0) return null
      return {
        version,
        weights,
        actors: all.map(actor => {
          const key = keyOf(actor)
          return { done: actor.done, key, state: stateOf(actor, key) }
        }),
      }
    },
    restore(saved) {
      generation++
      ready = []
      hasBegun = false
      const state = saved as unknown as SourceState | null
      version = state?.version ?? -1
      all = Array.from({ length: count }, created)
      if (state === null) return
      weights = Float32Array.from(state.weights)
      state.actors.forEach(({ done, key, state }, index) => {
        const last = done === 0 ? null : begun()
        Object.assign(all[index]!, { done, next: done, last })
        // What was learnt from beyond that state is played by another life.
        if (state !== null) all[index]!.states.set(key, { state, life: key === done && last !== null ? last : begun() })
      })
    },
    ...(pool.playerOf === undefined ? {} : { playerOf: pool.playerOf }),
    dispose: isOver => pool.dispose(isOver),
  }
}

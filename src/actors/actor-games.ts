// The games of a training as actors play them: a vector game whose joint steps come out of trajectories, batch by batch of one of every actor.
import { createJointStepLayout, fieldsOf, type StepField } from '../envs/joint-step.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import type { VectorGame } from '../envs/vector-game.ts'
import type { JointStep, Saved } from '../types.ts'
import type { ActingWeights } from './actor-weights.ts'
import type { ExperienceSource, PlayedTrajectory } from './experience-source.ts'
import type { TrajectoryShape } from './trajectory-message.ts'

export interface ActorGames extends VectorGame {
  /** Whether the next joint step is there. Publishes the weights and asks for more where a batch is over: what it led to must be learnt. */
  prepare(): boolean
  /** Takes in what has been played; waits for it up to so many milliseconds where nothing has. */
  look(milliseconds: number): void
  /** Plays one step of what is asked for, where the calling thread is the one that plays. Absent: others do. */
  readonly work?: () => void
  /**
   * How many actors there are, and the mean and the largest number of versions by which the weights that played were older than those that
   * learnt, since it was last taken; where the bits depend on who is faster also `reproducible: 0`.
   */
  lagFigures(): Readonly<Record<string, number>>
  /** The same, and starts over. */
  takeLagFigures(): Readonly<Record<string, number>>
  /** What came of each actor last, for people. */
  standings(): readonly ActorStanding[]
  /** Threads that the games are played in. */
  readonly threads: number
  /** Whether they are played in other processes. */
  readonly isElsewhere: boolean
  /** Ends what plays. The games cannot be used afterwards. `isOver`: the training is done, and will not go on. */
  dispose(isOver?: boolean): void
}

/** What is known of an actor. */
export interface ActorStanding {
  /** `actor 3`, and the process that plays it, where that has a name: `actor 3 (gpu-12)`. */
  readonly name: string
  /** Environment steps that it has handed over to this process. */
  readonly envSteps: number
  /** Versions by which the weights that it played with last are older than those that learn. */
  readonly lag: number
  /** Since then; null: nothing came of it yet. */
  readonly secondsSince: number | null
}

export interface ActorGamesOptions {
  readonly source: ExperienceSource
  readonly actors: number
  readonly shape: TrajectoryShape
  /** Trajectories of every actor that are asked for while one is learnt from. */
  readonly lag: number
  /** Of those that learn. */
  readonly weights: ActingWeights
  /** Whether the same seed gives the same bits. */
  readonly isReproducible: boolean
  /** What stands for every game here. */
  readonly standIn: MarkovGame
  /** Joint steps that stay as they are. */
  readonly keptSteps: number
  readonly threads: number
  readonly isElsewhere?: boolean
}

/** Games of actor a are games a * shape.games ... of each joint step. */
export function createActorGames(options: ActorGamesOptions): ActorGames {
  const { source, actors, shape, lag, weights, standIn, keptSteps } = options
  const { agents, games, steps, extras, stateSize } = shape
  const allGames = actors * games
  const allocate = createJointStepLayout(agents, allGames, extras, stateSize, keptSteps)
  /** The arrays of joint steps, those of here and those of every trajectory's memory, which are used again and again. */
  const fields = new WeakMap<object, (readonly StepField[])[]>()
  const fieldsIn = (memory: object, step: number, joint: () => JointStep) => {
    const known = fields.get(memory) ?? []
    fields.set(memory, known)
    return (known[step] ??= fieldsOf(joint()))
  }
  /** In the order of the actors, what is learnt from now; not all of them: it is still waited for. */
  let batch: PlayedTrajectory[] = []
  const later: PlayedTrajectory[] = []
  const standings = Array.from({ length: actors }, () => ({ envSteps: 0, version: 0, at: -1 }))
  source.trajectories$.subscribe(trajectory => {
    ;(batch.length < actors ? batch : later).push(trajectory)
    const { actor, version } = trajectory
    standings[actor] = { version, envSteps: standings[actor]!.envSteps + steps * games, at: performance.now() }
  })
  let hasBegun = false
  /** The batch that is learnt from, which is the version of the weights too, and its steps that were taken. */
  let [number, taken] = [0, 0]
  let lags = { sum: 0, count: 0, most: 0 }
  let next = allocate(1)

  const begin = () => {
    if (hasBegun) return
    hasBegun = true
    source.publish(weights.read(), 0)
    source.request(actors * (lag + 1))
  }
  const countLags = () => {
    for (const { version } of batch) {
      const behind = number - version
      lags = { sum: lags.sum + behind, count: lags.count + 1, most: Math.max(lags.most, behind) }
    }
  }
  const lagFigures = () => ({
    actors,
    ...(options.isReproducible ? {} : { reproducible: 0 }),
    ...(lags.count === 0 ? {} : { 'lag/mean': lags.sum / lags.count, 'lag/max': lags.most }),
  })
  /** Step `taken` of every trajectory, side by side. */
  const writeStep = (to: JointStep) => {
    const target = fieldsIn(to, 0, () => to)
    batch.forEach(({ memory }, actor) => {
      const from = fieldsIn(memory, taken, () => memory.stepAt(taken))
      for (let i = 0; i < from.length; i++) target[i]!.data.set(from[i]!.data, actor * games * from[i]!.columns)
    })
  }

  return {
    agents,
    games: new Array<MarkovGame>(allGames).fill(standIn),
    restarted: new Uint8Array(allGames),
    begun: [],
    acting: null,
    figures: [],
    hasMoved: true,
    threads: options.threads,
    isElsewhere: options.isElsewhere ?? false,
    standings: () =>
      standings.map(({ envSteps, version, at }, actor) => ({
        name:
          source.playerOf === undefined ? `actor ${actor}` : `actor ${actor} (${source.playerOf(actor) ?? 'nobody'})`,
        envSteps,
        lag: Math.max(0, number - version),
        secondsSince: at < 0 ? null : (performance.now() - at) / 1000,
      })),
    get steps() {
      return number * steps + taken
    },
    get next() {
      return next
    },
    prepare() {
      begin()
      if (batch.length === actors && taken === steps) {
        number++
        taken = 0
        batch = later.splice(0, actors)
        source.publish(weights.read(), number)
        source.request(actors)
      }
      return batch.length === actors && taken < steps
    },
    look: source.look,
    ...(source.work === undefined ? {} : { work: source.work }),
    advance() {
      if (batch.length < actors || taken === steps) throw new Error('actors: the next joint step is not there yet')
      if (taken === 0) countLags()
      const step = next
      writeStep(step)
      taken++
      next = allocate(number * steps + taken + 1)
      return step
    },
    // biome-ignore lint/correctness/useYield: there is nothing to wait for.
    *advancing() {
      return this.advance()
    },
    lagFigures,
    takeLagFigures() {
      const figures = lagFigures()
      lags = { sum: 0, count: 0, most: 0 }
      return figures
    },
    save: (): Saved => ({ number, taken, lags, source: source.save() }),
    restore(saved) {
      const state = saved as unknown as { number: number; taken: number; lags: typeof lags; source: Saved }
      number = state.number
      taken = state.taken
      lags = { ...state.lags }
      batch = []
      later.length = 0
      source.restore(state.source)
      hasBegun = state.source !== null
      next = allocate(number * steps + taken + 1)
    },
    dispose: isOver => source.dispose(isOver),
  }
}

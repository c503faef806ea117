// The games of a training as actors play them: a vector game whose joint steps come out of trajectories, one of every actor side by side, or one after the other as they come.
import { createJointStepLayout, fieldsOf, type StepField } from '../envs/joint-step.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import type { VectorGame } from '../envs/vector-game.ts'
import type { JointStep, Saved } from '../types.ts'
import type { ActingWeights } from './actor-weights.ts'
import type { ExperienceSource, PlayedTrajectory } from './experience-source.ts'
import { createMessageLayout, type TrajectoryShape } from './trajectory-message.ts'

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
  /** fixed: the same seed gives the same bits. */
  readonly order: 'fixed' | 'arrival'
  /** What stands for every game here. */
  readonly standIn: MarkovGame
  /** Joint steps that stay as they are. */
  readonly keptSteps: number
  readonly threads: number
  readonly isElsewhere?: boolean
}

/**
 * Games of actor a are games a * shape.games ... of all. In a fixed order a joint step is of all of them; in order of arrival joint steps are of
 * one actor's, a trajectory after the other, and say of which (`first`). After as many trajectories as there are actors comes the next version.
 */
export function createActorGames(options: ActorGamesOptions): ActorGames {
  const { source, actors, shape, lag, weights, standIn, keptSteps } = options
  const { agents, games, steps, extras, stateSize } = shape
  const isFixed = options.order === 'fixed'
  /** Trajectories whose steps are taken side by side. */
  const abreast = isFixed ? actors : 1
  const allGames = abreast * games
  const layout = createMessageLayout(shape)
  const allocate = createJointStepLayout(agents, allGames, extras, stateSize, keptSteps)
  /** The arrays of joint steps, those of here and those of every trajectory's memory, which are used again and again. */
  const fields = new WeakMap<object, (readonly StepField[])[]>()
  const fieldsIn = (memory: object, step: number, joint: () => JointStep) => {
    const known = fields.get(memory) ?? []
    fields.set(memory, known)
    return (known[step] ??= fieldsOf(joint()))
  }
  /** In the order of the actors, or of arrival, what is taken now; not all of them: it is still waited for. */
  let batch: PlayedTrajectory[] = []
  const later: PlayedTrajectory[] = []
  /** What a checkpoint was in the midst of, which is played again for what follows it. */
  let known: Pick<PlayedTrajectory, 'actor' | 'number'> | null = null
  /** Actors of which the next trajectory does not go on from the last one that was taken. */
  const gaps = new Set<number>()
  const standings = Array.from({ length: actors }, () => ({ envSteps: 0, version: 0, at: -1 }))
  source.trajectories$.subscribe(trajectory => {
    const { actor, number, version } = trajectory
    if (known?.actor === actor && known.number === number) {
      known = null
      gaps.add(actor)
      return
    }
    ;(batch.length < abreast ? batch : later).push(trajectory)
    standings[actor] = { version, envSteps: standings[actor]!.envSteps + steps * games, at: performance.now() }
  })
  let hasBegun = false
  /** Batches, or single trajectories, before the one that is taken now, and the steps of that one that were taken. */
  let [over, taken] = [0, 0]
  /** Of the weights that learn. */
  const versionNow = () => Math.floor((over * abreast) / actors)
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
      const behind = versionNow() - version
      lags = { sum: lags.sum + behind, count: lags.count + 1, most: Math.max(lags.most, behind) }
    }
  }
  const lagFigures = () => ({
    actors,
    ...(isFixed ? {} : { reproducible: 0 }),
    ...(lags.count === 0 ? {} : { 'lag/mean': lags.sum / lags.count, 'lag/max': lags.most }),
  })
  /** Step `taken` of every trajectory, side by side. */
  const writeStep = (to: JointStep) => {
    const target = fieldsIn(to, 0, () => to)
    batch.forEach(({ memory }, place) => {
      const from = fieldsIn(memory, taken, () => memory.stepAt(taken))
      for (let i = 0; i < from.length; i++) target[i]!.data.set(from[i]!.data, place * games * from[i]!.columns)
    })
  }
  /** Which games a step is of, where it is not of all. */
  const whose = (): Pick<JointStep, 'first' | 'afterGap'> => {
    if (isFixed) return {}
    const { actor, afterGap = false } = batch[0]!
    const begins = taken === 0
    const isGap = begins && (afterGap || gaps.has(actor))
    if (begins) gaps.delete(actor)
    return { first: actor * games, ...(isGap ? { afterGap: true } : {}) }
  }
  /** What was taken has been learnt from. */
  const goOn = () => {
    const before = versionNow()
    const [{ actor }] = batch as [PlayedTrajectory]
    over++
    taken = 0
    batch = later.splice(0, abreast)
    if (versionNow() > before) source.publish(weights.read(), versionNow())
    if (isFixed) source.request(actors)
    else source.request(1, actor)
  }

  const asSaved = ({ actor, number, version, memory }: PlayedTrajectory): SavedTrajectory => ({
    ...{ actor, number, version },
    message: new Uint8Array(memory.buffer, 0, layout.bytes).slice(),
  })
  const asPlayed = ({ message, ...of }: SavedTrajectory): PlayedTrajectory => ({
    ...of,
    memory: layout.memoryOf(new Uint8Array(message).buffer),
    state: null,
  })

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
        lag: Math.max(0, versionNow() - version),
        secondsSince: at < 0 ? null : (performance.now() - at) / 1000,
      })),
    get steps() {
      return over * steps + taken
    },
    get next() {
      return next
    },
    prepare() {
      begin()
      if (batch.length === abreast && taken === steps) goOn()
      return batch.length === abreast && taken < steps
    },
    look: source.look,
    ...(source.work === undefined ? {} : { work: source.work }),
    advance() {
      if (batch.length < abreast || taken === steps) throw new Error('actors: the next joint step is not there yet')
      if (taken === 0) countLags()
      const step = next
      writeStep(step)
      const of = whose()
      taken++
      next = allocate(over * steps + taken + 1)
      return isFixed ? step : { ...step, ...of }
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
    save: (): Saved => ({
      number: over,
      taken,
      lags,
      source: source.save(),
      ...(isFixed ? {} : { current: taken === 0 ? null : asSaved(batch[0]!), gaps: [...gaps] }),
    }),
    restore(saved) {
      const state = saved as unknown as SavedGames
      over = state.number
      taken = state.taken
      lags = { ...state.lags }
      batch = []
      later.length = 0
      gaps.clear()
      for (const actor of state.gaps ?? []) gaps.add(actor)
      known = state.current ?? null
      if (state.current != null) batch = [asPlayed(state.current)]
      source.restore(state.source)
      hasBegun = state.source !== null
      next = allocate(over * steps + taken + 1)
    },
    dispose: isOver => source.dispose(isOver),
  }
}

/** A trajectory of which steps were taken: in order of arrival nobody could play it again. */
type SavedTrajectory = Readonly<Record<'actor' | 'number' | 'version', number>> & { readonly message: Uint8Array }

interface SavedGames {
  readonly number: number
  readonly taken: number
  readonly lags: { readonly sum: number; readonly count: number; readonly most: number }
  readonly source: Saved
  /** In order of arrival. */
  readonly current?: SavedTrajectory | null
  readonly gaps?: readonly number[]
}

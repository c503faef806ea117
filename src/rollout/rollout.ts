// A rollout: joint steps in the order in which they were made, kept until there are enough of them to learn from.
import { demandColumn } from '../columns.ts'
import { episodeOver } from '../episode-over.ts'
import type { MatrixStore } from '../nn/matrix.ts'
import type { AgentSpec, Column, JointStep, Matrix, NamedMatrix, Saved, Stateful } from '../types.ts'
import { ownTransitions } from './own-rows.ts'
import { createPlaces } from './places.ts'
import type { RolloutDiscount } from './row-places.ts'
import { stepLayout } from './step-layout.ts'
import { createTrajectory, type Lane, type Trajectory, type TrajectorySource } from './trajectory.ts'

/** How much is learnt from at once: so many steps of every game, or at least so many complete episodes of whatever length. */
export type RolloutLength = { readonly steps: number } | { readonly episodes: number }

export interface RolloutConfig {
  /** All agents of the game. */
  readonly agents: readonly AgentSpec[]
  readonly games: number
  /** The agents that learn from it, by index. */
  readonly members: readonly number[]
  /** Agents whose observations are kept beside theirs, for critics that see them. Default: none. */
  readonly watched?: readonly number[]
  /** Columns that are kept of every step of an agent, as its policy records them. Default: none. */
  records?(agent: number): readonly Column[]
  /**
   * Columns that its policy carries from step to step, of which the first step's are kept, where agents may be absent all. Default: none.
   */
  carries?(agent: number): readonly Column[]
  /** Numbers of the world's own state, where it is kept. Default: 0, it is not. */
  readonly stateSize?: number
  /** How rewards that come while an agent waits are discounted. Default: not at all, discounts count own steps. */
  readonly discount?: RolloutDiscount
  readonly length: RolloutLength
  /** Where it is kept, of which matrices its rows are copied to fastest. Default: on the heap. */
  readonly store?: MatrixStore
}

export interface Rollout extends Stateful {
  /**
   * A step of all games, or of some of them that take turns (`first`), of which a block of steps fills the next lanes.
   * @throws Error where enough is there already: nothing may be played until it is learnt from.
   */
  add(step: JointStep): void
  /** Whether enough is there to learn from. */
  readonly isComplete: boolean
  /** What some of its agents, with equal spaces, made of it; readable until the next `forget`. */
  trajectory(members: readonly number[]): Trajectory
  /** What trajectories are read from; until the next `add` or `forget`. */
  readonly source: TrajectorySource
  /**
   * Forgets what was learnt from. Episodes under way stay: their first steps were made by an earlier policy. Of blocks of steps what agents
   * did stays that wait, since their episodes began.
   */
  forget(): void
}

/** A larger log stays on the heap, since the memory of a store may have an end. */
const mostStoredBytes = 2 ** 28

/** An empty one, of games that all begin an episode with the first step. */
export function createRollout(config: RolloutConfig): Rollout {
  const { agents, games, members, watched = [], records = () => [], carries = () => [], length } = config
  const { stateSize = 0, discount = { gamma: 1, per: 'ownStep' }, store } = config
  const layout = stepLayout({ agents, learning: members, watched, records, carries, stateSize })
  const { columns, mayBeAbsent } = layout
  const mostSteps = 'steps' in length ? length.steps : null
  /** [steps * games, columns] */
  let log: Float32Array = new Float32Array(0)
  let steps = 0
  /** Steps of the log that were there when the rollout began anew: of agents that wait. */
  let earlier = 0
  /** [members, games] The first step that is not learnt from yet, in a block whose agents may be absent. */
  const unlearnt = new Int32Array(members.length * games)
  /** [games] 1 where the next step begins an episode; [games, agents] where the next own step of an agent begins a life. */
  const begins = new Uint8Array(mayBeAbsent ? games * agents.length : games).fill(1)
  /** [games] The first step of the episode under way. */
  const episodeStart = new Int32Array(games)
  let episodes: Lane[] = []
  const carried = members.map(agent => carries(agent).map(column => carriedBy(games, column)))

  const places = createPlaces(games, mostSteps)
  const isComplete = () => {
    if (mostSteps === null) return episodes.length >= (length as { episodes: number }).episodes
    return places.inTurns ? places.isFull : steps - earlier >= mostSteps
  }

  const room = (numbers: number) =>
    store !== undefined && 4 * numbers <= mostStoredBytes ? store.matrix(1, numbers).data : new Float32Array(numbers)

  /** By row of a joint step: where in the log its row begins. */
  const bases: number[] = []

  const write = (step: JointStep) => {
    const { first = 0, truncated } = step
    const own = truncated.length
    const end = places.rows * games * columns
    if (end > log.length) {
      const larger = room(Math.max((mostSteps ?? 32) * games * columns, end, 2 * log.length))
      larger.set(log)
      log = larger
    }
    for (let row = 0; row < own; row++) bases[row] = (places.rowOf(row) * games + places.laneOf(row)) * columns
    const put = (matrix: Matrix, column: number) => {
      const { columns: size, data } = matrix
      for (let row = 0; row < own; row++) {
        const to = bases[row]! + column
        for (let c = 0; c < size; c++) log[to + c] = data[row * size + c]!
      }
    }
    for (const name in layout.world) put(name === 'state' ? step.states! : step.nextStates!, layout.world[name]!.column)
    layout.blocks.forEach((blocks, agent) => {
      for (const name in blocks) {
        if (name === 'present' || name === 'follows') putFlags(name, step, agent, blocks[name]!.column)
        else put(matrixOf(step, agent, name), blocks[name]!.column)
      }
      const outcome = layout.outcome[agent]!
      if (outcome < 0) return
      for (let row = 0; row < own; row++) {
        const at = row * agents.length + agent
        const to = bases[row]! + outcome
        log[to] = step.rewards.data[at]!
        log[to + 1] = step.present[at]!
        log[to + 2] = step.terminated[at]!
        log[to + 3] = begins[mayBeAbsent ? first * agents.length + at : first + row]!
      }
    })
    for (let row = 0; row < own; row++) log[bases[row]! + layout.truncated] = truncated[row]!
  }

  /** Of an agent in all games: whether it is there, and what follows (step-layout.ts). */
  const putFlags = (name: 'present' | 'follows', step: JointStep, agent: number, column: number) => {
    for (let row = 0; row < step.truncated.length; row++) {
      const at = row * agents.length + agent
      const cut = step.truncated[row] === 1 && step.waiting![at] === 1 ? 2 : 0
      log[bases[row]! + column] = name === 'present' ? step.present[at]! : step.nextPresent![at] === 1 ? 1 : cut
    }
  }

  /** Where lives begin: with an episode, and after an end. */
  const tellBegins = (step: JointStep, row: number, isOver: boolean) => {
    const { first = 0 } = step
    if (!mayBeAbsent) begins[first + row] = isOver ? 1 : 0
    else {
      for (let at = row * agents.length; at < (row + 1) * agents.length; at++) {
        const own = first * agents.length + at
        if (step.present[at] === 1) begins[own] = 0
        if (isOver || step.terminated[at] === 1) begins[own] = 1
      }
    }
  }

  /**
   * The episodes under way of games of which steps are missing: what there is of them in a rollout of whole episodes is left out, and what
   * comes counts as one that begins. In a block it is a lane of its own, into which the first step says what was carried.
   */
  const tear = ({ first = 0, truncated: { length: own } }: JointStep) => {
    for (let game = first; game < first + own; game++) {
      if (mostSteps === null) places.cut(game, episodeStart[game]!)
      const width = mayBeAbsent ? agents.length : 1
      begins.fill(mostSteps === null ? 1 : 0, game * width, (game + 1) * width)
    }
  }

  /** The first step of a block that agents who wait still need; all that came before is learnt. */
  const settleOpen = () => {
    let kept = steps
    members.forEach((agent, i) => {
      for (let game = 0; game < games; game++) {
        const { open } = ownTransitions({ layout, log, games }, agent, game, unlearnt[i * games + game]!, steps)
        unlearnt[i * games + game] = open ?? steps
        kept = Math.min(kept, unlearnt[i * games + game]!)
      }
    })
    return kept
  }

  /** Moves the steps of a game from one on to the beginning of the log. */
  const moveUp = (game: number, from: number) => {
    for (let step = from; step < places.lengthOf(game); step++) {
      const at = (step * games + game) * columns
      log.copyWithin(((step - from) * games + game) * columns, at, at + columns)
    }
    places.cut(game, places.lengthOf(game) - from)
  }

  const sourceNow = (): TrajectorySource => ({
    layout,
    log,
    games,
    lanes:
      mostSteps === null
        ? episodes
        : Array.from({ length: games }, (_, game) => ({
            ...{ game, first: 0, length: steps },
            ...(places.inTurns ? { origin: places.originOf(game) } : {}),
          })),
    discount,
    unlearntFrom: (agent, game) => unlearnt[members.indexOf(agent) * games + game]!,
    carried: (agent, name) => demandColumn(carried[members.indexOf(agent)], name),
    ...(store === undefined ? {} : { store }),
  })

  return {
    get isComplete() {
      return isComplete()
    },
    add(step) {
      if (isComplete()) throw new Error('rollout: it is complete; learn from it and forget it before the next step')
      if (stateSize > 0 && step.states?.columns !== stateSize) {
        throw new TypeError(
          `rollout: expected joint steps with ${stateSize} numbers of the world's own state (config.stateSize), got ` +
            `${step.states?.columns ?? 'none'}; createVectorGame keeps it with states: true`,
        )
      }
      if (step.afterGap === true) tear(step)
      places.take(step, steps)
      if (places.isFirst && !mayBeAbsent) {
        members.forEach((agent, i) => {
          for (const { name, columns: size, data } of carried[i]!) {
            data.set(demandColumn(step.extras[agent], name).data, places.laneOf(0) * size)
          }
        })
      }
      write(step)
      steps = places.rows
      for (let row = 0; row < step.truncated.length; row++) {
        const isOver = episodeOver(step, row)
        tellBegins(step, row, isOver)
        if (!isOver) continue
        const game = (step.first ?? 0) + row
        const end = places.rowOf(row) + 1
        if (mostSteps === null) episodes.push({ game, first: episodeStart[game]!, length: end - episodeStart[game]! })
        episodeStart[game] = end
      }
    },
    trajectory: of => createTrajectory(sourceNow(), of),
    get source() {
      return sourceNow()
    },
    forget() {
      const isBlock = mostSteps !== null
      if (places.inTurns) {
        if (!isBlock) {
          for (let game = 0; game < games; game++) moveUp(game, episodeStart[game]!)
          episodeStart.fill(0)
        }
        places.forget()
        steps = places.rows
        episodes = []
        return
      }
      const kept = !isBlock ? Math.min(...episodeStart) : mayBeAbsent ? settleOpen() : steps
      log.copyWithin(0, kept * games * columns, steps * games * columns)
      steps -= kept
      earlier = isBlock ? steps : 0
      if (isBlock && mayBeAbsent) unlearnt.forEach((step, i) => void (unlearnt[i] = step - kept))
      for (let game = 0; game < games; game++) episodeStart[game] = Math.max(0, episodeStart[game]! - kept)
      episodes = []
    },
    save: () => ({
      steps,
      log: log.subarray(0, steps * games * columns),
      begins,
      episodeStart,
      episodes: Int32Array.from(episodes.flatMap(({ game, first, length }) => [game, first, length])),
      carried: carried.map(of => of.map(({ data }) => data)),
      ...(mayBeAbsent ? { earlier, unlearnt } : {}),
      ...(places.inTurns ? { places: places.save() } : {}),
    }),
    restore(saved) {
      const state = saved as {
        steps: number
        log: Float32Array
        begins: Uint8Array
        episodeStart: Int32Array
        episodes: Int32Array
        carried: readonly (readonly Float32Array[])[]
        /** Where agents may be absent. */
        earlier?: number
        unlearnt?: Int32Array
        /** Where games take turns. */
        places?: Saved
      }
      if (state.log.length !== state.steps * games * columns) {
        throw new RangeError(
          `rollout: expected ${state.steps} steps of ${games} games with ${columns} numbers, got ${state.log.length} numbers`,
        )
      }
      steps = state.steps
      places.restore(state.places ?? null)
      earlier = state.earlier ?? 0
      if (state.unlearnt !== undefined) unlearnt.set(state.unlearnt)
      if (log.length < state.log.length) log = room(state.log.length)
      log.set(state.log)
      begins.set(state.begins)
      episodeStart.set(state.episodeStart)
      episodes = Array.from({ length: state.episodes.length / 3 }, (_, i) => ({
        game: state.episodes[3 * i]!,
        first: state.episodes[3 * i + 1]!,
        length: state.episodes[3 * i + 2]!,
      }))
      carried.forEach((of, i) => {
        of.forEach(({ data }, j) => void data.set(state.carried[i]![j]!))
      })
    },
  } satisfies Rollout & { save(): Saved }
}

function carriedBy(games: number, { name, size }: Column): NamedMatrix {
  return { name, rows: games, columns: size, data: new Float32Array(games * size) }
}

function matrixOf(step: JointStep, agent: number, name: string): Matrix {
  if (name === 'observation') return step.observations[agent]!
  if (name === 'nextObservation') return step.nextObservations[agent]!
  if (name === 'action') return step.actions[agent]!
  if (name === 'mask') return step.observations[agent]!.mask!
  if (name === 'nextMask') return step.nextObservations[agent]!.mask!
  return demandColumn(step.extras[agent], name)
}

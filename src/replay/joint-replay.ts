// The replay buffer: one store of joint transitions, shared by all agents; one index set per draw.
import type { MatrixStore } from '../nn/matrix.ts'
import { actionSize } from '../spaces.ts'
import type {
  AgentSpec,
  Batch,
  Column,
  JointStep,
  Matrix,
  NamedMatrix,
  ObservationPart,
  Observations,
  SavedRows,
  Seen,
  Stateful,
} from '../types.ts'
import { createDraw, type Draw } from './draw.ts'
import { createFetch } from './fetch.ts'
import { latestChoice } from './latest.ts'
import { isOpen, presentIn } from './own-steps.ts'
import { prioritisedChoice } from './prioritised.ts'
import { type RowChoice, uniformChoice } from './row-choice.ts'
import { rowLayout } from './row-layout.ts'
import { actedIn, choiceAmong } from './sub-policy.ts'
import { createTransitions } from './transitions.ts'

/** The replay buffer of all agents: joint transitions in a ring, from which batches are drawn. */
export interface JointReplay extends Stateful {
  /** Largest number of transitions kept; then the oldest are overwritten. */
  readonly capacity: number
  /** Transitions kept now. */
  readonly size: number
  /** Transitions that ever came. */
  readonly inserted: number
  /** The transitions as they are now, for who writes them down bit by bit. */
  rows(): SavedRows
  /** Bytes of one transition; what is seen next is kept as what the game sees then, and once more where an episode ends. */
  readonly bytesPerTransition: number
  /**
   * Bytes of the transitions when full, which are taken block by block as they come: usually, and at most, where every episode is one step
   * long.
   */
  readonly storeBytesWhenFull: { readonly usual: number; readonly most: number }
  /** The usual bytes when full, with what the draws keep beside the transitions: priorities, index lists. */
  readonly bytesWhenFull: number
  /**
   * Adds the games' transitions of a joint step, in the order of the games.
   * @throws RangeError when it is not of these games, or has other extra columns.
   */
  insert(step: JointStep): void
  /**
   * A way to draw from the transitions in which an agent was there, and one of its sub-policies acted if it has several; from all
   * transitions with `null`.
   */
  draw(agent: number | null, subPolicy?: number, how?: DrawConfig): Draw
  /** Whether a batch is of one agent, as agents may be absent: the same rows give each of them another one. */
  readonly isPerAgent: boolean
  /** Matrices for `rows` transitions drawn from here; with `nextActions` also for what was done next. */
  createBatch(rows: number, nextActions?: boolean): Batch
}

/** What transitions hold beside what the agents see and do. */
export interface BatchConfig {
  /** Per agent, the columns that its policy declares and learning needs. Default: none. */
  readonly extras?: readonly (readonly Column[])[]
  /** Per agent, whether its actor remembers, so that batches say what came before. Default: none does. */
  readonly remembers?: readonly boolean[]
  /** Steps up to an observation that a batch holds for such an agent. Default: 1, the observation alone. */
  readonly memorySteps?: number
  /** The named pieces of the world's own state, where it is kept. Default: it is not. */
  readonly stateParts?: readonly ObservationPart[]
  /** Whether batches say where episodes ended. Default: no. */
  readonly ends?: boolean
  /** Whether they say what was done next. Default: no. */
  readonly nextActions?: boolean
}

/** How a draw chooses rows, and what it makes of them. */
export interface DrawConfig {
  /** Discount by which rewards of several steps are summed, and next values counted. Default: 1. */
  readonly gamma?: number
  /** Steps whose rewards are summed before the next value counts. Default: 1. */
  readonly steps?: number
  /** What a discount counts where agents may be absent: own steps of the agent, or steps of the game. Default: ownStep. */
  readonly discountPer?: 'ownStep' | 'gameStep'
  /** Exponent of the TD error by which rows are drawn. Default: 0, uniformly. */
  readonly priority?: number
  /** Exponent of the importance weights of such draws. Default: 1, which makes up for them in full. */
  readonly importance?: () => number
  /** Whether it takes the latest transitions of which what was done next is known. Default: no, by chance. */
  readonly latest?: boolean
}

/** What is stored, and how it is drawn where a draw does not say otherwise. */
export interface JointReplayConfig extends BatchConfig, DrawConfig {
  /** Largest number of transitions kept. */
  readonly capacity: number
  /** Games side by side: row r + games follows row r. Default: 1. */
  readonly games?: number
  /** Games of a joint step, where they take turns by whole trajectories (`first` of a joint step). Default: all, side by side. */
  readonly gamesOfStep?: number
  /** Where the transitions lie. Default: with the batches, in their store. */
  readonly apart?: MatrixStore
  /** Per agent, its sub-policies; where there are several, its column `subPolicy` says which acted. Default: 1 each. */
  readonly subPolicies?: readonly number[]
}

/**
 * An empty replay buffer for games with these agents, in a backend's memory.
 * @see {@link createBatch} for an example
 */
export function createJointReplay(
  store: MatrixStore,
  agents: readonly AgentSpec[],
  config: JointReplayConfig,
): JointReplay {
  const { capacity, games = 1, gamesOfStep, subPolicies = [], apart } = config
  const layout = rowLayout(agents, config.extras, config.stateParts, gamesOfStep !== undefined)
  const transitions = createTransitions(store, agents, layout, capacity, games, apart, gamesOfStep)
  const memorySteps = config.remembers?.includes(true) ? (config.memorySteps ?? 1) : 0
  const mayBeAbsent = agents.map(agent => agent.mayBeAbsent === true)
  const choices: RowChoice[] = []
  /** What fetches batches, by what they are made of: draws alike have its memory in common. */
  const fetches = new Map<string, ReturnType<typeof createFetch>>()

  const fetchOf = ({ gamma = 1, steps = 1, discountPer = 'ownStep' }: DrawConfig) => {
    const key = `${steps} ${gamma} ${discountPer}`
    const fetch = fetches.get(key) ?? createFetch(store, transitions, { steps, gamma, discountPer, memorySteps })
    fetches.set(key, fetch)
    return fetch
  }

  const choiceOf = (
    agent: number | null,
    subPolicy: number,
    { priority = 0, importance = () => 1, latest = false }: DrawConfig,
  ): RowChoice => {
    const all = uniformChoice(transitions)
    const one = agent !== null && (subPolicies[agent] ?? 1) > 1
    const acted = one ? actedIn(transitions, agent, subPolicy) : undefined
    const belongs = agent !== null && mayBeAbsent[agent] ? presentIn(transitions, agent, acted) : acted
    if (latest) return latestChoice(transitions, belongs)
    if (priority > 0) {
      const priorities = { exponent: priority, importance }
      return prioritisedChoice(transitions, priorities, all, { belongs, isUnsettled: isUnsettled(agent) })
    }
    return belongs === undefined ? all : choiceAmong(transitions, belongs)
  }

  /** Whether an agent, or any, cannot learn from a row yet and will later on. */
  const isUnsettled = (agent: number | null) => {
    if (layout.follows === null) return undefined
    const whose = agent === null ? agents.map((_, index) => index) : [agent]
    return (slot: number) => whose.some(index => isOpen(transitions, slot, index))
  }

  return {
    capacity,
    isPerAgent: layout.follows !== null,
    get size() {
      return transitions.size
    },
    get inserted() {
      return transitions.inserted
    },
    rows: () => transitions.rows(),
    bytesPerTransition: layout.columns * 4,
    storeBytesWhenFull: transitions.bytesWhenFull,
    get bytesWhenFull() {
      return choices.reduce((sum, choice) => sum + choice.bytesWhenFull, transitions.bytesWhenFull.usual)
    },
    insert: step => transitions.insert(step),
    draw(agent, subPolicy = 0, how = config) {
      const choice = choiceOf(agent, subPolicy, how)
      choices.push(choice)
      return createDraw(transitions, choice, fetchOf(how), agent)
    },
    createBatch: (rows, nextActions = false) => createBatch(store, agents, rows, { ...config, nextActions }),
    save: () => transitions.save(),
    restore: saved => transitions.restore(saved),
  }
}

/**
 * Matrices for `rows` drawn transitions: all zero, but for masks, discounts and weights, which are ones.
 * @example
 * ```ts
 * import { createBatch, createJointReplay, createRandom, createSimdBackend, createVectorGame, gameOf } from 'marlstrom'
 * import { actAll, policiesOf } from 'marlstrom'
 *
 * const create = gameOf({ scenario: { id: 'simple' } })
 * const games = createVectorGame({ create, games: 2, random: game => createRandom(1, 'game', game) })
 * const policies = policiesOf('random', games.games, 1)
 * const backend = await createSimdBackend({ threads: 1 })
 * const replay = createJointReplay(backend, games.agents, { capacity: 1000, games: 2 })
 * for (let step = 0; step < 20; step++) {
 *   actAll(policies, games)
 *   replay.insert(games.advance())
 * }
 * const batch = createBatch(backend, games.agents, 8)
 * replay.draw(null).sample(createRandom(1, 'draw'), batch)
 * console.log(replay.size, batch.actions[0]!.rows) // 40 8
 * backend.dispose()
 * ```
 */
export function createBatch(
  store: MatrixStore,
  agents: readonly AgentSpec[],
  rows: number,
  {
    extras = [],
    remembers = [],
    memorySteps = 1,
    stateParts = [],
    ends = false,
    nextActions = false,
  }: BatchConfig = {},
): Batch {
  const columns = (agent: number): NamedMatrix[] =>
    (extras[agent] ?? []).map(({ name, size }) => ({ name, ...store.matrix(rows, size) }))
  // What stays through an episode is the same one step later; what an actor remembers then, it works out from the past.
  const declared = agents.map((_, agent) => columns(agent))
  // Where agents may be absent another life may have begun then, with another sub-policy.
  const mayBeAbsent = agents.some(agent => agent.mayBeAbsent === true)
  const declaredNext = mayBeAbsent ? agents.map((_, agent) => columns(agent)) : declared
  const observationsOf = (
    agent: number,
    steps: number,
    declared: readonly (readonly NamedMatrix[])[],
  ): Observations => {
    const { observationSize, isMasked, actionSpace } = agents[agent]!
    const matrix = store.matrix(rows, observationSize)
    const seen: Seen = isMasked === true ? { ...matrix, mask: ones(store, rows, actionSize(actionSpace)) } : matrix
    if (declared[agent]!.length === 0 && remembers[agent] !== true) return seen
    if (remembers[agent] !== true) return { ...seen, extras: declared[agent]! }
    const observations = store.matrix(steps * rows, observationSize)
    const past = { observations, restarted: new Uint8Array(steps * rows), extras: columns(agent) }
    return { ...seen, extras: declared[agent]!, past }
  }
  const stateSize = stateParts.reduce((sum, { size }) => sum + size, 0)
  const actionsOf = () => agents.map(agent => store.matrix(rows, actionSize(agent.actionSpace)))
  return {
    rows,
    observations: agents.map((_, agent) => observationsOf(agent, memorySteps, declared)),
    actions: actionsOf(),
    nextObservations: agents.map((_, agent) => observationsOf(agent, memorySteps + 1, declaredNext)),
    ...(stateSize > 0 ? { states: store.matrix(rows, stateSize), nextStates: store.matrix(rows, stateSize) } : {}),
    rewards: store.matrix(rows, agents.length),
    present: store.matrix(rows, agents.length),
    terminated: store.matrix(rows, agents.length),
    ...(mayBeAbsent ? { nextPresent: store.matrix(rows, agents.length) } : {}),
    ...(ends ? { over: store.matrix(rows, 1) } : {}),
    ...(nextActions ? { nextActions: actionsOf(), nextActed: store.matrix(rows, 1) } : {}),
    discounts: new Float64Array(rows).fill(1),
    weights: new Float32Array(rows).fill(1),
    tdErrors: new Float32Array(rows),
  }
}

function ones(store: MatrixStore, rows: number, columns: number): Matrix {
  const matrix = store.matrix(rows, columns)
  matrix.data.fill(1)
  return matrix
}

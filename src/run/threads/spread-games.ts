// A vector game whose games are played in several threads: the first of them in the calling one, the others in threads of their own.
import type { MarkovGame } from '../../envs/markov-game.ts'
import { createVectorGame, type VectorGame, type VectorGameOptions } from '../../envs/vector-game.ts'
import { GameError, NonFiniteError } from '../../errors.ts'
import type { AgentSpec, JointStep, Saved } from '../../types.ts'
import type { GameCommand, ThreadGames } from './game-messages.ts'
import { type GamesFailure, GameThreads, type GameThreadsOptions } from './game-threads.ts'
import { createSharedGames, type SharedLayout, type SharedViews, viewSharedGames } from './shared-games.ts'
import { joined, playAgain, shareOf } from './shares.ts'

export interface SpreadOptions extends SharedLayout, Pick<VectorGameOptions, 'create' | 'random'> {
  readonly threads: number
  /** How many of the steps that `advance` returned last stay as they are; null: all. */
  readonly keptSteps: number | null
  /** Is done before the threads are woken. */
  readonly beforeMove: () => void
  /** How the other threads come by the same games. */
  readonly source: Pick<ThreadGames, 'scenario' | 'options' | 'seed'>
  readonly threading: GameThreadsOptions
  /** How the games begin: as they were saved, where that is not null; then moved by these actions, per step, per agent. */
  readonly saved: Saved
  readonly played: readonly (readonly Float32Array[])[]
  /** What they come to in the calling thread. */
  readonly next: JointStep
}

/**
 * Starts the threads and waits until all games stand where they shall; null: in other threads they come to something else, so that they are
 * no function of their seed and their actions, and must stay together.
 * @throws Error where a thread does not begin
 */
export function spreadGames(options: SpreadOptions): SpreadGames | null {
  const { games, threads, source, threading, next, agents, extras, stateSize, keptSteps } = options
  const startOf = (thread: number) => Math.round((games * thread) / threads)
  const memory = createSharedGames({ agents, games, extras, stateSize }, 1 + (keptSteps ?? 1))
  const shares = Array.from({ length: threads - 1 }, (_, i): ThreadGames => {
    return { ...source, from: startOf(i + 1), end: startOf(i + 2), memory }
  })
  const running = new GameThreads(shares, threading)
  try {
    running.ask(shares.map(({ from, end }) => ({ type: 'begin', ...beginningOf(options, from, end) })))
    const views = viewSharedGames(memory)
    if (isSame(next, views.stepAt(next.step), startOf(1))) return new SpreadGames(options, running, shares, views)
  } catch (error) {
    running.dispose()
    // Here they did not fail.
    if (!(error instanceof GameError || error instanceof NonFiniteError)) throw error
  }
  running.dispose()
  return null
}

/** The part of the beginning that games from ... end - 1 have. */
function beginningOf({ games, saved, played }: SpreadOptions, from: number, end: number) {
  const rows = (of: Float32Array) => of.slice((from * of.length) / games, (end * of.length) / games)
  return {
    saved: saved === null ? null : shareOf(saved, games, from, end),
    played: played.map(actions => actions.map(rows)),
  }
}

/** Whether the agents see the same in both, from a game on. */
function isSame(one: JointStep, other: JointStep, from: number): boolean {
  return one.observations.every(({ data, columns }, agent) => {
    const theirs = other.observations[agent]!.data
    for (let at = from * columns; at < data.length; at++) if (!Object.is(data[at], theirs[at])) return false
    return true
  })
}

export class SpreadGames implements VectorGame {
  readonly agents: readonly AgentSpec[]
  readonly games: readonly MarkovGame[]
  readonly restarted: Uint8Array
  readonly begun: readonly Uint8Array[]
  readonly acting: readonly Uint8Array[] | null
  readonly figures: readonly Readonly<Record<string, number>>[]
  next: JointStep
  hasMoved = false
  /** The games of the calling thread. */
  readonly #own: VectorGame
  readonly #threads: GameThreads
  readonly #shares: readonly ThreadGames[]
  readonly #views: SharedViews
  readonly #beforeMove: () => void
  readonly #keepsAll: boolean
  #moving = false

  constructor(options: SpreadOptions, threads: GameThreads, shares: readonly ThreadGames[], views: SharedViews) {
    const { create, games, random, agents, extras, stateSize } = options
    const { from: end } = shares[0]!
    this.agents = agents
    this.#threads = threads
    this.#shares = shares
    this.#views = views
    this.#beforeMove = options.beforeMove
    this.#keepsAll = options.keptSteps === null
    const allocate = (step: number) => views.freshAt(step, 0, end)
    const own = createVectorGame({ create, games: end, random, extras, states: stateSize > 0, allocate })
    const { saved, played } = beginningOf(options, 0, end)
    if (saved !== null) own.restore(saved)
    for (const actions of played) playAgain(own, actions)
    this.#own = own
    this.games = [...own.games, ...new Array<MarkovGame>(games - end).fill(standIn(own.games[0]!))]
    this.figures = this.games.map(() => ({}))
    this.restarted = views.restarted
    this.begun = views.begun
    this.acting = own.acting === null ? null : views.acting
    this.next = this.#prepared()
  }

  get threads(): number {
    return this.#shares.length + 1
  }

  get steps(): number {
    return this.#own.steps
  }

  advance(): JointStep {
    this.#depart()
    let failure: GamesFailure | null = null
    try {
      this.#own.advance()
    } catch (error) {
      failure = this.#failureOf(error)
    }
    return this.#arrive(failure)
  }

  *advancing(): Generator<void, JointStep> {
    this.#depart()
    let failure: GamesFailure | null = null
    try {
      yield* this.#own.advancing()
    } catch (error) {
      failure = this.#failureOf(error)
    }
    return this.#arrive(failure)
  }

  save(): Saved {
    const saved = this.#ask(() => ({ type: 'save' }))
    return joined([this.#own.save(), ...saved])
  }

  restore(saved: Saved): void {
    const of = (from: number, end: number) => shareOf(saved, this.games.length, from, end)
    const ours = of(0, this.#shares[0]!.from)
    this.#ask(
      ({ from, end }) => ({ type: 'restore', saved: of(from, end) }),
      () => this.#own.restore(ours),
    )
    this.#moving = false
    this.next = this.#prepared()
  }

  dispose(): void {
    this.#threads.dispose()
  }

  #ask(command: (share: ThreadGames) => GameCommand, meanwhile?: () => void): Saved[] {
    const answers = this.#threads.ask(this.#shares.map(command), meanwhile)
    return answers.map(answer => (answer.type === 'saved' ? answer.saved : null))
  }

  #depart(): void {
    if (this.#moving) {
      throw new Error(`${this.games[0]!.id}: advance must not follow an error of an earlier one: restore or build anew`)
    }
    this.#moving = true
    this.#beforeMove()
    this.#threads.move()
  }

  #failureOf(error: unknown): GamesFailure {
    return { during: this.#own.hasMoved ? 'goingOn' : 'moving', error }
  }

  /** Throws the error that games one after the other would have had first: all are moved before those that ended begin anew. */
  #arrive(failure: GamesFailure | null): JointStep {
    const others = this.#threads.moved()
    const failures = failure === null ? others : [failure, ...others]
    this.hasMoved = failures.every(({ during }) => during !== 'moving')
    if (failures.length > 0) throw (failures.find(({ during }) => during === 'moving') ?? failures[0]!).error
    const step = this.#keepsAll ? this.#views.copyAt(this.steps) : this.#views.stepAt(this.steps)
    this.next = this.#prepared()
    this.#moving = false
    return step
  }

  /** The step that is prepared now, with what is known beside it. */
  #prepared(): JointStep {
    this.#views.tell(this.#own, 0)
    return this.#views.stepAt(this.steps + 1)
  }
}

/** In the place of a game of another thread: what stands still about it, and an error for the rest. */
function standIn(game: MarkovGame): MarkovGame {
  const known: Readonly<Record<PropertyKey, unknown>> = {
    id: game.id,
    agents: game.agents,
    stateParts: game.stateParts,
  }
  return new Proxy(game, {
    get(_, name) {
      if (name in known || typeof name === 'symbol') return known[name]
      throw new Error(
        `${game.id}: '${name}' was asked of a game that another thread plays; with run.threads 1 all are here`,
      )
    },
  })
}

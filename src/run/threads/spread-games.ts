// A vector game whose games are played in several threads: the first of them in the calling one, the others in threads of their own.
import { createJointStepLayout, gamesOfStep } from '../../envs/joint-step.ts'
import type { MarkovGame } from '../../envs/markov-game.ts'
import { createVectorGame, type VectorGame, type VectorGameOptions } from '../../envs/vector-game.ts'
import { GameError, NonFiniteError } from '../../errors.ts'
import type { AgentSpec, JointStep, Matrix, Saved } from '../../types.ts'
import { createThreadMemory, type GameCommand, type ThreadGames, type ThreadViews, viewThreadMemory } from './game-messages.ts'
import { type GamesFailure, GameThreads, type GameThreadsOptions } from './game-threads.ts'
import { joined, shareOf } from './shares.ts'

export interface SpreadOptions extends Pick<VectorGameOptions, 'create' | 'games' | 'random' | 'extras'> {
  readonly threads: number
  readonly agents: readonly AgentSpec[]
  /** Numbers of the games' own states; 0: they are not kept. */
  readonly stateSize: number
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
  const { games, threads, agents, stateSize, source, threading, next } = options
  const startOf = (thread: number) => Math.round((games * thread) / threads)
  const shares = Array.from({ length: threads - 1 }, (_, i): ThreadGames => {
    const first = startOf(i + 1)
    const count = startOf(i + 2) - first
    const memory = createThreadMemory(agents, count, stateSize)
    return { ...source, agents, first, games: count, stateSize, memory }
  })
  const running = new GameThreads(shares, threading)
  try {
    running.ask(shares.map(({ first, games }) => ({ type: 'begin', ...beginningOf(options, first, first + games) })))
    const views = shares.map(share => ({
      ...viewThreadMemory(share),
      from: share.first,
      end: share.first + share.games,
    }))
    if (views.every(share => isAsExpected(next, share))) return new SpreadGames(options, running, startOf(1), views)
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

/** Whether a thread came to the same observations. */
function isAsExpected(next: JointStep, { from, end, stepAt }: Share): boolean {
  const { observations } = stepAt(next.step)
  return next.observations.every(({ data, columns }, agent) => {
    const theirs = observations[agent]!.data
    return data.subarray(from * columns, end * columns).every((value, i) => Object.is(value, theirs[i]))
  })
}

/** Games from ... end - 1 in a thread of their own. */
interface Share extends ThreadViews {
  readonly from: number
  readonly end: number
}

export class SpreadGames implements VectorGame {
  readonly agents: readonly AgentSpec[]
  readonly games: readonly MarkovGame[]
  readonly restarted: Uint8Array
  readonly begun: readonly Uint8Array[]
  readonly acting: readonly Uint8Array[] | null
  readonly figures: readonly Readonly<Record<string, number>>[]
  next: JointStep
  steps: number
  hasMoved = false
  readonly #own: VectorGame
  /** Games of the calling thread. */
  readonly #end: number
  readonly #shares: readonly Share[]
  readonly #threads: GameThreads
  readonly #layout: (step: number) => JointStep
  /** The step that follows, whose first games the calling thread writes. */
  #following!: JointStep
  #moving = false

  /** `end`: games of the calling thread, which are made here. */
  constructor(options: SpreadOptions, threads: GameThreads, end: number, shares: readonly Share[]) {
    const { create, games, random, extras, agents, stateSize } = options
    this.agents = agents
    this.#threads = threads
    this.#end = end
    this.#shares = shares
    this.#layout = createJointStepLayout(agents, games, extras, stateSize)
    this.#own = createVectorGame({
      create,
      games: end,
      random,
      ...(extras === undefined ? {} : { extras }),
      states: stateSize > 0,
      allocate: step => this.#allocate(step),
    })
    const { saved, played } = beginningOf(options, 0, end)
    if (saved !== null) this.#own.restore(saved)
    for (const actions of played) {
      actions.forEach((of, agent) => void this.#own.next.actions[agent]!.data.set(of))
      this.#own.advance()
    }
    const elsewhere = standIn(this.#own.games[0]!)
    this.games = [...this.#own.games, ...new Array<MarkovGame>(games - this.#end).fill(elsewhere)]
    this.figures = this.games.map(() => ({}))
    this.restarted = new Uint8Array(games)
    const { acting } = this.#own
    this.begun = agents.map(() => (acting === null ? this.restarted : new Uint8Array(games)))
    this.acting = acting === null ? null : agents.map(() => new Uint8Array(games))
    this.steps = this.#own.steps
    this.next = this.#following
    this.#prepare()
  }

  get threads(): number {
    return this.#shares.length + 1
  }

  advance(): JointStep {
    const step = this.#depart()
    let failure: GamesFailure | null = null
    try {
      this.#own.advance()
    } catch (error) {
      failure = this.#failureOf(error)
    }
    return this.#arrive(step, failure)
  }

  *advancing(): Generator<void, JointStep> {
    const step = this.#depart()
    let failure: GamesFailure | null = null
    try {
      yield* this.#own.advancing()
    } catch (error) {
      failure = this.#failureOf(error)
    }
    return this.#arrive(step, failure)
  }

  save(): Saved {
    const saved = this.#ask(() => ({ type: 'save' }))
    return joined([this.#own.save(), ...saved])
  }

  restore(saved: Saved): void {
    const games = this.games.length
    this.#ask(
      ({ from, end }) => ({ type: 'restore', saved: shareOf(saved, games, from, end) }),
      () => this.#own.restore(shareOf(saved, games, 0, this.#end)),
    )
    this.#moving = false
    this.steps = this.#own.steps
    this.next = this.#following
    this.#prepare()
  }

  dispose(): void {
    this.#threads.dispose()
  }

  #ask(command: (share: Share) => GameCommand, meanwhile?: () => void): Saved[] {
    const answers = this.#threads.ask(this.#shares.map(command), meanwhile)
    return answers.map(answer => (answer.type === 'saved' ? answer.saved : null))
  }

  #allocate(step: number): JointStep {
    this.#following = this.#layout(step)
    return gamesOfStep(this.#following, 0, this.#end)
  }

  #depart(): JointStep {
    if (this.#moving) {
      throw new Error(`${this.games[0]!.id}: advance must not follow an error of an earlier one: restore or build anew`)
    }
    this.#moving = true
    const { next } = this
    for (const share of this.#shares) {
      const { actions } = share.stepAt(next.step)
      for (let agent = 0; agent < actions.length; agent++) {
        const { data, columns } = next.actions[agent]!
        actions[agent]!.data.set(data.subarray(share.from * columns, share.end * columns))
      }
    }
    this.#threads.move()
    return next
  }

  #failureOf(error: unknown): GamesFailure {
    return { during: this.#own.hasMoved ? 'goingOn' : 'moving', error }
  }

  /** The first error is thrown that the games would have had one after the other: first all are moved, then those that ended begin anew. */
  #arrive(step: JointStep, failure: GamesFailure | null): JointStep {
    const others = this.#threads.moved()
    const failures = failure === null ? others : [failure, ...others]
    this.hasMoved = failures.every(({ during }) => during !== 'moving')
    if (failures.length > 0) throw (failures.find(({ during }) => during === 'moving') ?? failures[0]!).error
    for (const share of this.#shares) takeCompleted(step, share)
    this.steps++
    this.next = this.#following
    this.#prepare()
    this.#moving = false
    return step
  }

  /** Takes over what the threads know of the step that begins. */
  #prepare(): void {
    const { next, restarted, begun, acting } = this
    restarted.set(this.#own.restarted)
    for (const share of this.#shares) {
      takeBegun(next, share)
      restarted.set(share.restarted, share.from)
    }
    if (acting === null) return
    for (let agent = 0; agent < this.agents.length; agent++) {
      begun[agent]!.set(this.#own.begun[agent]!)
      acting[agent]!.set(this.#own.acting![agent]!)
      for (const share of this.#shares) {
        begun[agent]!.set(share.begun[agent]!, share.from)
        acting[agent]!.set(share.acting[agent]!, share.from)
      }
    }
  }
}

/** What came of a step in the games of a thread. */
function takeCompleted(step: JointStep, { from, end, stepAt }: Share): void {
  const theirs = stepAt(step.step)
  const agents = step.rewards.columns
  take(step.rewards, theirs.rewards, from)
  for (let agent = 0; agent < agents; agent++) {
    take(step.nextObservations[agent]!, theirs.nextObservations[agent]!, from)
    const { mask } = step.nextObservations[agent]!
    if (mask !== undefined) take(mask, theirs.nextObservations[agent]!.mask!, from)
  }
  if (step.nextStates !== undefined) take(step.nextStates, theirs.nextStates!, from)
  step.terminated.set(theirs.terminated, from * agents)
  step.truncated.set(theirs.truncated, from)
  step.nextPresent?.set(theirs.nextPresent!, from * agents)
  step.waiting?.set(theirs.waiting!, from * agents)
  // What policies wrote for absent agents is not theirs to say: as the games' own thread has it.
  const { present } = step
  for (let game = from, at = from * agents; game < end; game++) {
    for (let agent = 0; agent < agents; agent++, at++) {
      if (present[at] === 1) continue
      clearRow(step.actions[agent]!, game)
      for (const extra of step.extras[agent]!) clearRow(extra, game)
    }
  }
}

/** What is there when a step begins in the games of a thread. */
function takeBegun(step: JointStep, { from, stepAt }: Share): void {
  const theirs = stepAt(step.step)
  const agents = step.rewards.columns
  for (let agent = 0; agent < agents; agent++) {
    take(step.observations[agent]!, theirs.observations[agent]!, from)
    const { mask } = step.observations[agent]!
    if (mask !== undefined) take(mask, theirs.observations[agent]!.mask!, from)
  }
  if (step.states !== undefined) take(step.states, theirs.states!, from)
  step.present.set(theirs.present, from * agents)
}

function take(into: Matrix, of: Matrix, from: number): void {
  into.data.set(of.data, from * into.columns)
}

function clearRow({ data, columns }: Matrix, row: number): void {
  data.fill(0, row * columns, (row + 1) * columns)
}

/** In the place of a game of another thread: what stands still about it, and an error for the rest. */
function standIn(game: MarkovGame): MarkovGame {
  const known: Readonly<Record<PropertyKey, unknown>> = { id: game.id, agents: game.agents, stateParts: game.stateParts }
  return new Proxy(game, {
    get(_, name) {
      if (name in known || typeof name === 'symbol') return known[name]
      throw new Error(`${game.id}: '${name}' was asked of a game that another thread plays; with run.threads 1 all are here`)
    },
  })
}

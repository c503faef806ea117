// K games side by side, moved together: the source of joint steps.
import { asGameError, placed } from '../errors.ts'
import type { Random } from '../random.ts'
import type { AgentSpec, Column, JointStep, Matrix, Saved, Stateful } from '../types.ts'
import { agentsOf } from './game-agents.ts'
import { createJointStepLayout } from './joint-step.ts'
import { createLives, type Lives } from './lives.ts'
import type { MarkovGame } from './markov-game.ts'
import { type SharedWorld, shareWorld } from './particle-game.ts'
import { createSights, type Sights } from './sights.ts'
import { demandSameAgents } from './validate-game.ts'

/** K copies of a game that step together: one row per game in every matrix, observations and actions per agent. */
export interface VectorGame extends Stateful {
  /** With what the game says of all of them (game-agents.ts). */
  readonly agents: readonly AgentSpec[]
  readonly games: readonly MarkovGame[]
  /** Vector steps so far. */
  readonly steps: number
  /** The step being prepared: its observations stand; policies write actions and extras into it, then `advance` is called. */
  readonly next: JointStep
  /** [games] 1 where the game was reset just before `next.observations`. */
  readonly restarted: Uint8Array
  /**
   * Per agent, [games]: 1 where a life of it begins with `next.observations`; in games without absences `restarted` itself, for all.
   */
  readonly begun: readonly Uint8Array[]
  /** Per agent, [games]: 1 where it acts in `next`; null in games without absences, where all are asked. */
  readonly acting: readonly Uint8Array[] | null
  /** [games] Figures of the step that `advance` returned, by name; empty unless asked for by `measure`. */
  readonly figures: readonly Readonly<Record<string, number>>[]
  /** Whether the last `advance` had moved all games, so that an error of it is of a game that went on or began anew. */
  readonly hasMoved: boolean
  /**
   * Moves all games by `next.actions` and returns the completed step; resets the games that ended and prepares the next step.
   * @throws NonFiniteError naming game, agent, observation part (or reward) and step; GameError naming the game, for
   * whatever else it throws: `cause`; the same naming agent and step where a mask allows nothing, where a reward comes while no life of
   * its agent is under way, and where an agent is absent that may not be. Some games have moved then and others have not: after an error only `restore` makes the games usable again.
   */
  advance(): JointStep
  /** The same a game at a time, so that others have their turn in between; they must leave these games alone. */
  advancing(): Generator<void, JointStep>
  /**
   * Episodes that begin from now on have these options, by name, in place of the games' own; absent: they cannot have others.
   * @throws ConfigError for options that the game refuses, or with which it has other agents
   */
  vary?(options: Readonly<Record<string, unknown>>): void
}

export interface VectorGameOptions {
  readonly create: () => MarkovGame
  readonly games: number
  /** The stream of random numbers of one game. */
  readonly random: (game: number) => Random
  /** Per agent, the sizes of the extra columns that its policy declares. */
  readonly extras?: readonly (readonly Column[])[]
  /** Whether games that can are asked for the figures of every step. */
  readonly measure?: boolean
  /** Whether the games' own states are kept; default: no. */
  readonly states?: boolean
  /** What the first of these games is called in errors, and whose stream it has; default: 0. They are some of more games. */
  readonly first?: number
  /** Fresh joint steps of these games by their numbers; default: each in memory of its own. */
  readonly allocate?: (step: number) => JointStep
  /**
   * How many of the steps that `advance` returned last stay as they are; the memory of those before is written again. Default: all stay.
   * Wide games are much faster where only the last few are looked at.
   */
  readonly keptSteps?: number
}

/** Builds and resets all games. */
export function createVectorGame(options: VectorGameOptions): VectorGame {
  if (!Number.isInteger(options.games) || options.games < 1) {
    throw new RangeError(`createVectorGame: games must be a whole number of at least 1, got ${options.games}`)
  }
  return new Games(options)
}

class Games implements VectorGame {
  readonly agents: readonly AgentSpec[]
  readonly games: readonly MarkovGame[]
  readonly restarted: Uint8Array
  readonly begun: readonly Uint8Array[]
  readonly acting: readonly Uint8Array[] | null
  readonly figures: Readonly<Record<string, number>>[]
  next: JointStep
  steps = 0
  hasMoved = false
  readonly #first: number
  readonly #measured: boolean
  /** The game that is being moved, reset or observed. */
  #current = 0
  /** True from the beginning of `advance` to its end, and ever after an error within. */
  #moving = false
  readonly #randoms: readonly Random[]
  /** The world in which the games take turns; null: each has its own. */
  readonly #shared: SharedWorld | null
  readonly #lives: Lives
  readonly #sights: Sights
  readonly #allocate: (step: number) => JointStep

  constructor(options: VectorGameOptions) {
    const { create, games, random, extras, measure = false, states = false, first: from = 0, keptSteps } = options
    this.#first = from
    this.figures = Array.from({ length: games }, () => ({}))
    this.#measured = measure
    this.games = Array.from({ length: games }, create)
    const [first] = this.games as [MarkovGame]
    this.agents = agentsOf(first)
    for (const game of this.games) demandSameAgents(first, game)
    this.#shared = shareWorld(this.games)
    const sources = this.games.map(game => this.#shared?.playing ?? game)
    this.restarted = new Uint8Array(games)
    const mayBeAbsent = this.agents.some(agent => agent.mayBeAbsent === true)
    this.begun = this.agents.map(() => (mayBeAbsent ? new Uint8Array(games) : this.restarted))
    this.acting = mayBeAbsent ? this.agents.map(() => new Uint8Array(games)) : null
    this.#randoms = this.games.map((_, game) => random(from + game))
    this.#lives = createLives(this.agents, sources)
    this.#sights = createSights(this.agents, sources, states, this.#shared, from)
    this.#allocate =
      options.allocate ?? createJointStepLayout(this.agents, games, extras, this.#sights.stateSize, keptSteps)
    this.next = this.#allocate(1)
    try {
      for (let game = 0; game < games; game++) this.#restart(this.next, game)
    } catch (error) {
      throw placed(asGameError(error), { game: this.#first + this.#current })
    }
    this.#tellWhoActs()
  }

  advance(): JointStep {
    const [step, following] = this.#depart()
    try {
      for (let game = 0; game < this.games.length; game++) this.#move(step, game)
      this.hasMoved = true
      this.#handOver(step, following)
      for (let game = 0; game < this.games.length; game++) this.#goOn(step, following, game)
    } catch (error) {
      throw placed(asGameError(error), { game: this.#first + this.#current })
    }
    return this.#arrive(step, following)
  }

  *advancing(): Generator<void, JointStep> {
    const [step, following] = this.#depart()
    try {
      for (let game = 0; game < this.games.length; game++) {
        this.#move(step, game)
        yield
      }
      this.hasMoved = true
      this.#handOver(step, following)
      for (let game = 0; game < this.games.length; game++) {
        this.#goOn(step, following, game)
        if (this.restarted[game] === 1) yield
      }
    } catch (error) {
      throw placed(asGameError(error), { game: this.#first + this.#current })
    }
    return this.#arrive(step, following)
  }

  save(): Saved {
    return {
      steps: this.steps,
      lives: this.#lives.save(),
      restarted: this.restarted,
      games: this.games.map(game => game.save()),
      randoms: this.#randoms.map(random => random.save()),
    }
  }

  restore(saved: Saved): void {
    const state = saved as unknown as Games & { lives?: Saved; gone?: Uint8Array; games: Saved[]; randoms: Saved[] }
    this.#moving = false
    this.steps = state.steps
    this.restarted.set(state.restarted)
    this.games.forEach((game, g) => void game.restore(state.games[g]!))
    this.#randoms.forEach((random, g) => void random.restore(state.randoms[g]!))
    if (state.lives === undefined) this.#restoreLeft(state.gone!)
    else this.#lives.restore(state.lives)
    // Observations are a function of the games: they are written again instead of being saved.
    this.next = this.#allocate(this.steps + 1)
    for (let game = 0; game < this.games.length; game++) {
      this.#shared?.enter(game)
      this.#begin(this.next, game)
    }
    this.#tellWhoActs()
  }

  /** Earlier versions saved only which agents had left, [games, agents]: in their games nobody waited. */
  #restoreLeft(gone: Uint8Array): void {
    const present = gone.map((isGone, at) => {
      const game = Math.floor(at / this.agents.length)
      return isGone === 1 ? 0 : this.games[game]!.present[at % this.agents.length]!
    })
    this.#lives.restore({ ...(this.#lives.save() as Record<string, Saved>), present })
  }

  /** The step that begins, and the one that it will lead to. */
  #depart(): readonly [JointStep, JointStep] {
    if (this.#moving) {
      throw new Error(`${this.games[0]!.id}: advance must not follow an error of an earlier one: restore or build anew`)
    }
    this.#moving = true
    this.hasMoved = false
    this.steps++
    return [this.next, this.#allocate(this.steps + 1)]
  }

  #handOver(step: JointStep, following: JointStep): void {
    for (let agent = 0; agent < this.agents.length; agent++) {
      const [seen, next] = [step.nextObservations[agent]!, following.observations[agent]!]
      next.data.set(seen.data)
      next.mask?.data.set(seen.mask!.data)
    }
    following.states?.data.set(step.nextStates!.data)
  }

  #goOn(step: JointStep, following: JointStep, game: number): void {
    if (this.#lives.over[game] === 1) this.#restart(following, game)
    else this.#continue(step, following, game)
  }

  #arrive(step: JointStep, following: JointStep): JointStep {
    this.next = following
    this.#moving = false
    this.#tellWhoActs()
    return step
  }

  /** Agent by agent in games with absences. */
  #tellWhoActs(): void {
    if (this.acting === null) return
    const { present, begun } = this.#lives
    for (let agent = 0; agent < this.agents.length; agent++) {
      for (let game = 0, at = agent; game < this.games.length; game++, at += this.agents.length) {
        this.acting[agent]![game] = present[at]!
        this.begun[agent]![game] = begun[at]!
      }
    }
  }

  #move(step: JointStep, game: number): void {
    this.#current = game
    const source = this.games[game]!
    const agents = this.agents.length
    this.#clearAbsent(step, game)
    source.step(step.actions, game)
    if (this.#measured) this.figures[game] = source.measure?.() ?? {}
    // What came of it is read without asking each time whose turn it is.
    const { truncated } = this.#shared?.playing ?? source
    step.truncated[game] = truncated ? 1 : 0
    this.#lives.step(game)
    const { lived, ended } = this.#lives
    const { rewards } = step
    for (let agent = 0, at = game * agents; agent < agents; agent++, at++) {
      if (lived[at] === 0) continue
      rewards.data[at] = this.#sights.reward(game, agent, this.steps)
      step.terminated[at] = ended[at]!
    }
    if (step.nextPresent !== undefined) this.#lookAhead(step, game)
    else {
      for (let agent = 0, at = game * agents; agent < agents; agent++, at++) {
        if (lived[at] === 1) this.#sights.observe(step.nextObservations, game, agent, this.steps)
        else clearRow(step.nextObservations[agent]!, game)
      }
      this.#sights.readMasks(step.nextObservations, game, this.#lives)
    }
    if (step.nextStates !== undefined) this.#sights.readState(step.nextStates, game, this.steps)
  }

  /** In games with absences: what is seen next by those who act next, and where the game is cut by those who wait. */
  #lookAhead({ nextPresent, waiting, nextObservations, truncated }: JointStep, game: number): void {
    const { present, waiting: waits } = this.#lives
    const isCut = truncated[game] === 1
    for (let agent = 0, at = game * this.agents.length; agent < this.agents.length; agent++, at++) {
      nextPresent![at] = present[at]!
      waiting![at] = waits[at]!
      if (present[at] === 1 || (isCut && waits[at] === 1))
        this.#sights.observe(nextObservations, game, agent, this.steps)
      else clearRow(nextObservations[agent]!, game)
    }
    this.#sights.readMasks(nextObservations, game, this.#lives)
  }

  #restart(into: JointStep, game: number): void {
    this.#current = game
    this.restarted[game] = 1
    this.games[game]!.reset(this.#randoms[game]!)
    this.#lives.begin(game)
    this.#begin(into, game)
  }

  /** Who is in the game and what they see, into a fresh step. */
  #begin(into: JointStep, game: number): void {
    const { present } = this.#lives
    for (let agent = 0, at = game * this.agents.length; agent < this.agents.length; agent++, at++) {
      into.present[at] = present[at]!
      if (present[at] === 0) clearRow(into.observations[agent]!, game)
      else this.#sights.observe(into.observations, game, agent, this.steps)
    }
    this.#sights.readMasks(into.observations, game, this.#lives)
    if (into.states !== undefined) this.#sights.readState(into.states, game, this.steps)
  }

  /** The game plays on: what was seen last is what is seen first, unless agents came or went. */
  #continue(step: JointStep, into: JointStep, game: number): void {
    this.restarted[game] = 0
    const { present } = this.#lives
    let changed = false
    for (let agent = 0, at = game * this.agents.length; agent < this.agents.length; agent++, at++) {
      into.present[at] = present[at]!
      if (present[at] !== step.present[at]) changed = true
    }
    if (!changed || step.nextPresent !== undefined) return
    this.#shared?.enter(game)
    this.#begin(into, game)
  }

  /** What policies wrote for absent agents is not theirs to say. */
  #clearAbsent(step: JointStep, game: number): void {
    for (let agent = 0, at = game * this.agents.length; agent < this.agents.length; agent++, at++) {
      if (step.present[at] === 1) continue
      clearRow(step.actions[agent]!, game)
      for (const extra of step.extras[agent]!) clearRow(extra, game)
    }
  }
}

function clearRow({ data, columns }: Matrix, row: number): void {
  data.fill(0, row * columns, (row + 1) * columns)
}

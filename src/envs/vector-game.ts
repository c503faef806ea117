// K games side by side, moved together: the source of joint steps.
import { episodeOver } from '../episode-over.ts'
import { asGameError, NonFiniteError, placed } from '../errors.ts'
import type { Random } from '../random.ts'
import type { AgentSpec, Column, JointStep, Matrix, Saved, Stateful } from '../types.ts'
import { createJointStepLayout } from './joint-step.ts'
import type { MarkovGame } from './markov-game.ts'
import { badObservation, badReward } from './sound-moment.ts'
import { demandSameAgents } from './validate-game.ts'

export interface VectorGame extends Stateful {
  readonly agents: readonly AgentSpec[]
  readonly games: readonly MarkovGame[]
  /** Vector steps so far. */
  readonly steps: number
  /** The step being prepared: its observations stand; policies write actions and extras into it, then `advance` is called. */
  readonly next: JointStep
  /** [games] 1 where the game was reset just before `next.observations`. */
  readonly restarted: Uint8Array
  /** [games] Figures of the step that `advance` returned, by name; empty unless asked for by `measure`. */
  readonly figures: readonly Readonly<Record<string, number>>[]
  /**
   * Moves all games by `next.actions` and returns the completed step; resets the games that ended and prepares the next step.
   * @throws NonFiniteError naming game, agent, observation part (or reward) and step; GameError naming the game, for
   * whatever else it throws: `cause`. Some games have moved then and others have not: after an error only `restore` makes the games usable again.
   */
  advance(): JointStep
  /** The same a game at a time, so that others have their turn in between; they must leave these games alone. */
  advancing(): Generator<void, JointStep>
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
  readonly figures: Readonly<Record<string, number>>[]
  next: JointStep
  steps = 0
  readonly #measured: boolean
  /** The game that is being moved, reset or observed. */
  #current = 0
  /** True from the beginning of `advance` to its end, and ever after an error within. */
  #moving = false
  readonly #randoms: readonly Random[]
  /** [games, agents]; 1 from an agent's termination until its game is reset. */
  readonly #gone: Uint8Array
  /** Per agent, one observation in double precision. */
  readonly #rows: readonly Float64Array[]
  readonly #allocate: (step: number) => JointStep

  constructor({ create, games, random, extras, measure = false }: VectorGameOptions) {
    this.figures = Array.from({ length: games }, () => ({}))
    this.#measured = measure
    this.games = Array.from({ length: games }, create)
    this.agents = this.games[0]!.agents
    for (const game of this.games) demandSameAgents(this.games[0]!, game)
    this.restarted = new Uint8Array(games)
    this.#randoms = this.games.map((_, game) => random(game))
    this.#gone = new Uint8Array(games * this.agents.length)
    this.#rows = this.agents.map(agent => new Float64Array(agent.observationSize))
    this.#allocate = createJointStepLayout(this.agents, games, extras)
    this.next = this.#allocate(1)
    try {
      for (let game = 0; game < games; game++) this.#restart(this.next, game)
    } catch (error) {
      throw placed(asGameError(error), { game: this.#current })
    }
  }

  advance(): JointStep {
    const [step, following] = this.#depart()
    try {
      for (let game = 0; game < this.games.length; game++) this.#move(step, game)
      this.#handOver(step, following)
      for (let game = 0; game < this.games.length; game++) this.#goOn(step, following, game)
    } catch (error) {
      throw placed(asGameError(error), { game: this.#current })
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
      this.#handOver(step, following)
      for (let game = 0; game < this.games.length; game++) {
        this.#goOn(step, following, game)
        if (this.restarted[game] === 1) yield
      }
    } catch (error) {
      throw placed(asGameError(error), { game: this.#current })
    }
    return this.#arrive(step, following)
  }

  save(): Saved {
    return {
      steps: this.steps,
      gone: this.#gone,
      restarted: this.restarted,
      games: this.games.map(game => game.save()),
      randoms: this.#randoms.map(random => random.save()),
    }
  }

  restore(saved: Saved): void {
    const state = saved as unknown as Games & { gone: Uint8Array; games: Saved[]; randoms: Saved[] }
    this.#moving = false
    this.steps = state.steps
    this.#gone.set(state.gone)
    this.restarted.set(state.restarted)
    this.games.forEach((game, g) => void game.restore(state.games[g]!))
    this.#randoms.forEach((random, g) => void random.restore(state.randoms[g]!))
    // Observations are a function of the games: they are written again instead of being saved.
    this.next = this.#allocate(this.steps + 1)
    for (let game = 0; game < this.games.length; game++) this.#begin(this.next, game)
  }

  /** The step that begins, and the one that it will lead to. */
  #depart(): readonly [JointStep, JointStep] {
    if (this.#moving) {
      throw new Error(`${this.games[0]!.id}: advance must not follow an error of an earlier one: restore or build anew`)
    }
    this.#moving = true
    this.steps++
    return [this.next, this.#allocate(this.steps + 1)]
  }

  #handOver(step: JointStep, following: JointStep): void {
    for (let agent = 0; agent < this.agents.length; agent++) {
      following.observations[agent]!.data.set(step.nextObservations[agent]!.data)
    }
  }

  #goOn(step: JointStep, following: JointStep, game: number): void {
    if (episodeOver(step, game)) this.#restart(following, game)
    else this.#continue(step, following, game)
  }

  #arrive(step: JointStep, following: JointStep): JointStep {
    this.next = following
    this.#moving = false
    return step
  }

  #move(step: JointStep, game: number): void {
    this.#current = game
    const source = this.games[game]!
    const agents = this.agents.length
    this.#clearAbsent(step, game)
    source.step(step.actions, game)
    if (this.#measured) this.figures[game] = source.measure?.() ?? {}
    step.truncated[game] = source.truncated ? 1 : 0
    const { rewards } = step
    for (let agent = 0, at = game * agents; agent < agents; agent++, at++) {
      if (step.present[at] === 0) continue
      const given = source.rewards[agent]!
      const reward = Math.fround(given)
      if (reward - reward !== 0) this.#notFinite(game, agent, 'reward', badReward(this.agents[agent]!.id, given))
      rewards.data[at] = reward
      step.terminated[at] = source.terminated[agent]!
      this.#observe(step.nextObservations, game, agent)
    }
  }

  /** Writes what an agent sees, rounded to float32. */
  #observe(into: readonly Matrix[], game: number, agent: number): void {
    const row = this.#rows[agent]!
    const { data } = into[agent]!
    this.games[game]!.observe(agent, row)
    let zero = 0
    for (let i = 0, at = game * row.length; i < row.length; i++, at++) {
      const value = Math.fround(row[i]!)
      data[at] = value
      zero += value - value
    }
    if (zero !== 0) {
      const why = badObservation(this.agents[agent]!, row)
      this.#notFinite(game, agent, `observation '${this.#badPart(agent)}'`, why)
    }
  }

  #restart(into: JointStep, game: number): void {
    this.#current = game
    this.restarted[game] = 1
    this.#gone.fill(0, game * this.agents.length, (game + 1) * this.agents.length)
    this.games[game]!.reset(this.#randoms[game]!)
    this.#begin(into, game)
  }

  /** Who is in the game and what they see, into a fresh step. */
  #begin(into: JointStep, game: number): void {
    const source = this.games[game]!
    const from = game * this.agents.length
    for (let agent = 0; agent < this.agents.length; agent++) {
      into.present[from + agent] = this.#gone[from + agent] === 1 ? 0 : source.present[agent]!
      if (into.present[from + agent] === 0) clearRow(into.observations[agent]!, game)
      else this.#observe(into.observations, game, agent)
    }
  }

  /** The game plays on: what was seen last is what is seen first, unless agents came or went. */
  #continue(step: JointStep, into: JointStep, game: number): void {
    this.restarted[game] = 0
    const source = this.games[game]!
    let changed = false
    for (let agent = 0, at = game * this.agents.length; agent < this.agents.length; agent++, at++) {
      if (step.terminated[at] === 1) this.#gone[at] = 1
      const present = this.#gone[at] === 1 ? 0 : source.present[agent]!
      into.present[at] = present
      if (present !== step.present[at]) changed = true
    }
    if (changed) this.#begin(into, game)
  }

  /** What policies wrote for absent agents is not theirs to say. */
  #clearAbsent(step: JointStep, game: number): void {
    for (let agent = 0, at = game * this.agents.length; agent < this.agents.length; agent++, at++) {
      if (step.present[at] === 1) continue
      clearRow(step.actions[agent]!, game)
      for (const extra of step.extras[agent]!) clearRow(extra, game)
    }
  }

  #notFinite(game: number, agent: number, what: string, why: string): never {
    const { id } = this.games[game]!
    throw new NonFiniteError(
      `${id}: ${what} of ${this.agents[agent]!.id} is not finite at step ${this.steps} of game ${game}: ${why}`,
    )
  }

  /** The part of the observation just written that holds the first number that is not finite. */
  #badPart(agent: number): string {
    const bad = this.#rows[agent]!.findIndex(value => !Number.isFinite(Math.fround(value)))
    let end = 0
    return this.agents[agent]!.observationParts.find(part => (end += part.size) > bad)?.name ?? ''
  }
}

function clearRow({ data, columns }: Matrix, row: number): void {
  data.fill(0, row * columns, (row + 1) * columns)
}

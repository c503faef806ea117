// A scenario becomes a game: what others see of it. It is played in a world of its own, or takes turns with others in one.

import type { Random } from '../random.ts'
import type { AgentSpec, Matrix, ObservationPart, Saved } from '../types.ts'
import type { GameHandles } from './game-handles.ts'
import type { MarkovGame } from './markov-game.ts'
import { ParticleCore } from './particle-core.ts'
import { ParticleTurns } from './particle-turns.ts'
import type { ParticleOptions, PlacedState } from './played-state.ts'
import { resolveOptions, type Scenario } from './scenario.ts'
import { canStandFor, makeSpeakOf } from './shared-world.ts'
import { validateScenario } from './validate-scenario.ts'
import type { World } from './world.ts'

export type { PlacedState } from './played-state.ts'

/** One particle world being played. */
export interface ParticleGame extends MarkovGame {
  readonly options: ParticleOptions
  readonly world: World
  /** Steps of the episode so far. */
  readonly cycles: number
  /** [agents] Rewards before a collaborative world shares them. */
  readonly localRewards: Float64Array
  /** Per agent, the named parts of its last reward; empty unless `watchRewards`. */
  readonly rewardParts: readonly ReadonlyMap<string, number>[]
  readonly stateParts: readonly ObservationPart[]
  state(row: Float64Array): void
  watchRewards(watch: boolean): void
  /** Puts the game into a state that was recorded elsewhere: for conformance replays and for viewers that drag. */
  place(state: PlacedState): void
}

/** Builds one game of a scenario; call `reset` before anything else. @throws ConfigError for wrong options, TypeError for a wrong scenario. */
export function createParticleGame(scenario: Scenario, given: Readonly<Record<string, unknown>> = {}): ParticleGame {
  validateScenario(scenario)
  return new Game(new ParticleCore(scenario, resolveOptions(scenario, given)))
}

/** One world in which many games are played in turn. */
export interface SharedWorld {
  /** What is played, read without asking whose turn it is: that of the game that has entered or moved last. */
  readonly playing: ParticleCore
  /** Gives a game its turn. */
  enter(game: number): void
}

/**
 * Lets games take turns in the world of the first, where all are games of one scenario with the same options: they stay what they are, but
 * whoever asks one for its `world` gets the shared world, holding this game's state until another game has its turn. Null where the games
 * differ: each then keeps a world of its own.
 */
export function shareWorld(games: readonly MarkovGame[]): SharedWorld | null {
  return games.every(isParticleGame) ? Game.share(games) : null
}

function isParticleGame(game: MarkovGame): game is Game {
  return Game.is(game) && game.observe === Game.prototype.observe
}

class Game implements ParticleGame {
  #core: ParticleCore
  #turns: ParticleTurns | null = null
  /** Among those that take turns. */
  #index = 0
  #frames: NonNullable<MarkovGame['frames']> | undefined
  #handles: Required<GameHandles> | undefined
  readonly id: string
  readonly agents: readonly AgentSpec[]
  readonly options: ParticleOptions
  readonly absences: boolean
  readonly stateParts: readonly ObservationPart[]
  /** Absent where nothing is ever forbidden. */
  declare actionMask?: NonNullable<MarkovGame['actionMask']>
  /** Absent where the scenario ships no controller. */
  declare script?: NonNullable<MarkovGame['script']>
  declare measure?: NonNullable<MarkovGame['measure']>

  constructor(core: ParticleCore) {
    this.#core = core
    this.id = core.id
    this.agents = core.agents
    this.options = core.options
    this.absences = core.absences
    this.stateParts = core.stateParts
    if (core.actionMask) this.actionMask = (agent, row) => this.#playing().actionMask!(agent, row)
    if (core.script) this.script = (agent, actions, row) => this.#playing().script!(agent, actions, row)
    if (core.measure) this.measure = () => this.#playing().measure!()
  }

  static is(game: MarkovGame): game is Game {
    return #core in game
  }

  static share(games: readonly Game[]): SharedWorld | null {
    const [first, ...others] = games as readonly [Game, ...Game[]]
    const core = first.#core
    if (others.length === 0 && first.#turns === null) return { playing: core, enter() {} }
    const isAlike = (game: Game) =>
      game.#turns === null &&
      game.#core.scenario === core.scenario &&
      Object.entries(core.options).every(([name, value]) => Object.is(game.options[name], value)) &&
      canStandFor(core.world, game.#core.world)
    if (new Set(games).size < games.length || !isAlike(first) || !others.every(isAlike)) return null
    const turns = new ParticleTurns(core, games.length)
    games.forEach((game, index) => {
      if (index > 0) {
        makeSpeakOf(core.world, game.#core.world)
        turns.adopt(index, game.#core)
      }
      game.#core = core
      game.#turns = turns
      game.#index = index
    })
    return { playing: core, enter: game => turns.enter(game) }
  }

  get world(): World {
    return this.#playing().world
  }

  get cycles(): number {
    return this.#playing().cycles
  }

  get truncated(): boolean {
    return this.#playing().truncated
  }

  get rewards(): Float64Array {
    return this.#playing().rewards
  }

  get localRewards(): Float64Array {
    return this.#playing().localRewards
  }

  get rewardParts(): readonly ReadonlyMap<string, number>[] {
    return this.#playing().rewardParts
  }

  get present(): Uint8Array {
    return this.#playing().present
  }

  get terminated(): Uint8Array {
    return this.#playing().terminated
  }

  get frames(): NonNullable<MarkovGame['frames']> {
    const { schema } = this.#core.frames
    this.#frames ??= { schema, write: row => this.#playing().frames.write(row) }
    return this.#frames
  }

  get handles(): Required<GameHandles> {
    this.#handles ??= {
      steer: (agent, move, say, actions) => this.#playing().handles.steer(agent, move, say, actions),
      drag: (entity, x, y) => this.#playing().handles.drag(entity, x, y),
      watchRewards: watch => this.#playing().handles.watchRewards(watch),
      rewardParts: agent => this.#playing().handles.rewardParts(agent),
      sees: (agent, marks) => this.#playing().handles.sees(agent, marks),
    }
    return this.#handles
  }

  reset(random: Random): void {
    this.#playing().reset(random)
  }

  step(actions: readonly Matrix[], row: number): void {
    if (this.#turns !== null) this.#turns.enterStep(this.#index)
    this.#core.step(actions, row)
  }

  observe(agent: number, row: Float64Array): void {
    this.#playing().observe(agent, row)
  }

  state(row: Float64Array): void {
    this.#playing().state(row)
  }

  place(state: PlacedState): void {
    this.#playing().place(state)
  }

  watchRewards(watch: boolean): void {
    this.#playing().watchRewards(watch)
  }

  save(): Saved {
    return this.#playing().save()
  }

  restore(saved: Saved): void {
    this.#playing().restore(saved)
  }

  /** The core, with this game in it. */
  #playing(): ParticleCore {
    if (this.#turns !== null) this.#turns.enter(this.#index)
    return this.#core
  }
}

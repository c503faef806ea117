// A game for loops that people write themselves: reset, step, everything by agent id, as PettingZoo's parallel API does.
import { unknownName } from '../errors.ts'
import { createRandom } from '../random.ts'
import { type ActionSpace, actionSize, forbiddenChoice } from '../spaces.ts'
import type { AgentSpec, Matrix } from '../types.ts'
import { agentsOf } from './game-agents.ts'
import { createLives, type Lives } from './lives.ts'
import type { MarkovGame } from './markov-game.ts'
import { allowedNow } from './mask-reader.ts'
import { type ParallelAction, writeAction } from './parallel-actions.ts'
import { createParticleGame, type ParticleGame } from './particle-game.ts'
import type { Scenario } from './scenario.ts'

export type { ParallelAction } from './parallel-actions.ts'

/** Something per agent id. */
export type ByAgent<T> = Readonly<Record<string, T>>

/** What an agent's observations are: `size` real numbers without bounds, in named parts. */
export interface ObservationSpace {
  readonly kind: 'box'
  readonly size: number
  readonly low: number
  readonly high: number
  readonly parts: AgentSpec['observationParts']
}

/** What is told besides: the named parts of an agent's reward, and the scenario's figures of the step. */
export interface ParallelInfo {
  readonly rewards: Readonly<Record<string, number>>
  readonly metrics: Readonly<Record<string, number>>
  /**
   * [actionSize] What the agent may do next: 1 at alternatives that are allowed and in boxes, 0 at those that are not. Absent where it does
   * not act next, and in games without action masks.
   */
  readonly actionMask?: Uint8Array
}

/** What `reset` gives, by agent id. */
export interface ParallelReset {
  /** Per agent, [observationSize], float32. */
  readonly observations: ByAgent<Float32Array>
  readonly infos: ByAgent<ParallelInfo>
}

/**
 * What came of a step, for every agent whose life was under way when it began, whether it acted or waited (docs/games.md): what a waiting
 * agent is paid adds up to the reward of its own last step. Observations and infos are also of those whose lives begin.
 */
export interface ParallelStep extends ParallelReset {
  readonly rewards: ByAgent<number>
  /** The agent's episode ended by the rules. */
  readonly terminations: ByAgent<boolean>
  /** The episode was cut by the time limit. */
  readonly truncations: ByAgent<boolean>
}

/** One game in which all agents move at once; arrays and records are the caller's to keep. */
export interface ParallelGame {
  /** Ids of the agents that act now; empty before the first reset and after the end. */
  readonly agents: readonly string[]
  /** Ids of those that wait. The episode goes on as long as there are any: where nobody acts, by a step without actions. */
  readonly waiting: readonly string[]
  /** Ids of all agents there ever are. */
  readonly possibleAgents: readonly string[]
  /** The game beneath, for rendering, scripted controllers and save. */
  readonly game: MarkovGame
  /** @throws RangeError for an unknown id. */
  observationSpace(id: string): ObservationSpace
  /** @throws RangeError for an unknown id. */
  actionSpace(id: string): ActionSpace
  /** Begins an episode. With a seed the same one each time; without, the stream of the last seed (at first 0) goes on. */
  reset(options?: { readonly seed?: number }): ParallelReset
  /**
   * Moves all agents: one action for each of `agents`, by id.
   * @throws TypeError or RangeError naming the agent, what is expected and what came, an alternative that is not allowed now too; nothing
   * has moved then.
   */
  step(actions: ByAgent<ParallelAction>): ParallelStep
  /** All agents' observations in agent order, float32, as MPE2's `state()`; zeros for those who have left. */
  state(): Float32Array
}

/**
 * A scenario with its options, or any Markov game, as a parallel game.
 * @throws ConfigError for wrong options, TypeError for a wrong scenario.
 */
export function parallelGame(
  source: Scenario | MarkovGame,
  options: Readonly<Record<string, unknown>> = {},
): ParallelGame {
  return new Parallel('step' in source ? source : createParticleGame(source, options))
}

class Parallel implements ParallelGame {
  readonly game: MarkovGame
  readonly possibleAgents: readonly string[]
  agents: readonly string[] = []
  waiting: readonly string[] = []
  readonly #lives: Lives
  readonly #actions: readonly Matrix[]
  readonly #rows: readonly Float64Array[]
  readonly #indices: ReadonlyMap<string, number>
  #live: ReadonlySet<string> = new Set()
  #random = createRandom(0, 'game')

  constructor(game: MarkovGame) {
    this.game = game
    this.possibleAgents = game.agents.map(agent => agent.id)
    this.#actions = game.agents.map(({ actionSpace }) => {
      const columns = actionSize(actionSpace)
      return { rows: 1, columns, data: new Float32Array(columns) }
    })
    this.#indices = new Map(this.possibleAgents.map((id, i) => [id, i]))
    this.#rows = game.agents.map(agent => new Float64Array(agent.observationSize))
    this.#lives = createLives(agentsOf(game), [game])
    if (isParticleGame(game)) game.watchRewards(true)
  }

  observationSpace(id: string): ObservationSpace {
    const { observationSize, observationParts } = this.game.agents[this.#indexOf(id)]!
    return {
      kind: 'box',
      size: observationSize,
      low: Number.NEGATIVE_INFINITY,
      high: Number.POSITIVE_INFINITY,
      parts: observationParts,
    }
  }

  actionSpace(id: string): ActionSpace {
    return this.game.agents[this.#indexOf(id)]!.actionSpace
  }

  reset({ seed }: { readonly seed?: number } = {}): ParallelReset {
    if (seed !== undefined) this.#random = createRandom(seed, 'game')
    this.game.reset(this.#random)
    this.#lives.begin(0)
    this.#tellAgents()
    return {
      observations: this.#each(this.agents, i => this.#observe(i)),
      infos: this.#each(this.agents, i => ({ rewards: {}, metrics: {}, ...this.#allowed(i) })),
    }
  }

  step(actions: ByAgent<ParallelAction>): ParallelStep {
    const { game, possibleAgents } = this
    this.#read(actions)
    game.step(this.#actions, 0)
    this.#lives.step(0)
    const { lived, ended, begun } = this.#lives
    const told = possibleAgents.filter((_, i) => lived[i] === 1)
    const seen = possibleAgents.filter((_, i) => lived[i] === 1 || begun[i] === 1)
    const metrics = game.measure?.() ?? {}
    const rewardParts = isParticleGame(game) ? game.rewardParts : []
    const step: ParallelStep = {
      observations: this.#each(seen, i => this.#observe(i)),
      rewards: this.#each(told, i => game.rewards[i]!),
      terminations: this.#each(told, i => ended[i] === 1),
      truncations: this.#each(told, i => game.truncated && ended[i] === 0),
      infos: this.#each(seen, i => ({
        rewards: Object.fromEntries(rewardParts[i] ?? []),
        metrics,
        ...this.#allowed(i),
      })),
    }
    this.#tellAgents()
    return step
  }

  state(): Float32Array {
    const observations = this.#rows.map((_, i) => this.#observe(i))
    const state = new Float32Array(observations.reduce((size, row) => size + row.length, 0))
    let at = 0
    for (const row of observations) {
      state.set(row, at)
      at += row.length
    }
    return state
  }

  /** Every action is read before the game moves, so that a wrong one leaves it where it was. */
  #read(actions: ByAgent<ParallelAction>): void {
    const { id: game } = this.game
    if (this.#lives.over[0] === 1) {
      throw new Error(`${game}: step must follow reset: the episode is over or has not begun; call reset()`)
    }
    if (typeof actions !== 'object' || actions === null) {
      throw new TypeError(`${game}: actions must be a record { ${this.agents[0]}: action, ... }, got ${typeof actions}`)
    }
    for (const id of Object.keys(actions)) {
      if (this.#live.has(id)) continue
      if (this.#indices.has(id)) {
        const why = this.waiting.includes(id) ? 'it waits' : 'its episode is over'
        throw new RangeError(`${game}: ${id} must get no action: ${why}; send actions for \`agents\` only`)
      }
      throw new RangeError(`${game}: ${unknownName('agent', id, this.agents)}`)
    }
    this.possibleAgents.forEach((id, i) => {
      const row = this.#actions[i]!.data
      if (!this.#live.has(id)) row.fill(0)
      else if (Object.hasOwn(actions, id)) {
        const { actionSpace } = this.game.agents[i]!
        writeAction(`${game}: action of ${id}`, actionSpace, actions[id], row)
        const actionMask = allowedNow(this.game, i)
        const forbidden = actionMask === undefined ? null : forbiddenChoice(actionSpace, row, actionMask)
        if (forbidden !== null) throw new RangeError(`${game}: action of ${id} ${forbidden} (infos.${id}.actionMask)`)
      } else
        throw new TypeError(`${game}: actions must have one for each of ${this.agents.join(', ')}, got none for ${id}`)
    })
  }

  #tellAgents(): void {
    const { present, waiting, over } = this.#lives
    const those = (flags: Uint8Array) => this.possibleAgents.filter((_, i) => over[0] === 0 && flags[i] === 1)
    this.agents = those(present)
    this.waiting = those(waiting)
    this.#live = new Set(this.agents)
  }

  #observe(agent: number): Float32Array {
    const row = this.#rows[agent]!
    const isCut = this.game.truncated && this.#lives.waiting[agent] === 1
    if (this.game.present[agent] === 0 && !isCut) row.fill(0)
    else this.game.observe(agent, row)
    return Float32Array.from(row)
  }

  #allowed(agent: number): Pick<ParallelInfo, 'actionMask'> {
    const { over, present } = this.#lives
    const actionMask = over[0] === 0 && present[agent] === 1 ? allowedNow(this.game, agent) : undefined
    return actionMask === undefined ? {} : { actionMask }
  }

  #each<T>(ids: readonly string[], value: (agent: number) => T): Record<string, T> {
    return Object.fromEntries(ids.map(id => [id, value(this.#indexOf(id))]))
  }

  #indexOf(id: string): number {
    const index = this.#indices.get(id)
    if (index === undefined) throw new RangeError(`${this.game.id}: ${unknownName('agent', id, this.possibleAgents)}`)
    return index
  }
}

function isParticleGame(game: MarkovGame): game is ParticleGame {
  return 'watchRewards' in game
}

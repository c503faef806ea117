// A grid game being played: resets, steps, collisions, observations, rewards, masks and ends.
import { choose, chosen } from '../envs/action-choice.ts'
import type { GameHandles } from '../envs/game-handles.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { createRandom, type Random } from '../random.ts'
import type { OptionTable } from '../settings/option.ts'
import type { AgentSpec, Matrix, ObservationPart, Saved } from '../types.ts'
import { settle, type Wish } from './collisions.ts'
import { facingAfter, firstAllowed, stepOf, wishedAction } from './grid-actions.ts'
import type { GridDefinition, GridMask, GridOptions } from './grid-definition.ts'
import type { GridAgent, WritableAgent } from './grid-entities.ts'
import { createGridFrames } from './grid-frames.ts'
import { GridPresence } from './grid-presence.ts'
import { GridWriter } from './grid-see.ts'
import { writeState } from './grid-state.ts'
import { traitsOf } from './grid-traits.ts'
import { GridWorld } from './grid-world.ts'
import { restoreGrid, saveGrid } from './saved-grid.ts'
import { validateAgents } from './validate-grid.ts'

type Options = GridOptions<OptionTable> & { readonly maxCycles: number; readonly masks: boolean }

/** One grid game being played. */
export interface GridGame extends MarkovGame {
  readonly options: Options
  readonly world: GridWorld
  /** Steps of the episode so far. */
  readonly cycles: number
}

/** @throws TypeError for a definition whose world is none */
export function createGridGame(definition: GridDefinition, options: GridOptions<OptionTable>): GridGame {
  return new Game(definition, options as Options)
}

type ObserveScene = Parameters<GridDefinition['observe']>[0]
type RewardScene = Parameters<GridDefinition['reward']>[0]

class Game implements GridGame {
  readonly id: string
  readonly agents: readonly AgentSpec[]
  readonly options: Options
  readonly world: GridWorld
  readonly rewards: Float64Array
  readonly present: Uint8Array
  readonly terminated: Uint8Array
  readonly absences: boolean
  readonly frames: NonNullable<MarkovGame['frames']>
  readonly handles: GameHandles
  readonly stateParts: readonly ObservationPart[]
  truncated = false
  cycles = 0
  declare script?: (agent: number, actions: Matrix, row: number) => void
  declare measure?: () => Readonly<Record<string, number>>
  declare actionMask?: (agent: number, row: Uint8Array) => void

  readonly #definition: GridDefinition
  readonly #presence: GridPresence
  readonly #see: GridWriter
  readonly #scene: { world: GridWorld; options: Options; random: Random }
  readonly #observing: readonly ObserveScene[]
  readonly #rewarding: readonly RewardScene[]
  readonly #rewardParts: readonly Map<string, number>[]
  readonly #wishes: { from: number; to: number }[]
  /** [agents] 1: who lived when the step began, and is paid for it. */
  readonly #paid: Uint8Array
  readonly #writeState: () => void
  #watched = false

  constructor(definition: GridDefinition, options: Options) {
    const { id, actions } = definition
    const written = definition.world({ options })
    validateAgents(definition, written.agents)
    this.#presence = new GridPresence(written.agents.length, definition.absences === true)
    const world = new GridWorld(written, this.#presence)
    const see = new GridWriter(world.rows, world.columns)
    this.id = id
    this.options = options
    this.world = world
    this.rewards = new Float64Array(world.agents.length)
    this.present = this.#presence.present
    this.terminated = this.#presence.terminated
    this.absences = definition.absences === true
    this.#definition = definition
    this.#see = see
    this.#scene = { world, options, random: createRandom(0, id) }
    this.#observing = world.agents.map(agent => ({ agent, world, options, see }))
    this.#rewardParts = world.agents.map(() => new Map())
    this.#rewarding = world.agents.map(agent => ({ agent, world, options, part: this.#part(agent.index) }))
    this.#paid = new Uint8Array(world.agents.length)
    this.#wishes = world.agents.map(() => ({ from: -1, to: -1 }))
    const traits = traitsOf(written)
    this.#writeState = definition.state
      ? () => definition.state!({ ...this.#scene, see })
      : () => writeState(world, traits, this.absences, see)
    this.frames = createGridFrames(world, written, traits, definition.legend ?? {}, this.absences)
    this.handles = {
      steer: (agent, move, say, row) => this.#steer(agent, move, say, row),
      watchRewards: watch => {
        this.#watched = watch
        if (!watch) for (const parts of this.#rewardParts) parts.clear()
      },
      rewardParts: agent => this.#rewardParts[agent]!,
    }
    this.reset(this.#scene.random)
    this.agents = world.agents.map(agent => this.#specify(agent, actions))
    this.stateParts = see.record(null, () => this.#writeState())
    if (options.masks) this.actionMask = this.#masker()
    if (definition.scripted) this.script = this.#controller(definition.scripted.bind(definition))
    if (definition.metrics) this.measure = () => definition.metrics!(this.#scene)
    // The game's own, so that it can be copied member by member as a game that is written by hand can.
    const { reset, step, observe, state, save, restore } = this
    const own = { reset, step, observe, state, save, restore }
    Object.assign(this, Object.fromEntries(Object.entries(own).map(([name, method]) => [name, method.bind(this)])))
  }

  reset(random: Random): void {
    this.#scene.random = random
    this.cycles = 0
    this.truncated = false
    this.rewards.fill(0)
    this.#presence.reset()
    for (const entity of this.world.entities) this.world.remove(entity)
    for (const agent of this.world.agents as readonly WritableAgent[]) {
      agent.action = null
      agent.blocked = false
    }
    this.#definition.reset(this.#scene)
    this.#presence.begun()
  }

  step(actions: readonly Matrix[], row: number): void {
    const { world, present } = this
    for (const agent of world.agents as readonly WritableAgent[]) {
      const { index } = agent
      agent.action =
        present[index] === 1
          ? this.#definition.actions[chosen(this.id, this.agents[index]!, actions[index], row)]!
          : null
    }
    // Whose life ends in this step is paid for it.
    this.#paid.set(this.#presence.alive)
    this.#move()
    this.#definition.act?.(this.#scene)
    this.cycles++
    this.#pay()
    this.#end()
  }

  observe(agent: number, row: Float64Array): void {
    // Who has left, or has not come yet, sees nothing.
    if (this.present[agent] === 0 && this.#presence.alive[agent] === 0) {
      row.fill(0)
      return
    }
    const scene = this.#observing[agent]!
    this.#see.begin(scene.agent, row)
    this.#definition.observe(scene)
    if (this.#see.written !== row.length) this.#sizeChanged(this.agents[agent]!.id, row.length)
  }

  state(row: Float64Array): void {
    this.#see.begin(null, row)
    this.#writeState()
    if (this.#see.written !== row.length) this.#sizeChanged('the state', row.length)
  }

  save(): Saved {
    return {
      cycles: this.cycles,
      truncated: this.truncated,
      present: this.present,
      terminated: this.terminated,
      alive: this.#presence.alive,
      rewards: this.rewards,
      world: saveGrid(this.world),
      random: this.#scene.random.save(),
    }
  }

  /** Restores the stream of random numbers too, into the one that the last `reset` handed over. */
  restore(saved: Saved): void {
    const state = saved as unknown as Game & { alive: Uint8Array; world: Saved; random: Saved }
    this.cycles = state.cycles
    this.truncated = state.truncated
    this.present.set(state.present)
    this.terminated.set(state.terminated)
    this.#presence.alive.set(state.alive)
    this.rewards.set(state.rewards)
    restoreGrid(this.world, state.world)
    this.#scene.random.restore(state.random)
  }

  /** Everybody turns and steps at once, as the collision rule allows. */
  #move(): void {
    const { world } = this
    const wishes = this.#wishes
    let count = 0
    for (const agent of world.agents as readonly WritableAgent[]) {
      agent.blocked = false
      if (agent.row < 0) continue
      const from = agent.row * world.columns + agent.column
      const target = agent.action === null ? null : this.#target(agent as GridAgent, agent.action)
      const wish = wishes[count++]!
      wish.from = from
      wish.to = target === null ? from : target
      if (target === -1) {
        wish.to = from
        agent.blocked = true
      }
    }
    const settled: readonly Wish[] = count === wishes.length ? wishes : wishes.slice(0, count)
    const goes = settle(this.#definition.collisions ?? 'chains', settled, world.rows * world.columns)
    let at = 0
    for (const agent of world.agents as readonly WritableAgent[]) {
      if (agent.action !== null) agent.facing = facingAfter(agent.action, agent.facing)
      if (agent.row < 0) continue
      const { from, to } = settled[at]!
      if (from !== to && goes[at] === 1) world.put(agent, Math.floor(to / world.columns), to % world.columns)
      else if (from !== to) agent.blocked = true
      at++
    }
  }

  /** The cell that an action leads to; -1: none can be entered there; null: the action does not move. */
  #target(agent: GridAgent, action: string): number | null {
    const { world } = this
    const step = stepOf(action, agent)
    if (step === null) return null
    const [row, column] = [agent.row + step.row, agent.column + step.column]
    if (!world.isOpen(row, column)) return -1
    const scene = this.#observing[agent.index]!
    if (this.#definition.mayEnter?.({ ...scene, row, column }) === false) return -1
    return row * world.columns + column
  }

  #pay(): void {
    for (let agent = 0; agent < this.rewards.length; agent++) {
      if (this.#watched) this.#rewardParts[agent]!.clear()
      this.rewards[agent] = this.#paid[agent] === 1 ? this.#definition.reward(this.#rewarding[agent]!) : 0
    }
  }

  /** The rules win over the clock. */
  #end(): void {
    if (this.#definition.done?.(this.#scene)) this.#presence.end()
    this.truncated = this.cycles >= this.options.maxCycles && !this.#presence.over
  }

  /** One dry run of `observe` tells the names and sizes of its parts. */
  #specify(agent: GridAgent, actions: readonly string[]): AgentSpec {
    const parts = this.#see.record(agent, () => this.#definition.observe(this.#observing[agent.index]!))
    return {
      id: agent.id,
      team: agent.team,
      observationSize: parts.reduce((sum, part) => sum + part.size, 0),
      observationParts: parts,
      actionSpace: [{ name: 'move', kind: 'choice', size: actions.length, soft: false, names: actions }],
    }
  }

  #masker(): NonNullable<MarkovGame['actionMask']> {
    const { actions, actionMask } = this.#definition
    let row: Uint8Array = new Uint8Array(0)
    const mask: GridMask<string> = {
      forbid(action) {
        const at = actions.indexOf(action)
        if (at !== -1) row[at] = 0
      },
    }
    return (index, into) => {
      const agent = this.world.agents[index]!
      row = into
      for (let i = 0; i < actions.length; i++) if (this.#target(agent, actions[i]!) === -1) into[i] = 0
      // Boxed in, in a game in which one cannot stay: to try is all there is.
      if (!into.includes(1)) into.fill(1)
      actionMask?.call(this.#definition, { ...this.#observing[index]!, mask })
    }
  }

  #steer(index: number, move: readonly [number, number], say: number | null, row: Matrix): void {
    const wished = wishedAction(this.#definition.actions, this.world.agents[index]!, move, say)
    if (this.actionMask === undefined) {
      choose(row, 0, wished)
      return
    }
    const mask = new Uint8Array(this.#definition.actions.length).fill(1)
    this.actionMask(index, mask)
    choose(row, 0, firstAllowed(mask, wished))
  }

  #controller(scripted: NonNullable<GridDefinition['scripted']>): NonNullable<MarkovGame['script']> {
    const { id, actions } = this.#definition
    return (agent, into, row) => {
      const action = scripted(this.#observing[agent]!)
      const at = actions.indexOf(action)
      if (at === -1)
        throw new TypeError(`${id}: hook 'scripted' must return one of ${actions.join(', ')}, got ${action}`)
      choose(into, row, at)
    }
  }

  #part(index: number): (name: string, value: number) => number {
    const parts = this.#rewardParts[index]!
    return (name, value) => {
      if (this.#watched) parts.set(name, value)
      return value
    }
  }

  #sizeChanged(what: string, size: number): never {
    throw new RangeError(
      `${this.id}: ${what === 'the state' ? what : `observation of ${what}`} must have ${size} numbers at every call, got ${this.#see.written}; write zeros for what is not there`,
    )
  }
}

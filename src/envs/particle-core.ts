// The one world that particle games are played in: resets, steps, observations, rewards and ends, by the hooks of a scenario.

import { createRandom, type Random } from '../random.ts'
import type { AgentSpec, Matrix, ObservationPart, Saved } from '../types.ts'
import type { Agent } from './entity.ts'
import type { GameHandles } from './game-handles.ts'
import type { MarkovGame } from './markov-game.ts'
import { createWorldNoise, type WorldNoise } from './noise.ts'
import { ObservationWriter } from './observation.ts'
import { ActionReader, ActionWriter, particleActionSpace } from './particle-actions.ts'
import { createParticleFrames } from './particle-frames.ts'
import { particleHandles } from './particle-handles.ts'
import { createActionMask, type MaskWriter } from './particle-masks.ts'
import { createPresence, type Presence } from './particle-presence.ts'
import { createWorldState, type WorldState } from './particle-state.ts'
import type { Belongings, ParticleOptions, PlacedState } from './played-state.ts'
import { restoreWorld, saveWorld } from './saved-world.ts'
import type { Scenario } from './scenario.ts'
import { validateWorld } from './validate-scenario.ts'
import { World } from './world.ts'

/** Plays one game at a time; several games take turns in it, each with its own state (particle-turns.ts). */
export class ParticleCore implements MarkovGame {
  readonly id: string
  readonly agents: readonly AgentSpec[]
  readonly options: ParticleOptions
  readonly world: World
  readonly rewards: Float64Array
  readonly localRewards: Float64Array
  rewardParts: readonly Map<string, number>[]
  readonly present: Uint8Array
  readonly terminated: Uint8Array
  readonly frames: ReturnType<typeof createParticleFrames>
  readonly handles: Required<GameHandles>
  readonly absences: boolean
  readonly stateParts: readonly ObservationPart[]
  truncated = false
  cycles = 0
  /** Absent where nothing is ever forbidden. */
  declare actionMask?: (agent: number, row: Uint8Array) => void
  /** Absent where the scenario ships no controller. */
  declare script?: (agent: number, actions: Matrix, row: number) => void
  declare measure?: () => Readonly<Record<string, number>>

  readonly #see: ObservationWriter
  readonly #readers: readonly ActionReader[]
  readonly #shared: boolean
  readonly scenario: Scenario
  readonly presence: Presence
  readonly #scene: { world: World; options: ParticleOptions; random: Random }
  readonly #observing: Parameters<Scenario['observe']>[0][]
  readonly #rewarding: Parameters<Scenario['reward']>[0][]
  readonly #controlling: { agent: Agent; world: World; options: ParticleOptions; random: Random }[]
  readonly #noise: WorldNoise | null
  readonly #state: WorldState
  #watched = false

  constructor(scenario: Scenario, options: ParticleOptions) {
    const definition = scenario.world({ options })
    validateWorld(scenario.id, definition)
    const world = new World(definition, options.rules)
    const continuous = options.actions === 'continuous'
    const see = new ObservationWriter(world.channels, (agent, options) => world.rays(agent, options))
    this.id = scenario.id
    this.options = options
    this.world = world
    this.rewards = new Float64Array(world.agents.length)
    this.localRewards = new Float64Array(world.agents.length)
    this.rewardParts = world.agents.map(() => new Map())
    this.present = new Uint8Array(world.agents.length).fill(1)
    this.terminated = new Uint8Array(world.agents.length)
    this.absences = scenario.absences === true
    const presence = createPresence(scenario.id, world, this.absences, this.present, this.terminated)
    const goalOf = scenario.goal && ((agent: Agent) => this.#goalOf(agent))
    this.frames = createParticleFrames(world, scenario.extent, goalOf, agent => presence.waits(agent.index))
    this.presence = presence
    this.scenario = scenario
    this.#see = see
    this.#readers = world.agents.map(agent => new ActionReader(scenario.id, agent, options.rules, continuous))
    this.#shared = scenario.collaborative === true && options.rules === 'openai'
    this.#scene = { world, options, random: createRandom(0, scenario.id) }
    this.#observing = world.agents.map(agent => ({ agent, world, options, see }))
    this.#rewarding = world.agents.map(agent => ({ agent, world, options, part: this.#part(agent) }))
    this.#controlling = world.scriptedAgents.map(agent => ({ ...this.#scene, agent }))
    this.handles = particleHandles({
      world,
      rules: options.rules,
      continuous,
      observe: (agent, see) => scenario.observe({ ...this.#observing[agent]!, see }),
      moved: () => {
        world.moved()
        this.#prepare()
      },
      watchRewards: watch => this.watchRewards(watch),
      rewardParts: agent => this.rewardParts[agent]!,
    })
    this.#noise = createWorldNoise([...world.agents, ...world.scriptedAgents])
    this.reset(this.#scene.random)
    this.agents = world.agents.map(agent => this.#specify(agent, continuous))
    this.#state = createWorldState(scenario, this.#scene, presence, this.absences, goalOf)
    this.stateParts = this.#state.parts
    if (scenario.actionMask && !continuous) this.actionMask = this.#masking(scenario.actionMask.bind(scenario))
    if (scenario.scripted) this.script = this.#controller(scenario.scripted.bind(scenario), continuous)
    if (scenario.metrics) this.measure = () => scenario.metrics!(this.#scene)
  }

  reset(random: Random): void {
    this.#scene.random = random
    for (const scene of this.#controlling) scene.random = random
    this.cycles = 0
    this.truncated = false
    this.terminated.fill(0)
    this.rewards.fill(0)
    this.localRewards.fill(0)
    this.world.rest()
    this.scenario.reset(this.#scene)
    this.world.moved()
    this.#prepare()
    // After the scenario's own draws: noise does not change where an episode begins.
    this.#noise?.begin(random)
    this.presence.begin()
  }

  step(actions: readonly Matrix[], row: number): void {
    for (let agent = 0; agent < this.#readers.length; agent++) {
      if (this.present[agent] === 1) this.#readers[agent]!.read(actions[agent], row)
    }
    if (this.world.scriptedAgents.length > 0) this.#control()
    this.#noise?.add()
    this.world.step()
    this.cycles++
    this.#prepare()
    this.#pay()
    this.#end()
  }

  observe(agent: number, row: Float64Array): void {
    this.observeInto(agent, row, 0)
  }

  /** As `observe`, into `data` from `at` on, whose precision may be single. */
  observeInto(agent: number, data: Float64Array | Float32Array, at: number): void {
    const scene = this.#observing[agent]!
    const size = this.agents[agent]!.observationSize
    // Where the episode is cut, who waits is asked too.
    if (!scene.agent.present && !(this.absences && this.presence.alive[agent] === 1)) {
      data.fill(0, at, at + size)
      return
    }
    this.#see.begin(scene.agent, data, at)
    this.scenario.observe(scene)
    if (this.#see.written !== size) this.#sizeChanged(agent)
  }

  state(row: Float64Array): void {
    this.#state.write(row)
  }

  place({ cycles, hidden, positions, velocities, utterances, landmarks }: PlacedState): void {
    const { world } = this
    if (cycles !== undefined) this.cycles = cycles
    if (hidden) this.scenario.impose?.({ ...this.#scene, hidden })
    positions?.forEach(([x, y], i) => void world.agents[i]!.position.set(x!, y!))
    velocities?.forEach(([x, y], i) => void world.agents[i]!.velocity.set(x!, y!))
    utterances?.forEach((utterance, i) => void world.agents[i]!.utterance.set(utterance))
    landmarks?.forEach(([x, y], i) => void world.landmarks[i]!.position.set(x!, y!))
    world.moved()
    this.#prepare()
  }

  watchRewards(watch: boolean): void {
    this.#watched = watch
    // Games that nobody watches have the same empty ones.
    if (watch) this.rewardParts = this.world.agents.map(() => new Map())
    else for (const parts of this.rewardParts) parts.clear()
  }

  save(): Saved {
    // Copies: the arrays are those of the next game too.
    return {
      cycles: this.cycles,
      truncated: this.truncated,
      terminated: this.terminated.slice(),
      rewards: this.rewards.slice(),
      localRewards: this.localRewards.slice(),
      world: saveWorld(this.world),
      random: this.#scene.random.save(),
      ...(this.#noise && { noise: this.#noise.save() }),
      ...(this.absences && { alive: this.presence.alive.slice() }),
    }
  }

  /** Restores the stream of random numbers too, into the one that the last `reset` handed over. */
  restore(saved: Saved): void {
    const state = saved as unknown as ParticleCore & { world: Saved; random: Saved; noise?: Saved; alive?: Saved }
    this.cycles = state.cycles
    this.truncated = state.truncated
    this.terminated.set(state.terminated)
    this.rewards.set(state.rewards)
    this.localRewards.set(state.localRewards)
    restoreWorld(this.world, state.world)
    this.world.moved()
    this.presence.restore(state.alive ?? null)
    this.#scene.random.restore(state.random)
    if (state.noise !== undefined) this.#noise?.restore(state.noise)
  }

  get belongings(): Belongings {
    const { state, answers } = this.world
    const streams = this.#noise?.streams ?? []
    return {
      random: this.#scene.random,
      state,
      answers,
      streams,
      rewardParts: this.rewardParts,
      watched: this.#watched,
    }
  }

  /** What belongs to the game that is played now; its answers stay the same. */
  give(to: Belongings): void {
    const { state } = this.world
    // Most stays what it was: what is not written does not have to reach the memory.
    if (to.random !== this.#scene.random) to.random = this.#scene.random
    if (to.state !== state) to.state = state
    if (to.rewardParts !== this.rewardParts) to.rewardParts = this.rewardParts
    if (to.watched !== this.#watched) to.watched = this.#watched
    if (this.#noise !== null) to.streams = this.#noise.streams
  }

  /** The game that these belong to is played from now on. */
  take(from: Belongings): void {
    this.#scene.random = from.random
    for (const scene of this.#controlling) scene.random = from.random
    this.world.turn(from.state, from.answers)
    this.rewardParts = from.rewardParts
    this.#watched = from.watched
    if (this.#noise !== null) this.#noise.streams = from.streams
  }

  /** What rewards share; the hook may move things, as may those before it. */
  #prepare(): void {
    if (this.scenario.beforeRewards === undefined) return
    this.scenario.beforeRewards(this.#scene)
    this.world.moved()
  }

  /** Scripted agents wish for nothing that they do not say anew: what they wished for before is no state. */
  #control(): void {
    for (const agent of this.world.scriptedAgents) {
      agent.thrust.set(0, 0)
      agent.speech.fill(0)
    }
    if (this.scenario.controls === undefined) return
    for (const scene of this.#controlling) if (scene.agent.present) this.scenario.controls(scene)
    this.world.moved()
  }

  /** Everyone who was alive when the step began is paid, also who waits and who left in it. */
  #pay(): void {
    const { rewards, localRewards } = this
    const { alive } = this.presence
    let total = 0
    for (let agent = 0; agent < rewards.length; agent++) {
      if (this.#watched) this.rewardParts[agent]!.clear()
      if (alive[agent] === 0) {
        rewards[agent] = 0
        localRewards[agent] = 0
        continue
      }
      const reward = this.scenario.reward(this.#rewarding[agent]!)
      localRewards[agent] = reward
      rewards[agent] = reward
      total += reward
    }
    if (!this.#shared) return
    for (let agent = 0; agent < rewards.length; agent++) if (alive[agent] === 1) rewards[agent] = total
  }

  /** The rules win over the clock: what ends by them in the time limit's own step is not cut. */
  #end(): void {
    const anybody = this.presence.follow()
    const over = !anybody || this.scenario.done?.(this.#scene) === true
    if (over) this.terminated.fill(1)
    this.truncated = !over && this.cycles >= this.options.maxCycles
  }

  /** One dry run of `observe` tells the names and sizes of its parts. */
  #specify(agent: Agent, continuous: boolean): AgentSpec {
    const parts = this.#see.record(agent, () => this.scenario.observe(this.#observing[agent.index]!))
    return {
      id: agent.id,
      team: agent.team,
      observationSize: parts.reduce((sum, part) => sum + part.size, 0),
      observationParts: parts,
      actionSpace: particleActionSpace(agent, this.options.rules, continuous),
    }
  }

  #masking(forbid: NonNullable<Scenario['actionMask']>): NonNullable<MarkovGame['actionMask']> {
    const { id, world, options } = this
    const masks = world.agents.map((agent): MaskWriter => createActionMask(id, agent, options.rules))
    const scenes = world.agents.map((agent, i) => ({ agent, world, options, mask: masks[i]! }))
    return (agent, row) => {
      masks[agent]!.begin(row)
      forbid(scenes[agent]!)
    }
  }

  #goalOf(agent: Agent): number {
    const goal = this.scenario.goal!(this.#observing[agent.index]!)
    if (goal === null) return -1
    if (goal !== undefined && this.world.landmarks[goal.index] === goal) return goal.index
    throw new TypeError(`${this.id}: hook 'goal' must return one of world.landmarks or null, got ${goal?.id ?? goal}`)
  }

  #part(agent: Agent): (name: string, value: number) => number {
    const { index } = agent
    return (name, value) => {
      if (this.#watched) this.rewardParts[index]!.set(name, value)
      return value
    }
  }

  #controller(scripted: NonNullable<Scenario['scripted']>, continuous: boolean): NonNullable<MarkovGame['script']> {
    const writers = this.world.agents.map(agent => new ActionWriter(agent, this.options.rules, continuous))
    return (agent, actions, row) => {
      const act = writers[agent]!
      act.begin(actions, row)
      scripted({ ...this.#observing[agent]!, act })
    }
  }

  #sizeChanged(agent: number): never {
    const { id, observationSize } = this.agents[agent]!
    throw new RangeError(
      `${this.id}: observation of ${id} must have ${observationSize} numbers at every call, got ${this.#see.written}; write null for what is not there`,
    )
  }
}

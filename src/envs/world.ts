// The particle world: its entities, what can be asked of them, and one step of time.
import { type ArenaDefinition, addEdgeForces, createArena, holdInside, wrapPositions } from './arena.ts'
import { speak } from './communication.ts'
import { createContacts, type Search } from './contacts.ts'
import { drive } from './dynamics.ts'
import { Agent, type AgentDefinition, type Entity, Landmark, type LandmarkDefinition } from './entity.ts'
import { type Answers, Neighbors } from './neighbors.ts'
import { noticeNewFields } from './new-fields.ts'
import { applyActions, integrate, type Rules } from './physics.ts'
import { RayCaster, type RayOptions } from './rays.ts'
import { addWallForces, createWalls, stopAtWalls, type Wall, type WallDefinition } from './walls.ts'

/** What an author says about a world. */
export interface WorldDefinition<
  A extends AgentDefinition,
  L extends LandmarkDefinition,
  S,
  C extends AgentDefinition = AgentDefinition,
> {
  readonly agents: readonly A[]
  readonly landmarks?: readonly L[]
  /**
   * Agents that the scenario moves by its hook `controls`: they take no action, get no reward and are not among the game's
   * agents, but collide, speak and are seen like them.
   */
  readonly scriptedAgents?: readonly C[]
  /** Numbers in an utterance; absent: 0. */
  readonly channels?: number
  /** What else belongs to the world: goals, quantities that rewards share. Saved with it, so plain data and entities only. */
  readonly state?: S
  /** Absent: open space, in which nothing stops anyone. */
  readonly arena?: ArenaDefinition
  /**
   * Segments `{ from, to, thickness? }` and boxes `{ low, high }` that stop whatever moves and collides. The push sets in
   * softly, as a contact's does, and no centre passes a wall however fast it is.
   */
  readonly walls?: readonly WallDefinition[]
  /** How contacts and neighbours are searched; absent: 'auto', by the number of entities. For benchmarks and tests. */
  readonly search?: Search
}

/** An agent with the fields that its definition adds. */
export type AgentOf<A extends AgentDefinition> = Agent & {
  -readonly [K in Exclude<keyof A, keyof AgentDefinition>]: A[K]
}
/** A landmark with the fields that its definition adds. */
export type LandmarkOf<L extends LandmarkDefinition> = Landmark & {
  -readonly [K in Exclude<keyof L, keyof LandmarkDefinition>]: L[K]
}

/** Agents and landmarks in the plane, x to the right and y up; nothing stops them at an edge unless the arena does. */
export class World<
  A extends AgentDefinition = AgentDefinition,
  L extends LandmarkDefinition = LandmarkDefinition,
  S = unknown,
  C extends AgentDefinition = AgentDefinition,
> {
  readonly agents: readonly AgentOf<A>[]
  /** Agents that the scenario's `controls` moves. */
  readonly scriptedAgents: readonly AgentOf<C>[]
  readonly landmarks: readonly LandmarkOf<L>[]
  /** Agents, then scripted agents, then landmarks. */
  readonly entities: readonly (AgentOf<A> | AgentOf<C> | LandmarkOf<L>)[]
  readonly state: S
  /** Numbers in an utterance. */
  readonly channels: number
  readonly arena: ArenaDefinition
  readonly walls: readonly Wall[]
  /** [agents] 1 from `leave` on, until the agent returns or a reset; the game's to clear. */
  readonly left: Uint8Array
  readonly #rules: Rules
  /** Agents and scripted agents. */
  readonly #actors: readonly Agent[]
  readonly #movers: readonly Entity[]
  /** Movers that forces move, and those that move by their own dynamics. */
  readonly #bodies: readonly Entity[]
  readonly #drivers: readonly Agent[]
  /** Actors that their thrust pushes. */
  readonly #pushed: readonly Agent[]
  readonly #addContacts: () => void
  readonly #others: (readonly AgentOf<A>[] | undefined)[] = []
  readonly #neighbors: Neighbors
  readonly #caster: RayCaster
  /** [movers, 2] Where everyone was before the step; empty in worlds without walls. */
  readonly #before: Float64Array

  constructor(definition: WorldDefinition<A, L, S, C>, rules: Rules) {
    const { agents, landmarks = [], scriptedAgents = [], channels = 0, search = 'auto' } = definition
    this.channels = channels
    this.agents = agents.map((agent, index) => createAgent(agent, index, channels, false))
    this.scriptedAgents = scriptedAgents.map((agent, index) => createAgent(agent, index, channels, true))
    this.landmarks = landmarks.map(
      (landmark, index) =>
        Object.assign(new Landmark(landmark, index), extraFields(landmark, landmarkFields)) as LandmarkOf<L>,
    )
    this.entities = [...this.agents, ...this.scriptedAgents, ...this.landmarks]
    this.left = new Uint8Array(this.agents.length)
    this.state = (definition.state ?? {}) as S
    this.arena = createArena(definition.arena, this.entities)
    this.walls = createWalls(definition.walls ?? [])
    this.#rules = rules
    this.#actors = [...this.agents, ...this.scriptedAgents]
    this.#movers = this.entities.filter(entity => entity.moves)
    this.#drivers = this.#actors.filter(agent => agent.moves && agent.dynamics !== 'force')
    this.#pushed = this.#actors.filter(agent => agent.dynamics === 'force')
    this.#bodies = this.#movers.filter(mover => !this.#drivers.includes(mover as Agent))
    this.#addContacts = createContacts(this.entities, search)
    this.#neighbors = new Neighbors(search)
    this.#before = new Float64Array(this.walls.length > 0 ? 2 * this.#movers.length : 0)
    this.#caster = new RayCaster(this, (agent, entities, reach, visit) =>
      this.#neighbors.around(agent, entities, reach, visit),
    )
  }

  /** One step of 0.1 seconds by the agents' thrusts and speeches. */
  step(): void {
    const { walls, arena } = this
    if (walls.length > 0) this.#remember()
    applyActions(this.#movers, this.#pushed)
    this.#addContacts()
    if (arena.edge === 'wall') addEdgeForces(this.#movers, arena.half)
    if (walls.length > 0) addWallForces(this.#movers, walls)
    integrate(this.#bodies, this.#rules)
    if (this.#drivers.length > 0) drive(this.#drivers)
    if (walls.length > 0) stopAtWalls(this.#movers, walls, this.#before)
    if (arena.edge === 'wall') holdInside(this.#movers, arena.half)
    if (arena.edge === 'wrap') wrapPositions(this.#movers, arena.half)
    speak(this.#actors)
    this.#neighbors.moved(true)
  }

  /** Everyone present, at rest and silent, as an episode begins. */
  rest(): void {
    for (const entity of this.entities) {
      entity.velocity.set(0, 0)
      entity.present = true
    }
    for (const agent of this.#actors) {
      agent.utterance.fill(0)
      agent.heading = 0
    }
    this.left.fill(0)
    this.#neighbors.moved(false)
  }

  /**
   * Says that a hook has moved entities by hand. Needed only before asking who is near in the same hook, and not in
   * `reset`: between hooks the game says it.
   */
  moved(): void {
    this.#neighbors.moved(true)
  }

  /** What hooks may hold of earlier answers; with `turn` a game's own. */
  get answers(): Answers {
    return this.#neighbors.answers
  }

  /** Another game has its turn, whose entities are where they were: its state and its answers take the place of those before. */
  turn(state: S, answers: Answers): void {
    // Read-only to authors.
    ;(this as { state: S }).state = state
    this.#neighbors.answers = answers
    this.#neighbors.moved(true)
  }

  /**
   * Ends the life of an agent, also of one that waits: it is not moved, touched or seen any more and is terminated. The others'
   * observations keep their sizes. In scenarios with `absences` a later `agent.present = true` begins another life; else it stays away
   * until the next reset.
   */
  leave(agent: Agent): void {
    if (!agent.scripted) this.left[agent.index] = 1
    agent.present = false
    agent.velocity.set(0, 0)
    agent.thrust.set(0, 0)
    agent.speech.fill(0)
    agent.utterance.fill(0)
  }

  /** All agents but this one, in agent order, also those that have left. */
  others(agent: Agent): readonly AgentOf<A>[] {
    if (agent.scripted) return this.agents
    return (this.#others[agent.index] ??= this.agents.filter(other => other !== agent))
  }

  /**
   * The `count` entities nearest to `agent`, nearest first, filled up with null: what it sees when it sees only so many.
   * With `count` null all of them, in their own order. The array is written anew when `agent` asks for as many of the same
   * list again. Agents that have left are not among them.
   */
  nearest<E extends Entity>(agent: Agent, entities: readonly E[], count: number | null): readonly (E | null)[] {
    if (count === null) return entities
    const slot = 2 * this.#slot(agent)
    // Of the lists of others, one grid serves all.
    const others = !agent.scripted && (entities as readonly Entity[]) === this.#others[agent.index]
    const found = others
      ? this.#neighbors.nearest(agent, this.agents, agent, count, Number.POSITIVE_INFINITY, slot, entities)
      : this.#neighbors.nearest(agent, entities, null, count, Number.POSITIVE_INFINITY, slot, entities)
    return found as readonly (E | null)[]
  }

  /** As `nearest` among all other agents, without a list of them: for worlds of very many. */
  nearestOthers(agent: Agent, count: number | null): readonly (AgentOf<A> | null)[] {
    if (count === null) return this.others(agent)
    const slot = 2 * this.#slot(agent)
    const found = this.#neighbors.nearest(
      agent,
      this.agents,
      agent,
      count,
      Number.POSITIVE_INFINITY,
      slot,
      this.#movers,
    )
    return found as readonly (AgentOf<A> | null)[]
  }

  /**
   * Partial observability by radius: those of `entities` whose centres are at most `radius` away from `agent`, itself not
   * counted, nearest first. Always `count` places: filled up with null, and of more the nearest ones.
   */
  within<E extends Entity>(agent: Agent, entities: readonly E[], radius: number, count: number): readonly (E | null)[] {
    const slot = 2 * this.#slot(agent) + 1
    return this.#neighbors.nearest(agent, entities, agent, count, radius, slot, entities) as readonly (E | null)[]
  }

  /** Distance from an entity to the nearest of `entities`, itself not counted; infinite when there is none. */
  nearestDistance(entity: Entity, entities: readonly Entity[]): number {
    return this.#neighbors.nearestDistance(entity, entities)
  }

  /** How many of `entities` an entity touches, itself not counted. */
  contacts(entity: Entity, entities: readonly Entity[]): number {
    return this.#neighbors.contacts(entity, entities)
  }

  /** What `see.rays` writes: [count] distances along rays from the agent. Overwritten by the next call. */
  rays(agent: Agent, options: RayOptions): Float64Array {
    return this.#caster.cast(agent, options)
  }

  #slot(agent: Agent): number {
    return agent.scripted ? this.agents.length + agent.index : agent.index
  }

  #remember(): void {
    let at = 0
    for (const { position } of this.#movers) {
      this.#before[at++] = position.x
      this.#before[at++] = position.y
    }
  }
}

function createAgent<A extends AgentDefinition>(
  definition: A,
  index: number,
  channels: number,
  scripted: boolean,
): AgentOf<A> {
  const agent = new Agent(definition, index, channels, scripted)
  return Object.assign(agent, extraFields(definition, agentFields)) as AgentOf<A>
}

noticeNewFields(Agent, Landmark, World)

const agentFields: Record<keyof AgentDefinition, true> = {
  id: true,
  team: true,
  size: true,
  color: true,
  mass: true,
  collides: true,
  moves: true,
  speaks: true,
  dynamics: true,
  acceleration: true,
  maxSpeed: true,
  turnRate: true,
  actionNoise: true,
  utteranceNoise: true,
}
const landmarkFields: Record<keyof LandmarkDefinition, true> = {
  id: true,
  size: true,
  color: true,
  mass: true,
  collides: true,
  moves: true,
}

/** The fields of a definition that are the author's own. */
function extraFields(definition: object, known: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(definition).filter(([field]) => !(field in known)))
}

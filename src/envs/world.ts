// The particle world: its entities, what can be asked of them, and one step of time.
import { speak } from './communication.ts'
import { Agent, type AgentDefinition, distance, type Entity, Landmark, type LandmarkDefinition } from './entity.ts'
import { addContactForces, applyActions, collidingPairs, integrate, type Pair, type Rules } from './physics.ts'

/** What an author says about a world. */
export interface WorldDefinition<A extends AgentDefinition, L extends LandmarkDefinition, S> {
  readonly agents: readonly A[]
  readonly landmarks?: readonly L[]
  /** Numbers in an utterance; absent: 0. */
  readonly channels?: number
  /** What else belongs to the world: goals, quantities that rewards share. Saved with it, so plain data and entities only. */
  readonly state?: S
}

/** An agent with the fields that its definition adds. */
export type AgentOf<A extends AgentDefinition> = Agent & {
  -readonly [K in Exclude<keyof A, keyof AgentDefinition>]: A[K]
}
/** A landmark with the fields that its definition adds. */
export type LandmarkOf<L extends LandmarkDefinition> = Landmark & {
  -readonly [K in Exclude<keyof L, keyof LandmarkDefinition>]: L[K]
}

/** Agents and landmarks in the plane, x to the right and y up; nothing stops them at an edge. */
export class World<
  A extends AgentDefinition = AgentDefinition,
  L extends LandmarkDefinition = LandmarkDefinition,
  S = unknown,
> {
  readonly agents: readonly AgentOf<A>[]
  readonly landmarks: readonly LandmarkOf<L>[]
  /** Agents, then landmarks. */
  readonly entities: readonly (AgentOf<A> | LandmarkOf<L>)[]
  readonly state: S
  /** Numbers in an utterance. */
  readonly channels: number
  readonly #rules: Rules
  readonly #movers: readonly Entity[]
  readonly #pairs: readonly Pair[]
  readonly #others: readonly (readonly AgentOf<A>[])[]

  constructor(definition: WorldDefinition<A, L, S>, rules: Rules) {
    const channels = definition.channels ?? 0
    this.channels = channels
    this.agents = definition.agents.map(
      (agent, index) => Object.assign(new Agent(agent, index, channels), extraFields(agent, agentFields)) as AgentOf<A>,
    )
    this.landmarks = (definition.landmarks ?? []).map(
      (landmark, index) =>
        Object.assign(new Landmark(landmark, index), extraFields(landmark, landmarkFields)) as LandmarkOf<L>,
    )
    this.entities = [...this.agents, ...this.landmarks]
    this.state = (definition.state ?? {}) as S
    this.#rules = rules
    this.#movers = this.entities.filter(entity => entity.moves)
    this.#pairs = collidingPairs(this.entities)
    this.#others = this.agents.map(agent => this.agents.filter(other => other !== agent))
  }

  /** One step of 0.1 seconds by the agents' thrusts and speeches. */
  step(): void {
    applyActions(this.#movers, this.agents)
    addContactForces(this.#pairs)
    integrate(this.#movers, this.#rules)
    speak(this.agents)
  }

  /** Everything at rest and silent, as an episode begins. */
  rest(): void {
    for (const entity of this.entities) entity.velocity.set(0, 0)
    for (const agent of this.agents) agent.utterance.fill(0)
  }

  /** All agents but this one, in agent order. */
  others(agent: Agent): readonly AgentOf<A>[] {
    return this.#others[agent.index]!
  }

  /**
   * The `count` entities nearest to `agent`, nearest first, filled up with null: what it sees when it sees only so many.
   * With `count` null all of them, in their own order.
   */
  nearest<E extends Entity>(agent: Agent, entities: readonly E[], count: number | null): readonly (E | null)[] {
    if (count === null) return entities
    const sorted = [...entities].sort((a, b) => distance(agent, a) - distance(agent, b))
    return Array.from({ length: count }, (_, slot) => sorted[slot] ?? null)
  }
}

const agentFields: Record<keyof AgentDefinition, true> = {
  id: true,
  team: true,
  size: true,
  color: true,
  mass: true,
  collides: true,
  moves: true,
  speaks: true,
  acceleration: true,
  maxSpeed: true,
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

// The state of a particle world as numbers, for critics that may see it: what a scenario writes, or by default what moves, what is heard and where to go.

import { cos, sin } from '../elementary.ts'
import type { ObservationPart } from '../types.ts'
import { type Agent, type Entity, type Landmark, shortWay } from './entity.ts'
import { ObservationWriter } from './observation.ts'
import { createStateSets } from './particle-state-sets.ts'
import type { Scenario, SeeState } from './scenario.ts'
import type { World } from './world.ts'

export interface WorldState {
  readonly parts: readonly ObservationPart[]
  /** Writes as many numbers as the parts have. @throws RangeError where the scenario writes more or less than at first */
  write(row: Float64Array): void
}

type Scene = Parameters<Scenario['reset']>[0]

/** `alive`: [agents] 1 where an agent is in its life, waiting or not. `goalOf`: the landmark that an agent is to reach; -1: none. */
export function createWorldState(
  scenario: Pick<Scenario, 'id' | 'state'>,
  scene: Scene,
  { alive }: { readonly alive: Uint8Array },
  absences: boolean,
  goalOf: ((agent: Agent) => number) | undefined,
): WorldState {
  const see = new ObservationWriter(scene.world.channels, () => [])
  const scenes = { world: scene.world, options: scene.options, see }
  const writeSets = createStateSets(scene.world)
  const writeWith = (goal: typeof goalOf) => {
    if (scenario.state) scenario.state(scenes)
    else if (scene.options.worldState === 'sets') writeSets(see, goal)
    else writeDefault(scene.world, see, alive, absences, goal)
  }
  const [first] = scene.world.agents as readonly [Agent]
  // Nobody's goal is asked for before it is wanted.
  const parts = see.record(first, () => writeWith(goalOf && (() => -1)))
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  return {
    parts,
    write(row) {
      see.begin(first, row)
      writeWith(goalOf)
      if (see.written === size) return
      throw new RangeError(
        `${scenario.id}: hook 'state' must write ${size} numbers at every call, got ${see.written}; write null for what is not there`,
      )
    },
  }
}

/**
 * Who is there (in scenarios with absences), then of all agents, scripted ones included: where they are, how they move, where those that
 * turn look, what those that speak said last; then where the landmarks are, how those that move do; and the way from each agent to its goal.
 * Zeros for what has left, and where there is no goal.
 */
function writeDefault(
  world: World,
  see: SeeState,
  alive: Uint8Array,
  absences: boolean,
  goalOf: ((agent: Agent) => number) | undefined,
): void {
  const { agents, scriptedAgents, landmarks } = world
  // Who waits still has a place to come back to.
  const isThere = (agent: Agent) => agent.present || (!agent.scripted && alive[agent.index] === 1)
  const actors: readonly Agent[] = scriptedAgents.length === 0 ? agents : [...agents, ...scriptedAgents]
  if (absences) for (const { present } of actors) see.number('present', present ? 1 : 0)
  for (const agent of actors) see.vector('positions', isThere(agent) ? agent.position : null)
  for (const agent of actors) if (agent.moves) see.vector('velocities', isThere(agent) ? agent.velocity : null)
  for (const agent of actors) {
    if (agent.dynamics !== 'differential') continue
    see.number('headings', isThere(agent) ? cos(agent.heading) : 0)
    see.number('headings', isThere(agent) ? sin(agent.heading) : 0)
  }
  for (const agent of actors) if (agent.speaks) see.numbers('utterances', agent.utterance)
  for (const landmark of landmarks) see.vector('landmarks', landmark.present ? landmark.position : null)
  for (const landmark of landmarks) {
    if (landmark.moves) see.vector('landmarkVelocities', landmark.present ? landmark.velocity : null)
  }
  if (goalOf === undefined) return
  for (const agent of agents) {
    const goal = isThere(agent) ? goalOf(agent) : -1
    writeWay(see, agent, goal < 0 ? null : landmarks[goal]!)
  }
}

function writeWay(see: SeeState, { position, wraps, period }: Entity, goal: Landmark | null): void {
  const x = goal === null ? 0 : goal.position.x - position.x
  const y = goal === null ? 0 : goal.position.y - position.y
  see.number('goals', wraps ? shortWay(x, period) : x)
  see.number('goals', wraps ? shortWay(y, period) : y)
}

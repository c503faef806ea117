// Predator-prey: slow adversaries catch faster agents between obstacles (Lowe et al. 2017; simple_tag_v3).

import { exp, pow, square } from '../src/elementary.ts'
import type { Color } from '../src/envs/entity.ts'
import { count, defineScenario, distance, flag, many, optionalCount } from '../src/envs/scenario.ts'

export const red: Color = [0.85, 0.35, 0.35]
export const green: Color = [0.35, 0.85, 0.35]

export const simple_tag = defineScenario({
  id: 'simple_tag',
  version: 2,
  // Since then an episode that ends by success in its last step is terminated, not truncated.
  changedIn: ({ options }) => (options.terminateOnSuccess ? 2 : 1),
  description: 'slow adversaries hunt faster agents together, between obstacles',
  options: {
    good: count(1, { min: 1 }, 'number of good agents, the prey'),
    adversaries: count(3, { min: 1 }, 'number of adversaries, the predators'),
    obstacles: count(2, {}, 'number of obstacles'),
    agentNeighbors: optionalCount('see only so many of the other agents, nearest first'),
    landmarkNeighbors: optionalCount('see only so many of the obstacles, nearest first'),
    curriculum: flag(false, 'make the prey slower in the stages 0 and 1'),
    curriculumStage: count(0, { max: 2 }, 'stage of the curriculum: prey at 50, 75 or 100 percent of its speed'),
    terminateOnSuccess: flag(false, 'end the episode when all prey is caught at once'),
  },

  world({ options }) {
    const pace = options.curriculum ? 0.5 + 0.25 * options.curriculumStage : 1
    return {
      agents: [
        ...many(options.adversaries, i => ({
          id: `adversary_${i}`,
          adversary: true,
          size: 0.075,
          acceleration: 3,
          maxSpeed: 1,
          color: red,
          touches: 0,
        })),
        ...many(options.good, i => ({
          id: `agent_${i}`,
          adversary: false,
          size: 0.05,
          acceleration: 4 * pace,
          maxSpeed: 1.3 * pace,
          color: green,
          touches: 0,
        })),
      ],
      landmarks: many(options.obstacles, i => ({ id: `landmark_${i}`, size: 0.2, collides: true })),
      channels: 2, // as published, though nobody speaks
      state: { touches: 0 },
    }
  },

  reset({ world, random }) {
    for (const { position } of world.agents) position.set(random.between(-1, 1), random.between(-1, 1))
    for (const { position } of world.landmarks) position.set(random.between(-0.9, 0.9), random.between(-0.9, 0.9))
  },

  observe({ agent, world, options, see }) {
    const others = world.nearestOthers(agent, options.agentNeighbors)
    see.vector('velocity', agent.velocity)
    see.vector('position', agent.position)
    for (const landmark of world.nearest(agent, world.landmarks, options.landmarkNeighbors)) {
      see.relative('landmarks', landmark)
    }
    for (const other of others) see.relative('others', other)
    for (const other of others) {
      if (other && !other.adversary) see.vector('preyVelocities', other.velocity)
      else if (options.agentNeighbors !== null) see.vector('preyVelocities', null) // every neighbour has its place
    }
  },

  /** Who is caught how often. */
  beforeRewards({ world }) {
    const predators = world.agents.filter(({ adversary }) => adversary)
    world.state.touches = 0
    for (const agent of world.agents) {
      agent.touches = agent.adversary ? 0 : world.contacts(agent, predators)
      world.state.touches += agent.touches
    }
  },

  reward({ agent, world, part }) {
    if (agent.adversary) return part('touches', 10 * world.state.touches)
    return part('touches', -10 * agent.touches) + part('bounds', -outside(agent.position))
  },

  done: ({ world, options }) =>
    options.terminateOnSuccess && world.agents.every(({ adversary, touches }) => adversary || touches > 0),

  metrics: ({ world }) => ({ touches: world.state.touches }),

  /** Predators run to where the nearest prey will be; prey runs from predators, the nearest most, and from the edge. */
  scripted({ agent, world, act }) {
    const opponents = world.others(agent).filter(({ adversary }) => adversary !== agent.adversary)
    if (agent.adversary) {
      const prey = world.nearest(agent, opponents, 1)[0]!
      const ahead = 0.5 * distance(agent, prey)
      const x = prey.position.x + ahead * prey.velocity.x - agent.position.x
      const y = prey.position.y + ahead * prey.velocity.y - agent.position.y
      return act.move(12 * x, 12 * y)
    }
    const { position } = agent
    let x = -2 * pow(position.x, 5)
    let y = -2 * pow(position.y, 5)
    for (const other of [...opponents, ...world.landmarks]) {
      // Obstacles frighten less: they only stand in the way.
      const gap = Math.max(0.02, distance(agent, other) - other.size) * (other.kind === 'agent' ? 1 : 4)
      const fear = 1 / (gap * square(1 + gap))
      x += fear * (position.x - other.position.x)
      y += fear * (position.y - other.position.y)
    }
    act.move(x, y)
  },
})

/** The price of leaving the arena, growing with the distance beyond 0.9: as published, for both axes together. */
export function outside({ x, y }: { readonly x: number; readonly y: number }): number {
  return beyond(Math.abs(x)) + beyond(Math.abs(y))
}

function beyond(value: number): number {
  if (value < 0.9) return 0
  return value < 1 ? (value - 0.9) * 10 : Math.min(exp(2 * value - 2), 10)
}

// One agent goes to one landmark: the smallest particle world, where learning must work first (Lowe et al. 2017; simple_v3).

import { square } from '../src/elementary.ts'
import { defineScenario, distance } from '../src/envs/scenario.ts'

export const simple = defineScenario({
  id: 'simple',
  version: 1,
  description: 'one agent goes to one landmark',
  options: {},

  world: () => ({
    agents: [{ id: 'agent_0', collides: false, color: [0.35, 0.35, 0.85] }],
    landmarks: [{ id: 'landmark_0', color: [0.75, 0.25, 0.25] }],
  }),

  reset({ world, random }) {
    for (const { position } of world.entities) position.set(random.between(-1, 1), random.between(-1, 1))
  },

  observe({ agent, world, see }) {
    see.vector('velocity', agent.velocity)
    see.relative('goal', world.landmarks[0]!)
  },

  reward: ({ agent, world, part }) => part('distance', -square(distance(agent, world.landmarks[0]!))),

  metrics({ world }) {
    const away = distance(world.agents[0]!, world.landmarks[0]!)
    return { distance: away, reached: away < 0.1 ? 1 : 0 }
  },

  /** Goes straight to the landmark and brakes before it. */
  scripted({ agent, world, act }) {
    const goal = world.landmarks[0]!.position
    const x = goal.x - agent.position.x
    const y = goal.y - agent.position.y
    act.move(12 * x - 2 * agent.velocity.x, 12 * y - 2 * agent.velocity.y)
  },
})

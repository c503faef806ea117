// A scenario of its own, built step by step in docs/authoring.md: agents meet anywhere, but not in the pit.
import { count, defineScenario, distance, many, ratio, touching } from 'marlstrom'

export const rendezvous = defineScenario({
  id: 'rendezvous',
  version: 1,
  description: 'agents meet anywhere, but not in the pit',

  options: {
    agents: count(3, { min: 2 }, 'number of agents'),
    pit: ratio(0.3, 'radius of the pit'),
  },

  world: ({ options }) => ({
    agents: many(options.agents, i => ({ id: `agent_${i}`, size: 0.08, collides: false, fallen: false })),
    landmarks: [{ id: 'pit', size: options.pit, color: [0.2, 0.2, 0.2] }],
    state: { x: 0, y: 0, spread: 0 },
  }),

  reset({ world, random }) {
    for (const { position } of world.entities) position.set(random.between(-1, 1), random.between(-1, 1))
  },

  observe({ agent, world, see }) {
    see.vector('velocity', agent.velocity)
    see.relative('pit', world.landmarks[0]!)
    for (const other of world.others(agent)) see.relative('others', other)
  },

  beforeRewards({ world }) {
    const { agents, landmarks, state } = world
    state.x = mean(agents.map(agent => agent.position.x))
    state.y = mean(agents.map(agent => agent.position.y))
    state.spread = mean(agents.map(agent => Math.hypot(agent.position.x - state.x, agent.position.y - state.y)))
    for (const agent of agents) agent.fallen = touching(agent, landmarks[0]!)
  },

  reward: ({ agent, world, part }) => part('spread', -world.state.spread) + part('pit', agent.fallen ? -1 : 0),

  metrics: ({ world }) => ({
    spread: world.state.spread,
    fallen: world.agents.filter(agent => agent.fallen).length,
  }),

  /** Everyone goes to the middle, and is pushed away from the pit. */
  scripted({ agent, world, act }) {
    const pit = world.landmarks[0]!
    const near = Math.max(0, 1.5 - distance(agent, pit) / (pit.size + agent.size))
    const x = world.state.x - agent.position.x + 4 * near * (agent.position.x - pit.position.x)
    const y = world.state.y - agent.position.y + 4 * near * (agent.position.y - pit.position.y)
    act.move(6 * x - 2 * agent.velocity.x, 6 * y - 2 * agent.velocity.y)
  },
})

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

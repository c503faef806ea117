// A chase of twelve, of which eight have distance sensors: an evaluation of a thousand episodes takes many seconds.
import { count, defineScenario, many, touching } from 'marlstrom'

export const chase = defineScenario({
  id: 'chase',
  version: 1,
  description: 'eight chasers, four runners and rocks in a walled field',
  options: { chasers: count(8, { min: 1 }, 'chasers'), runners: count(4, { min: 1 }, 'runners') },
  world: ({ options }) => ({
    agents: [
      ...many(options.chasers, i => ({ id: `chaser_${i}`, team: 'chaser', size: 0.06, chases: true, maxSpeed: 1 })),
      ...many(options.runners, i => ({ id: `runner_${i}`, team: 'runner', size: 0.04, chases: false, maxSpeed: 1.3 })),
    ],
    landmarks: many(5, i => ({ id: `rock_${i}`, size: 0.15, collides: true })),
    arena: { half: 1.5, edge: 'wall' },
  }),
  reset({ world, random }) {
    for (const { position } of world.entities) position.set(random.between(-1.4, 1.4), random.between(-1.4, 1.4))
  },
  observe({ agent, world, see }) {
    see.vector('velocity', agent.velocity)
    if (agent.chases) return see.rays('distances', { count: 12, reach: 0.8 })
    see.vector('position', agent.position)
    for (const rock of world.landmarks) see.relative('rocks', rock)
  },
  reward({ agent, world, part }) {
    const meetings = world.agents.filter(other => other.chases !== agent.chases && touching(agent, other)).length
    return part('caught', agent.chases ? meetings : -meetings)
  },
})

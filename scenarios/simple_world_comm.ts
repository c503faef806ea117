// Predator-prey with a leader who speaks, food, and forests to hide in: the game in the video of Lowe et al. 2017 (simple_world_comm_v3).
import type { Color } from '../src/envs/entity.ts'
import { count, defineScenario, distance, many, touching } from '../src/envs/scenario.ts'
import { outside } from './simple_tag.ts'

const leaderRed: Color = [0.65, 0.15, 0.15]
const red: Color = [0.95, 0.45, 0.45]
const green: Color = [0.45, 0.95, 0.45]
const blue: Color = [0.15, 0.15, 0.65]
const mint: Color = [0.6, 0.9, 0.6]
const predator = { team: 'adversary', adversary: true, size: 0.075, acceleration: 3, maxSpeed: 1 }
const prey = { adversary: false, leader: false, size: 0.045, acceleration: 4, maxSpeed: 1.3, color: green }

export const simple_world_comm = defineScenario({
  id: 'simple_world_comm',
  version: 1,
  description: 'a speaking leader and its pack hunt agents that feed and hide in forests',
  options: {
    good: count(2, { min: 1 }, 'number of good agents, the prey'),
    adversaries: count(4, { min: 1 }, 'number of adversaries, the leader included'),
    obstacles: count(1, {}, 'number of obstacles'),
    food: count(2, { min: 1 }, 'number of places with food'),
    forests: count(2, {}, 'number of forests'),
  },

  world({ options }) {
    const lot = () => ({ touches: 0, hidden: false, forests: many(options.forests, () => -1) }) // 1 where inside
    const follower = { ...predator, leader: false, color: red }
    return {
      agents: [
        { ...predator, ...lot(), id: 'leadadversary_0', leader: true, speaks: true, color: leaderRed },
        ...many(options.adversaries - 1, i => ({ ...follower, ...lot(), id: `adversary_${i}` })),
        ...many(options.good, i => ({ ...prey, ...lot(), id: `agent_${i}` })),
      ],
      landmarks: [
        ...many(options.obstacles, i => ({ id: `landmark_${i}`, role: 'obstacle', size: 0.2, collides: true })),
        ...many(options.food, i => ({ id: `food_${i}`, role: 'food', size: 0.03, color: blue })),
        ...many(options.forests, i => ({ id: `forest_${i}`, role: 'forest', size: 0.3, color: mint })),
      ],
      channels: 4,
      state: { touches: 0, eaten: 0 },
    }
  },

  reset({ world, random }) {
    for (const { position } of world.agents) position.set(random.between(-1, 1), random.between(-1, 1))
    for (const { position } of world.landmarks) position.set(random.between(-0.9, 0.9), random.between(-0.9, 0.9))
  },

  observe({ agent, world, see }) {
    const others = world.others(agent)
    see.vector('velocity', agent.velocity)
    see.vector('position', agent.position)
    for (const landmark of world.landmarks) see.relative('landmarks', landmark)
    for (const other of others) see.relative('others', sees(agent, other) ? other : null)
    if (!agent.adversary) see.numbers('forests', agent.forests)
    for (const other of others) {
      if (!other.adversary) see.vector('preyVelocities', sees(agent, other) ? other.velocity : null)
    }
    if (agent.adversary) {
      see.numbers('forests', agent.forests)
      see.utterance('leader', world.agents[0]!)
    }
  },

  /** Who is in which forest, and who is caught how often. */
  beforeRewards({ world }) {
    const forests = world.landmarks.filter(({ role }) => role === 'forest')
    world.state.touches = 0
    world.state.eaten = 0
    for (const agent of world.agents) {
      agent.touches = 0
      forests.forEach((forest, i) => {
        agent.forests[i] = touching(agent, forest) ? 1 : -1
      })
      agent.hidden = agent.forests.includes(1)
      if (agent.adversary) continue
      for (const other of world.agents) if (other.adversary && touching(agent, other)) agent.touches++
      world.state.touches += agent.touches
    }
  },

  reward({ agent, world, options, part }) {
    const wanted = agent.adversary ? world.others(agent).filter(other => !other.adversary) : food(world.landmarks)
    const nearest = Math.min(...wanted.map(entity => distance(agent, entity)))
    if (agent.adversary) return part('distance', -0.1 * nearest) + part('touches', 5 * world.state.touches)
    const eaten = wanted.filter(entity => touching(agent, entity)).length
    world.state.eaten += eaten
    return (
      part('touches', -5 * agent.touches) +
      part('bounds', -2 * outside(agent.position)) +
      part('food', 2 * eaten) +
      // The original pays for being away from food.
      part('distance', (options.rules === 'openai' ? 0.05 : -0.05) * nearest)
    )
  },
})

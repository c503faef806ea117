// Predator-prey with a leader who speaks, food, and forests to hide in: the game in the video of Lowe et al. 2017 (simple_world_comm_v3).

import { pow } from '../src/elementary.ts'
import type { Color } from '../src/envs/entity.ts'
import { count, defineScenario, distance, many, touching } from '../src/envs/scenario.ts'
import { green, outside, red } from './simple_tag.ts'

const darkRed: Color = [0.65, 0.15, 0.15]
const blue: Color = [0.15, 0.15, 0.65]
const mint: Color = [0.6, 0.9, 0.6]
const predator = { adversary: true, leader: false, size: 0.075, acceleration: 3, maxSpeed: 1, color: red }
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
    const lot = () => ({ touches: 0, eaten: 0, nearest: 0, hidden: false, forests: many(options.forests, () => -1) })
    return {
      agents: [
        { ...predator, ...lot(), id: 'leadadversary_0', team: 'adversary', leader: true, speaks: true, color: darkRed },
        ...many(options.adversaries - 1, i => ({ ...predator, ...lot(), id: `adversary_${i}` })),
        ...many(options.good, i => ({ ...prey, ...lot(), id: `agent_${i}` })),
      ],
      landmarks: [
        ...many(options.obstacles, i => ({ id: `landmark_${i}`, role: 'obstacle', size: 0.2, collides: true })),
        ...many(options.food, i => ({ id: `food_${i}`, role: 'food', size: 0.03, color: blue })),
        ...many(options.forests, i => ({ id: `forest_${i}`, role: 'forest', size: 0.3, color: mint })),
      ],
      channels: 4,
      state: { touches: 0, eaten: 0, hidden: 0 },
    }
  },

  reset({ world, random }) {
    for (const { position } of world.agents) position.set(random.between(-1, 1), random.between(-1, 1))
    for (const { position } of world.landmarks) position.set(random.between(-0.9, 0.9), random.between(-0.9, 0.9))
  },

  impose() {}, // leader, food and forests are who they are

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

  /** Who is in which forest, who is caught and who eats, and how far everyone is from what it hunts for. */
  beforeRewards({ world }) {
    const state = Object.assign(world.state, { touches: 0, eaten: 0, hidden: 0 })
    const predators = world.agents.filter(({ adversary }) => adversary)
    const prey = world.agents.filter(({ adversary }) => !adversary)
    const food = world.landmarks.filter(({ role }) => role === 'food')
    const forests = world.landmarks.filter(({ role }) => role === 'forest')
    for (const agent of world.agents) {
      for (const [i, forest] of forests.entries()) agent.forests[i] = touching(agent, forest) ? 1 : -1
      agent.hidden = agent.forests.includes(1)
      agent.nearest = world.nearestDistance(agent, agent.adversary ? prey : food)
      if (agent.adversary) continue
      agent.touches = world.contacts(agent, predators)
      agent.eaten = world.contacts(agent, food)
      state.touches += agent.touches
      state.eaten += agent.eaten
      if (agent.hidden) state.hidden++
    }
  },

  reward({ agent, world, options, part }) {
    if (agent.adversary) return part('distance', -0.1 * agent.nearest) + part('touches', 5 * world.state.touches)
    const shaping = options.rules === 'openai' ? 0.05 : -0.05 // the original pays for being far from food
    const caught = part('touches', -5 * agent.touches) + part('bounds', -2 * outside(agent.position))
    return caught + part('food', 2 * agent.eaten) + part('distance', shaping * agent.nearest)
  },

  metrics: ({ world }) => ({ ...world.state }),

  /**
   * Predators run to the nearest prey in sight, else to the forest the leader names: channel 1 for the first, 0 for none.
   * Prey runs away from a predator that is near, and to food otherwise.
   */
  scripted({ agent, world, act }) {
    const visible = world.others(agent).filter(other => other.adversary !== agent.adversary && sees(agent, other))
    const [nearest] = world.nearest(agent, visible, 1)
    const { x, y } = agent.position
    if (agent.leader) {
      const hider = visible.find(({ hidden }) => hidden)
      act.say(hider ? Math.min(world.channels - 1, 1 + hider.forests.indexOf(1)) : 0)
    }
    if (agent.adversary) {
      const forests = world.landmarks.filter(({ role }) => role === 'forest')
      const target = nearest ?? forests[world.agents[0]!.utterance.indexOf(1) - 1] ?? agent
      act.move(12 * (target.position.x - x), 12 * (target.position.y - y))
    } else if (nearest && distance(agent, nearest) < 0.4) {
      act.move(12 * (x - nearest.position.x) - pow(x, 5), 12 * (y - nearest.position.y) - pow(y, 5))
    } else {
      const food = world.landmarks.filter(({ role }) => role === 'food')
      const { position } = world.nearest(agent, food, 1)[0]!
      act.move(12 * (position.x - x) - 2 * agent.velocity.x, 12 * (position.y - y) - 2 * agent.velocity.y)
    }
  },
})

type Wanderer = Readonly<{ leader: boolean; hidden: boolean; forests: readonly number[] }>

/** Forests hide who is inside from who is not, and the other way round; nobody hides from the leader. */
function sees(self: Wanderer, other: Wanderer): boolean {
  if (self.leader || (!self.hidden && !other.hidden)) return true
  return self.forests.some((inside, forest) => inside === 1 && other.forests[forest] === 1)
}

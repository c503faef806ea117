// Physical deception: agents reach a goal and hide from an adversary which of the landmarks it is (Lowe et al. 2017; simple_adversary_v3).

import { square } from '../src/elementary.ts'
import { assign, count, defineScenario, distance, many, optionalCount } from '../src/envs/scenario.ts'

export const simple_adversary = defineScenario({
  id: 'simple_adversary',
  version: 1,
  description: 'agents reach the goal and mislead an adversary that does not know which landmark it is',
  options: {
    agents: count(2, { min: 1 }, 'number of good agents, and of landmarks'),
    agentNeighbors: optionalCount('see only so many of the other agents, nearest first'),
    // With no landmarks and no agents in sight, the adversary would see nothing at all.
    landmarkNeighbors: optionalCount('see only so many of the landmarks, nearest first', { min: 1 }),
  },

  world: ({ options }) => ({
    agents: [
      { id: 'adversary_0', adversary: true, size: 0.15, collides: false, color: [0.85, 0.35, 0.35] },
      ...many(options.agents, i => ({ id: `agent_${i}`, adversary: false, size: 0.15, collides: false })),
    ],
    landmarks: many(options.agents, i => ({ id: `landmark_${i}`, size: 0.08, color: [0.15, 0.15, 0.15] })),
    channels: 2, // as published, though nobody speaks
    state: { goal: 0, agentDistance: 0, adversaryDistance: 0 },
  }),

  reset({ world, random }) {
    world.state.goal = random.integer(world.landmarks.length)
    for (const { position } of world.entities) position.set(random.between(-1, 1), random.between(-1, 1))
  },

  impose({ world, hidden }) {
    world.state.goal = Number(hidden.goal_landmark)
  },

  observe({ agent, world, options, see }) {
    if (!agent.adversary) see.relative('goal', world.landmarks[world.state.goal]!)
    for (const landmark of world.nearest(agent, world.landmarks, options.landmarkNeighbors)) {
      see.relative('landmarks', landmark)
    }
    for (const other of world.nearestOthers(agent, options.agentNeighbors)) {
      see.relative('others', other)
    }
  },

  /** How far the goal is from the nearest good agent, and from the adversary. */
  beforeRewards({ world }) {
    const { state } = world
    const goal = world.landmarks[state.goal]!
    state.agentDistance = Number.POSITIVE_INFINITY
    for (const agent of world.agents) {
      if (agent.adversary) state.adversaryDistance = distance(agent, goal)
      else state.agentDistance = Math.min(state.agentDistance, distance(agent, goal))
    }
  },

  reward({ agent, world, options, part }) {
    const { agentDistance, adversaryDistance } = world.state
    if (!agent.adversary) return part('deception', adversaryDistance) + part('distance', -agentDistance)
    return part('distance', options.rules === 'openai' ? -square(adversaryDistance) : -adversaryDistance)
  },

  metrics({ world }) {
    const { agentDistance, adversaryDistance } = world.state
    return {
      agentDistance,
      adversaryDistance,
      agentReached: agentDistance < 0.1 ? 1 : 0,
      adversaryReached: adversaryDistance < 0.1 ? 1 : 0,
    }
  },

  goal: ({ agent, world }) => (agent.adversary ? null : world.landmarks[world.state.goal]!),

  /**
   * The good agents cover all landmarks, so that nothing tells the goal from the others. The adversary goes where the goal
   * is to be expected: it believes in a landmark the more, the closer a good agent is to it.
   */
  scripted({ agent, world, act }) {
    let x = 0
    let y = 0
    let total = 0
    const good = world.agents.filter(({ adversary }) => !adversary)
    const taken = agent.adversary ? [] : assign(good, world.landmarks, distance)
    for (const landmark of world.landmarks) {
      const nearest = Math.min(...good.map(other => distance(other, landmark)))
      const mine = taken[good.indexOf(agent)] === landmark.index ? 1 : 0
      const weight = agent.adversary ? 1 / square(0.1 + nearest) : mine
      x += weight * (landmark.position.x - agent.position.x)
      y += weight * (landmark.position.y - agent.position.y)
      total += weight
    }
    act.move((12 * x) / total - 2 * agent.velocity.x, (12 * y) / total - 2 * agent.velocity.y)
  },
})

// Keep-away: an agent wants to be at its goal, an adversary, who does not know it, wants to be there instead (Lowe et al. 2017; simple_push_v3).

import { hypot } from '../src/elementary.ts'
import { defineScenario, distance, touching } from '../src/envs/scenario.ts'

export const simple_push = defineScenario({
  id: 'simple_push',
  version: 1,
  description: 'an adversary keeps an agent away from a goal that only the agent knows',
  options: {},

  world: () => ({
    agents: [
      { id: 'adversary_0', adversary: true, color: [0.75, 0.25, 0.25] },
      { id: 'agent_0', adversary: false, color: [0.35, 0.35, 0.85] },
    ],
    // The badge is the colour that the agent sees itself in while the landmark is its goal.
    landmarks: [
      { id: 'landmark_0', color: [0.1, 0.9, 0.1], badge: [0.25, 0.75, 0.25] },
      { id: 'landmark_1', color: [0.1, 0.1, 0.9], badge: [0.25, 0.25, 0.75] },
    ],
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

  observe({ agent, world, see }) {
    const goal = world.landmarks[world.state.goal]!
    see.vector('velocity', agent.velocity)
    if (!agent.adversary) {
      see.relative('goal', goal)
      see.numbers('badge', goal.badge)
    }
    for (const landmark of world.landmarks) see.relative('landmarks', landmark)
    if (!agent.adversary) for (const { color } of world.landmarks) see.numbers('colors', color)
    for (const other of world.others(agent)) see.relative('other', other)
  },

  beforeRewards({ world }) {
    const { agents, landmarks, state } = world
    state.adversaryDistance = distance(agents[0]!, landmarks[state.goal]!)
    state.agentDistance = distance(agents[1]!, landmarks[state.goal]!)
  },

  reward({ agent, world, part }) {
    const { agentDistance, adversaryDistance } = world.state
    if (!agent.adversary) return part('distance', -agentDistance)
    return part('keepAway', agentDistance) + part('distance', -adversaryDistance)
  },

  metrics({ world }) {
    const { agentDistance, adversaryDistance } = world.state
    return {
      agentDistance,
      adversaryDistance,
      agentReached: agentDistance < 0.1 ? 1 : 0,
      adversaryReached: adversaryDistance < 0.1 ? 1 : 0,
      pushes: touching(world.agents[0]!, world.agents[1]!) ? 1 : 0,
    }
  },

  goal: ({ agent, world }) => (agent.adversary ? null : world.landmarks[world.state.goal]!),

  /** The agent goes to its goal; the adversary occupies the landmark that the agent seems to head for. */
  scripted({ agent, world, act }) {
    const [first, second] = [world.landmarks[0]!.position, world.landmarks[1]!.position]
    const { position, velocity } = world.agents[1]!
    const [x, y] = [position.x + velocity.x, position.y + velocity.y]
    const headsForFirst = hypot(first.x - x, first.y - y) < hypot(second.x - x, second.y - y)
    const expected = headsForFirst ? first : second
    const target = agent.adversary ? expected : world.landmarks[world.state.goal]!.position
    act.move(
      12 * (target.x - agent.position.x) - 2 * agent.velocity.x,
      12 * (target.y - agent.position.y) - 2 * agent.velocity.y,
    )
  },
})

// Reference game: two agents each know where the other one should go, and tell it (Mordatch and Abbeel 2018, Lowe et al. 2017; simple_reference_v3).

import { square } from '../src/elementary.ts'
import { defineScenario, distance, many, ratio } from '../src/envs/scenario.ts'

export const simple_reference = defineScenario({
  id: 'simple_reference',
  version: 1,
  description: 'two agents tell each other which landmark to go to',
  collaborative: true,
  options: {
    localRatio: ratio(0.5, 'share of the own part in the reward, the rest is the mean of both parts (mpe2 rules)'),
  },

  world: () => ({
    agents: many(2, i => ({ id: `agent_${i}`, collides: false, speaks: true, goal: 0, distance: 0 })),
    landmarks: [
      { id: 'landmark_0', color: [0.75, 0.25, 0.25] },
      { id: 'landmark_1', color: [0.25, 0.75, 0.25] },
      { id: 'landmark_2', color: [0.25, 0.25, 0.75] },
    ],
    channels: 10,
  }),

  reset({ world, random }) {
    // Which landmark the agent wants the other one to reach.
    for (const agent of world.agents) agent.goal = random.integer(world.landmarks.length)
    for (const { position } of world.entities) position.set(random.between(-1, 1), random.between(-1, 1))
  },

  impose({ world, hidden }) {
    const goals = [hidden.goal_landmark].flat().map(Number)
    for (const agent of world.agents) agent.goal = goals[agent.index]!
  },

  observe({ agent, world, see }) {
    see.vector('velocity', agent.velocity)
    for (const landmark of world.landmarks) see.relative('landmarks', landmark)
    see.numbers('goalColor', world.landmarks[agent.goal]!.color)
    for (const other of world.others(agent)) see.utterance('heard', other)
  },

  /** How far the other one is from where the agent wants it. */
  beforeRewards({ world }) {
    const [first, second] = world.agents
    first!.distance = distance(second!, world.landmarks[first!.goal]!)
    second!.distance = distance(first!, world.landmarks[second!.goal]!)
  },

  reward({ agent, world, options, part }) {
    if (options.rules === 'openai') return part('own', -square(agent.distance))
    const mean = (world.agents[0]!.distance + world.agents[1]!.distance) / 2
    const local = options.localRatio
    return part('shared', -mean * (1 - local)) + part('own', -agent.distance * local)
  },

  metrics({ world }) {
    const [first, second] = world.agents
    return {
      meanDistance: (first!.distance + second!.distance) / 2,
      reached: ((first!.distance < 0.1 ? 1 : 0) + (second!.distance < 0.1 ? 1 : 0)) / 2,
    }
  },

  goal: ({ agent, world }) => world.landmarks[world.others(agent)[0]!.goal]!,

  /** Both say the number of the landmark and go where they are told: in the first step, to the middle of all. */
  scripted({ agent, world, act }) {
    const told = world.others(agent)[0]!.utterance
    let [x, y, total] = [0, 0, 0]
    for (const { index, position } of world.landmarks) {
      const weight = told[index]! + 1e-6
      x += weight * (position.x - agent.position.x)
      y += weight * (position.y - agent.position.y)
      total += weight
    }
    act.say(agent.goal)
    act.move((12 * x) / total - 2 * agent.velocity.x, (12 * y) / total - 2 * agent.velocity.y)
  },
})

// Cooperative communication: a speaker that cannot move tells a listener which landmark to go to (Lowe et al. 2017; simple_speaker_listener_v4).

import { square } from '../src/elementary.ts'
import { defineScenario, distance } from '../src/envs/scenario.ts'

export const simple_speaker_listener = defineScenario({
  id: 'simple_speaker_listener',
  version: 1,
  description: 'a speaker that cannot move tells a listener which landmark to go to',
  collaborative: true,
  options: {},

  world: () => ({
    agents: [
      {
        id: 'speaker_0',
        team: 'good',
        moves: false,
        speaks: true,
        size: 0.075,
        collides: false,
        color: [0.25, 0.25, 0.25],
      },
      { id: 'listener_0', team: 'good', moves: true, speaks: false, size: 0.075, collides: false },
    ],
    landmarks: [
      { id: 'landmark_0', size: 0.04, color: [0.65, 0.15, 0.15] },
      { id: 'landmark_1', size: 0.04, color: [0.15, 0.65, 0.15] },
      { id: 'landmark_2', size: 0.04, color: [0.15, 0.15, 0.65] },
    ],
    channels: 3,
    state: { goal: 0, distance: 0 },
  }),

  reset({ world, random }) {
    world.state.goal = random.integer(world.landmarks.length)
    for (const { position } of world.entities) position.set(random.between(-1, 1), random.between(-1, 1))
  },

  impose({ world, hidden }) {
    world.state.goal = Number(hidden.goal_landmark)
  },

  observe({ agent, world, see }) {
    if (agent.speaks) {
      see.numbers('goalColor', world.landmarks[world.state.goal]!.color)
    } else {
      see.vector('velocity', agent.velocity)
      for (const landmark of world.landmarks) see.relative('landmarks', landmark)
      see.utterance('heard', world.agents[0]!)
    }
  },

  beforeRewards({ world }) {
    world.state.distance = distance(world.agents[1]!, world.landmarks[world.state.goal]!)
  },

  reward: ({ world, part }) => part('distance', -square(world.state.distance)),

  metrics({ world }) {
    const away = world.state.distance
    const nearest = Math.min(...world.landmarks.map(landmark => distance(world.agents[1]!, landmark)))
    return { distance: away, reached: away < 0.1 ? 1 : 0, understood: away === nearest ? 1 : 0 }
  },

  goal: ({ agent, world }) => (agent.moves ? world.landmarks[world.state.goal]! : null),

  /** The speaker says the number of the landmark; the listener goes where it is told: in the first step, to the middle. */
  scripted({ agent, world, act }) {
    if (agent.speaks) return act.say(world.state.goal)
    const told = world.agents[0]!.utterance
    let [x, y, total] = [0, 0, 0]
    for (const { index, position } of world.landmarks) {
      const weight = told[index]! + 1e-6
      x += weight * (position.x - agent.position.x)
      y += weight * (position.y - agent.position.y)
      total += weight
    }
    act.move((12 * x) / total - 2 * agent.velocity.x, (12 * y) / total - 2 * agent.velocity.y)
  },
})

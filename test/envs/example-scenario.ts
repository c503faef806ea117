// A scenario that uses every kind of entity: for tests of worlds and games, not for learning.
import type { Landmark } from '../../src/envs/entity.ts'
import { choice, count, defineScenario, flag, many, optionalCount, ratio, real } from '../../src/envs/scenario.ts'

/** A speaker that cannot move, a leader that does both, silent runners, an obstacle and a goal. */
export const example = defineScenario({
  id: 'example',
  version: 1,
  description: 'one of everything',
  collaborative: true,
  options: {
    runners: count(2, { min: 1, max: 5 }, 'number of runners'),
    share: ratio(0.5, 'a share'),
    gain: real(1.5, { min: -2 }, 'a number'),
    fast: flag(false, 'a flag'),
    sight: optionalCount('a limit'),
    mode: choice(['day', 'night'], 'a word'),
  },
  world: ({ options }) => ({
    agents: [
      { id: 'speaker_0', moves: false, collides: false, speaks: true, leader: false },
      { id: 'leadadversary_0', size: 0.075, acceleration: 3, maxSpeed: 1, speaks: true, leader: true },
      ...many(options.runners, i => ({ id: `runner_${i}`, mass: 2, size: 0.1, leader: false })),
    ],
    landmarks: [
      { id: 'obstacle_0', size: 0.2, collides: true, food: false },
      { id: 'food_0', size: 0.03, food: true },
    ],
    channels: 3,
    state: {
      goal: null as Landmark | null,
      heard: new Float64Array(3),
      visits: [0, 0],
      best: Number.NEGATIVE_INFINITY,
    },
  }),
  reset({ world, random, options }) {
    for (const { position } of world.entities) position.set(random.between(-1, 1), random.between(-1, 1))
    world.state.goal = world.landmarks[random.integer(2)]!
    world.state.best = Number.NEGATIVE_INFINITY
    world.agents[1]!.maxSpeed = options.fast ? 2 : 1
  },
  observe({ agent, world, see }) {
    if (agent.moves) see.vector('velocity', agent.velocity)
    see.relative('goal', world.state.goal)
    for (const other of world.others(agent)) see.relative('others', other.leader ? null : other)
    see.utterance('heard', world.agents[0]!)
    see.number('leader', agent.leader ? 1 : 0)
    see.numbers('visits', world.state.visits)
  },
  beforeRewards({ world, random }) {
    const { state } = world
    state.heard.set(world.agents[0]!.utterance)
    state.visits[random.integer(2)]!++
    state.best = Math.max(state.best, world.agents[1]!.position.x)
  },
  reward: ({ agent, world, part }) => part('x', agent.position.x) + part('best', world.state.best),
  done: ({ world }) => world.agents[1]!.position.x > 3,
  metrics: ({ world }) => ({ best: world.state.best }),
  scripted({ agent, act }) {
    if (agent.moves) act.move(1, -0.25)
    if (agent.speaks) act.say(2)
  },
  impose({ world, hidden }) {
    world.state.goal = world.landmarks[hidden.goal_landmark as number]!
  },
})

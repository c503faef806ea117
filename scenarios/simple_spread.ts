// Cooperative navigation: N agents cover N landmarks and keep out of each other's way (Lowe et al. 2017; simple_spread_v3).

import { hypot } from '../src/elementary.ts'
import {
  assign,
  choice,
  count,
  defineScenario,
  distance,
  type Entity,
  flag,
  many,
  optionalCount,
  ratio,
  type SeePiece,
} from '../src/envs/scenario.ts'

/** What is seen of one of a set: that it is there, and where. */
const place = (piece: SeePiece, entity: Entity) => piece.relative(entity)

export const simple_spread = defineScenario({
  id: 'simple_spread',
  version: 2,
  // Since then an episode that ends by success in its last step is terminated, not truncated.
  changedIn: ({ options }) => (options.terminateOnSuccess ? 2 : 1),
  description: 'agents cover all landmarks together without bumping into one another',
  collaborative: true,
  options: {
    agents: count(3, { min: 1 }, 'number of agents, and of landmarks'),
    localRatio: ratio(0.5, 'share of the own collisions in the reward, the rest is the shared distance (mpe2 rules)'),
    agentNeighbors: optionalCount('see only so many of the other agents, nearest first'),
    landmarkNeighbors: optionalCount('see only so many of the landmarks, nearest first'),
    see: choice(
      ['all', 'sets'],
      'all: landmarks and others one after the other, as published; sets: as sets, which fit any number of agents',
    ),
    curriculum: flag(false, 'make collisions free in stage 0'),
    curriculumStage: count(0, { max: 1 }, 'stage of the curriculum'),
    terminateOnSuccess: flag(false, 'end the episode when every landmark is covered'),
  },

  world: ({ options }) => ({
    agents: many(options.agents, i => ({ id: `agent_${i}`, size: 0.15, color: [0.35, 0.35, 0.85] })),
    landmarks: many(options.agents, i => ({ id: `landmark_${i}`, size: 0.05, color: [0.25, 0.25, 0.25] })),
    channels: 2, // nobody speaks, but as published everybody listens
    state: { uncovered: 0, covered: 0 },
  }),

  reset({ world, random }) {
    for (const { position } of world.entities) position.set(random.between(-1, 1), random.between(-1, 1))
  },

  observe({ agent, world, options, see }) {
    const others = world.nearestOthers(agent, options.agentNeighbors)
    see.vector('velocity', agent.velocity)
    see.vector('position', agent.position)
    const landmarks = world.nearest(agent, world.landmarks, options.landmarkNeighbors)
    if (options.see === 'sets') {
      see.set('landmarks', landmarks, place)
      see.set('others', others, place)
      return
    }
    for (const landmark of landmarks) see.relative('landmarks', landmark)
    for (const other of others) see.relative('others', other)
    for (const other of others) see.utterance('utterances', other)
  },

  /** How far the landmarks are from being covered, summed: what all agents share. */
  beforeRewards({ world }) {
    const { state } = world
    state.uncovered = 0
    state.covered = 0
    for (const landmark of world.landmarks) {
      const nearest = world.nearestDistance(landmark, world.agents)
      state.uncovered += nearest
      if (nearest < 0.1) state.covered++
    }
  },

  reward({ agent, world, options, part }) {
    const { uncovered } = world.state
    const contacts = world.contacts(agent, world.agents)
    // The original counts an agent's contact with itself.
    if (options.rules === 'openai') return part('distance', -uncovered) + part('collisions', -contacts - 1)
    const free = options.curriculum && options.curriculumStage === 0
    const local = options.localRatio
    return part('distance', -uncovered * (1 - local)) + part('collisions', free ? 0 : -contacts * local)
  },

  done: ({ world, options }) => options.terminateOnSuccess && world.state.covered === world.landmarks.length,

  metrics({ world }) {
    let collisions = 0
    for (const agent of world.agents) collisions += world.contacts(agent, world.agents)
    return {
      collisions: collisions / 2,
      coveredLandmarks: world.state.covered,
      uncovered: world.state.uncovered,
      meanDistance: world.state.uncovered / world.landmarks.length,
    }
  },

  /**
   * Everyone takes the landmark that makes the sum of all ways shortest, and brakes before it. Where two landmarks are too
   * close for two agents, both stop a little outside: a contact costs more than the distance.
   */
  scripted({ agent, world, act }) {
    const taken = assign(world.agents, world.landmarks, distance)
    const goal = world.landmarks[taken[agent.index]!]!.position
    let x = goal.x - agent.position.x
    let y = goal.y - agent.position.y
    for (const other of world.others(agent)) {
      const theirs = world.landmarks[taken[other.index]!]!.position
      const gap = hypot(goal.x - theirs.x, goal.y - theirs.y)
      const missing = agent.size + other.size + 0.02 - gap
      if (missing <= 0 || gap === 0) continue
      x += ((goal.x - theirs.x) / gap) * (missing / 2)
      y += ((goal.y - theirs.y) / gap) * (missing / 2)
    }
    act.move(12 * x - 2 * agent.velocity.x, 12 * y - 2 * agent.velocity.y)
  },
})

// Covert communication: alice sends bob a message that eve, who hears it without the key, must not read (Lowe et al. 2017; simple_crypto_v3).

import { square } from '../src/elementary.ts'
import { defineScenario, many } from '../src/envs/scenario.ts'

const person = { moves: false, collides: false, speaks: true, error: 0 }

export const simple_crypto = defineScenario({
  id: 'simple_crypto',
  version: 1,
  description: 'alice sends bob a message with a shared key, and eve listens in',
  options: {},

  world: () => ({
    agents: [
      { ...person, id: 'eve_0', team: 'adversary', color: [0.75, 0.25, 0.25] },
      { ...person, id: 'bob_0', team: 'good', color: [0.35, 0.35, 0.85] },
      { ...person, id: 'alice_0', team: 'good', color: [0.35, 0.75, 0.85] },
    ],
    // A landmark stands for a word: its code is the message, or the key.
    landmarks: many(2, i => ({ id: `landmark_${i}`, code: many(4, channel => (channel === i ? 1 : 0)) })),
    channels: 4,
    state: { goal: 0, key: 0 },
  }),

  reset({ world, random }) {
    world.state.goal = random.integer(world.landmarks.length)
    world.state.key = random.integer(world.landmarks.length)
    for (const { position } of world.entities) position.set(random.between(-1, 1), random.between(-1, 1))
  },

  impose({ world, hidden }) {
    world.state.goal = Number(hidden.goal_landmark)
    world.state.key = Number(hidden.key_landmark)
  },

  observe({ agent, world, see }) {
    const [eve, , alice] = world.agents
    const { goal, key } = world.state
    if (agent === alice) see.numbers('message', world.landmarks[goal]!.code)
    if (agent !== eve) see.numbers('key', world.landmarks[key]!.code)
    if (agent !== alice) see.utterance('heard', alice!)
  },

  /** The message and the key, which no place shows, and what everybody said last. */
  state({ world, see }) {
    see.numbers('message', world.landmarks[world.state.goal]!.code)
    see.numbers('key', world.landmarks[world.state.key]!.code)
    for (const { utterance } of world.agents) see.numbers('utterances', utterance)
  },

  /** How far from the message everybody's words are, squared; who says nothing makes no error, as published. */
  beforeRewards({ world }) {
    const message = world.landmarks[world.state.goal]!.code
    for (const agent of world.agents) {
      agent.error = 0
      if (agent.utterance.every(number => number === 0)) continue
      agent.utterance.forEach((number, channel) => {
        agent.error += square(number - message[channel]!)
      })
    }
  },

  reward({ agent, world, part }) {
    const [eve, bob] = world.agents
    if (agent === eve) return part('reading', -eve.error)
    return part('secrecy', eve!.error) + part('reading', -bob!.error)
  },

  metrics({ world }) {
    const [eve, bob] = world.agents
    const { goal } = world.state
    return {
      eveCorrect: loudest(eve!.utterance) === goal ? 1 : 0,
      bobCorrect: loudest(bob!.utterance) === goal ? 1 : 0,
    }
  },

  /** The message that bob is to read; eve, who wants to read it too, has to guess. */
  goal: ({ agent, world }) => (agent === world.agents[1] ? world.landmarks[world.state.goal]! : null),

  /**
   * Alice adds key and message, modulo the number of words; bob takes the key away again, one step later. Eve takes what
   * she hears for the message: without the key, one guess is as good as the other.
   */
  scripted({ agent, world, act }) {
    const [eve, , alice] = world.agents
    const { goal, key } = world.state
    const words = world.landmarks.length
    const heard = Math.max(0, loudest(alice!.utterance.subarray(0, words)))
    if (agent === alice) act.say((goal + key) % words)
    else if (agent === eve) act.say(heard)
    else act.say((heard + words - key) % words)
  },
})

/** The channel with the largest number; -1 where all are zero. */
function loudest(utterance: Float64Array): number {
  const largest = Math.max(...utterance)
  return largest === 0 ? -1 : utterance.indexOf(largest)
}

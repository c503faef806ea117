// Who is in each world, in which team, and what they see: as the published worlds define it.
import { describe, expect, it } from 'vitest'
import { scenarios } from '../../scenarios/index.ts'
import { createParticleGame } from '../../src/envs/particle-game.ts'
import { createRandom } from '../../src/random.ts'

const worlds: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  simple: { agent_0: 'agent: velocity 2, goal 2' },
  simple_adversary: {
    adversary_0: 'adversary: landmarks 4, others 4',
    agent_0: 'agent: goal 2, landmarks 4, others 4',
    agent_1: 'agent: goal 2, landmarks 4, others 4',
  },
  simple_crypto: {
    eve_0: 'adversary: heard 4',
    bob_0: 'good: key 4, heard 4',
    alice_0: 'good: message 4, key 4',
  },
  simple_push: {
    adversary_0: 'adversary: velocity 2, landmarks 4, other 2',
    agent_0: 'agent: velocity 2, goal 2, badge 3, landmarks 4, colors 6, other 2',
  },
  simple_reference: {
    agent_0: 'agent: velocity 2, landmarks 6, goalColor 3, heard 10',
    agent_1: 'agent: velocity 2, landmarks 6, goalColor 3, heard 10',
  },
  simple_speaker_listener: {
    speaker_0: 'good: goalColor 3',
    listener_0: 'good: velocity 2, landmarks 6, heard 3',
  },
  simple_spread: {
    agent_0: 'agent: velocity 2, position 2, landmarks 6, others 4, utterances 4',
    agent_1: 'agent: velocity 2, position 2, landmarks 6, others 4, utterances 4',
    agent_2: 'agent: velocity 2, position 2, landmarks 6, others 4, utterances 4',
  },
  simple_tag: {
    adversary_0: 'adversary: velocity 2, position 2, landmarks 4, others 6, preyVelocities 2',
    adversary_1: 'adversary: velocity 2, position 2, landmarks 4, others 6, preyVelocities 2',
    adversary_2: 'adversary: velocity 2, position 2, landmarks 4, others 6, preyVelocities 2',
    agent_0: 'agent: velocity 2, position 2, landmarks 4, others 6',
  },
  simple_world_comm: {
    leadadversary_0:
      'adversary: velocity 2, position 2, landmarks 10, others 10, preyVelocities 4, forests 2, leader 4',
    adversary_0: 'adversary: velocity 2, position 2, landmarks 10, others 10, preyVelocities 4, forests 2, leader 4',
    adversary_1: 'adversary: velocity 2, position 2, landmarks 10, others 10, preyVelocities 4, forests 2, leader 4',
    adversary_2: 'adversary: velocity 2, position 2, landmarks 10, others 10, preyVelocities 4, forests 2, leader 4',
    agent_0: 'agent: velocity 2, position 2, landmarks 10, others 10, forests 2, preyVelocities 2',
    agent_1: 'agent: velocity 2, position 2, landmarks 10, others 10, forests 2, preyVelocities 2',
  },
}

it.each(Object.entries(worlds))('%s', (id, agents) => {
  const described = createParticleGame(scenarios[id]!).agents.map(({ id, team, observationParts }) => [
    id,
    `${team}: ${observationParts.map(({ name, size }) => `${name} ${size}`).join(', ')}`,
  ])
  expect(Object.fromEntries(described)).toEqual(agents)
})

describe('an episode begins', () => {
  const random = createRandom(2, 'resets')

  it.each(Object.keys(worlds))('%s: with everybody and everything uniform in the arena', id => {
    const game = createParticleGame(scenarios[id]!)
    const reach = { agent: 0, landmark: 0 }
    for (let episode = 0; episode < 300; episode++) {
      game.reset(random)
      for (const { kind, position, velocity } of game.world.entities) {
        reach[kind] = Math.max(reach[kind], Math.abs(position.x), Math.abs(position.y))
        expect(velocity).toMatchObject({ x: 0, y: 0 })
      }
    }
    const edge = id === 'simple_tag' || id === 'simple_world_comm' ? 0.9 : 1
    expect(reach.agent).toBeGreaterThan(0.97)
    expect(reach.agent).toBeLessThan(1)
    expect(reach.landmark).toBeGreaterThan(edge - 0.03)
    expect(reach.landmark).toBeLessThan(edge)
  })

  it.each([
    ['simple_adversary', ['goal'], 2],
    ['simple_push', ['goal'], 2],
    ['simple_speaker_listener', ['goal'], 3],
    ['simple_crypto', ['goal', 'key'], 2],
  ] as const)('%s: with independent, uniform choices', (id, names, alternatives) => {
    const game = createParticleGame(scenarios[id]!)
    const counts = new Map<string, number>()
    for (let episode = 0; episode < 1200; episode++) {
      game.reset(random)
      const { state } = game.world as { state: Record<string, number> }
      const drawn = names.map(name => state[name]).join()
      counts.set(drawn, (counts.get(drawn) ?? 0) + 1)
    }
    const share = 1200 / alternatives ** names.length
    expect(counts.size).toBe(alternatives ** names.length)
    for (const number of counts.values()) expect(Math.abs(number - share)).toBeLessThan(4 * Math.sqrt(share))
  })
})

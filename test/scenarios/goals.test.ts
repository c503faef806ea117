// Which landmarks the published scenarios show as goals.
import { expect, it } from 'vitest'
import { scenarios } from '../../scenarios/index.ts'
import { createParticleGame, type ParticleGame } from '../../src/envs/particle-game.ts'
import type { Scenario } from '../../src/envs/scenario.ts'
import { createRandom } from '../../src/random.ts'

function goals(id: keyof typeof scenarios, hidden: Record<string, unknown>): number[] {
  const game: ParticleGame = createParticleGame(scenarios[id] as unknown as Scenario)
  game.reset(createRandom(1, 'game'))
  game.place({ hidden })
  const { schema, write } = game.frames!
  const row = new Float32Array(schema.size)
  write(row)
  const { offset, size } = schema.fields.find(({ name }) => name === 'goal')!
  return [...row.subarray(offset, offset + size)]
}

it.each([
  ['simple_adversary', { goal_landmark: 1 }, [-1, 1, 1]],
  ['simple_push', { goal_landmark: 1 }, [-1, 1]],
  // Each agent holds the other one's goal.
  ['simple_reference', { goal_landmark: [2, 0] }, [0, 2]],
  ['simple_speaker_listener', { goal_landmark: 2 }, [-1, 2]],
  ['simple_crypto', { goal_landmark: 1, key_landmark: 0 }, [-1, 1, -1]],
] as const)('%s', (id, hidden, expected) => {
  expect(goals(id, hidden)).toEqual(expected)
})

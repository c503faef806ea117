// What acting leaves behind: the probability of the very action, and what was drawn of boxes before they were squashed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createActor } from '../../src/agents/actor.ts'
import { createDistribution } from '../../src/agents/distribution.ts'
import { playedSpace } from '../../src/agents/estimators.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { expectClose, randomMatrix } from '../support/matrices.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const spaces: Readonly<Record<string, ActionSpace>> = {
  choice: [{ name: 'move', kind: 'choice', size: 3, soft: true }],
  box: [{ name: 'force', kind: 'box', size: 2, low: -2, high: 4 }],
  mixed: [
    { name: 'force', kind: 'box', size: 2, low: 0, high: 1 },
    { name: 'say', kind: 'choice', size: 3, soft: false },
  ],
}
const rows = 64

function sampled(space: ActionSpace, scale: number) {
  const [agent] = agentsOf([3], space)
  const config = { hidden: [8], activation: 'tanh', temperature: 1, estimator: 'straightThrough' } as const
  const actor = createActor(backend, agent!, config, createRandom(1, 'actor'))
  const { parameters } = actor.network
  for (let i = 0; i < parameters.length; i++) parameters[i]! *= scale
  const observations = randomMatrix(createRandom(2, 'observations'), rows, 3)
  const actions = actor.sample(observations, createNoise(3, 'noise').next())
  const copy = { ...actions, data: Float32Array.from(actions.data) }
  return { actor, observations, actions: copy, distribution: createDistribution(playedSpace(space, 'straightThrough')) }
}

describe.each(Object.entries(spaces))('a sample of a %s', (_, space) => {
  it('records the log-probability that the distribution has of it', () => {
    const { actor, observations, actions, distribution } = sampled(space, 1)
    const recorded = Float32Array.from(actor.recorded!('logProbability').data)
    const expected = new Float32Array(rows)
    distribution.logProbability(actor.distribution(observations), { actions }, expected)
    expectClose(recorded, expected, 1e-4)
  })
})

it('records what was drawn of a box, also where the action no longer tells it', () => {
  const { actor, observations, actions, distribution } = sampled(spaces.mixed!, 12)
  const drawn = { rows, columns: 5, data: Float32Array.from(actor.recorded!('drawn').data) }
  const recorded = Float32Array.from(actor.recorded!('logProbability').data)
  let atBound = 0
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < 2; i++) {
      const action = actions.data[row * 5 + i]!
      if (action === 0 || action === 1) atBound++
      expect(Math.abs((Math.tanh(drawn.data[row * 5 + i]!) + 1) / 2 - action)).toBeLessThan(1e-6)
    }
    expect([...drawn.data.subarray(row * 5 + 2, row * 5 + 5)]).toEqual([0, 0, 0])
  }
  expect(atBound).toBeGreaterThan(0)
  const expected = new Float32Array(rows)
  distribution.logProbability(actor.distribution(observations), { actions, drawn }, expected)
  expectClose(recorded, expected, 1e-6)
})

it('refuses other names, and questions before the first sample', () => {
  const { actor } = sampled(spaces.choice!, 1)
  expect(() => actor.recorded!('reward')).toThrow(
    "expected 'logProbability', 'drawn' or 'distribution' to be asked for, got 'reward'",
  )
  const [agent] = agentsOf([3], spaces.choice!)
  const fresh = createActor(backend, agent!, { hidden: [], activation: 'tanh', temperature: 1 }, createRandom(1, 'a'))
  expect(() => fresh.recorded!('drawn')).toThrow('before anything was sampled')
})

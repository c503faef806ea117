// Boxes of policy gradients, each kind: what is learnt, that it resumes, and what its deviations depend on; and the rules of its optimizer.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ActorConfig } from '../../src/agents/actor.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { reinforce } from '../../src/policy-gradient/reinforce.ts'
import { createRandom } from '../../src/random.ts'
import { copySaved } from '../../src/saved.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import { randomMatrix } from '../support/matrices.ts'
import { tinyRollouts, tinyRun } from '../support/tiny-config.ts'
import { tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const space: ActionSpace = [
  { name: 'move', kind: 'box', size: 2, low: 0, high: 4 },
  { name: 'say', kind: 'choice', size: 2, soft: false },
]
/** Best: 2.5 and 1, and the second word. */
const game = {
  agents: 1,
  space,
  length: 1,
  ending: 'terminated',
  reward: ({ actions: [[x, y, , second]] }: { actions: readonly (readonly number[])[] }) =>
    second! - (x! - 2.5) ** 2 - (y! - 1) ** 2,
} as const

const teamOf = (boxes: NonNullable<ActorConfig['boxes']>, settings = {}) =>
  tinyTeam(backend, reinforce, { rolloutEpisodes: 32, learningRate: 0.02, ...settings }, game, {
    games: 32,
    network: { hidden: [8], boxes },
  })

describe.each(['sampled', 'clipped', 'beta'] as const)('boxes that are %s', boxes => {
  it.each([
    ['adam', 0.02],
    ['rmsProp', 0.02],
    ['rmsPropTensorflow', 0.05],
  ])('come close to the best action by %s', (optimizer, learningRate) => {
    const team = teamOf(boxes, { optimizer, learningRate, epsilon: 1e-5, entropyWeight: 0.2 })
    for (let i = 0; i < 800; i++) team.go()
    const { actor } = team.learner.members[0]!
    const [x, y, , second] = actor.greedy({ rows: 1, columns: 2, data: Float32Array.of(0.5, 0) }).data
    expect(Math.abs(x! - 2.5)).toBeLessThan(0.3)
    expect(Math.abs(y! - 1)).toBeLessThan(0.3)
    expect(second).toBe(1)
  })

  it('stay within their bounds, and go on to the same bits', () => {
    const [whole, resumed] = [teamOf(boxes), teamOf(boxes)]
    for (let i = 0; i < 7; i++) whole.go()
    resumed.restore(copySaved(whole.save()))
    for (const team of [whole, resumed]) for (let i = 0; i < 30; i++) team.go()
    expect(resumed.save()).toEqual(whole.save())
    const { actor } = whole.learner.members[0]!
    const seen = randomMatrix(createRandom(1), 50, 2)
    const actions = actor.sample(seen, { low: 1, high: 2 })
    for (let row = 0; row < 50; row++) {
      for (const number of actions.data.subarray(4 * row, 4 * row + 2)) {
        expect(number).toBeGreaterThanOrEqual(0)
        expect(number).toBeLessThanOrEqual(4)
      }
    }
  })
})

it('deviations of clipped boxes alone are the same whatever is seen', () => {
  for (const boxes of ['clipped', 'sampled'] as const) {
    const team = teamOf(boxes)
    for (let i = 0; i < 60; i++) team.go()
    const { data } = team.learner.members[0]!.actor.distribution(randomMatrix(createRandom(1), 2, 2))
    const [first, second] = [data.slice(2, 4), data.slice(8, 10)]
    expect(first.join() === second.join()).toBe(boxes === 'clipped')
    expect(first.every(deviation => deviation !== 0)).toBe(true)
  }
})

it('runs are told by learner.boxes', async () => {
  const scenario = { rules: 'mpe2', actions: 'continuous' }
  for (const [boxes, acting] of [
    ['squashed', 'sampled'],
    ['clipped', 'clipped'],
    ['beta', 'beta'],
  ] as const) {
    const run = await tinyRun({ scenario, learner: { boxes } }, tinyRollouts)
    expect(run.parts[0]!.acting.boxes).toBe(acting)
  }
})

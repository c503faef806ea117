// Where nothing is paid beyond a bounded support, PPO's clip lets a Gaussian run away for good; a penalty on the divergence or a Beta policy hold it (Hsu et al. 2020).
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ActorConfig } from '../../src/agents/actor.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { ppo } from '../../src/policy-gradient/ppo.ts'
import { playRounds } from '../support/paying-games.ts'
import { tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

/** What the best guess is paid in the end, of 1 at best. */
function learnt(boxes: NonNullable<ActorConfig['boxes']>, objective: string, seed: number): number {
  const settings = {
    objective,
    critic: 'local',
    rolloutSteps: 1,
    minibatches: 8,
    learningRate: 0.03,
    entropyWeight: 0,
  }
  const game = {
    agents: 1,
    length: 1,
    ending: 'terminated',
    space: [{ name: 'number', kind: 'box', size: 1, low: -4, high: 4 }],
    see: () => [1],
    reward: ({ actions }: { actions: readonly (readonly number[])[] }) => paid(actions[0]![0]!),
  } as const
  const team = tinyTeam(backend, ppo, settings, game, { games: 64, seed, network: { hidden: [16], boxes } })
  playRounds(team, 50)
  return paid(team.learner.members[0]!.actor.greedy({ rows: 1, columns: 1, data: Float32Array.of(1) }).data[0]!)
}

function paid(action: number): number {
  return Math.abs(action) <= 1 ? 1 - action * action : 0
}

const seeds = [1, 2, 3]

it('a clipped Gaussian leaves the support under the clip and does not come back', () => {
  expect(seeds.map(seed => learnt('clipped', 'clip', seed))).toEqual([0, 0, 0])
})

it.each([
  ['clipped', 'adaptiveKl'],
  ['clipped', 'reverseKl'],
  ['beta', 'clip'],
] as const)('boxes %s with objective %s stay within', (boxes, objective) => {
  for (const seed of seeds) expect(learnt(boxes, objective, seed)).toBeGreaterThan(0.5)
})

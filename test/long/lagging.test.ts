// IMPALA and A3C learn what pays, what only a memory can tell and where boxes have to be, whatever lags; what makes boxes run away; slices are cut anywhere.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ActorConfig } from '../../src/agents/actor.ts'
import type { Algorithm } from '../../src/learning/algorithm.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { a3c } from '../../src/policy-gradient/a3c.ts'
import { impala } from '../../src/policy-gradient/impala.ts'
import {
  aimAtHalf,
  expectRecalled,
  expectSecretFollowed,
  followSecret,
  playRounds,
  recall,
  three,
} from '../support/paying-games.ts'
import { expectResumesAnywhere } from '../support/resumes-anywhere.ts'
import type { TinyGameOptions } from '../support/tiny-game.ts'
import { tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const agree: TinyGameOptions = { ...followSecret, length: 4, space: three }
const brisk = { learningRate: 0.01, gamma: 0.9, rolloutSteps: 8 }
type Boxes = NonNullable<ActorConfig['boxes']>

/** How far the best guess is from where it should be, after so many rounds. */
function offBy(algorithm: Algorithm, settings: object, boxes: Boxes, seed: number, rounds: number): number {
  let round = 0
  const options = { games: 8, seed, network: { boxes }, now: () => round }
  const team = tinyTeam(backend, algorithm, { ...brisk, ...settings }, aimAtHalf, options)
  for (; round < rounds; round++) playRounds(team, 1)
  const { data } = team.learner.members[0]!.actor.greedy({ rows: 1, columns: 2, data: Float32Array.of(0.5, 0) })
  return Math.abs(data[0]! - 0.5)
}

describe.each([
  { name: 'impala', algorithm: impala, own: { policyLag: 0 } },
  { name: 'impala', algorithm: impala, own: { policyLag: 1 } },
  { name: 'impala', algorithm: impala, own: { policyLag: 2 } },
  { name: 'a3c', algorithm: a3c, own: { workers: 1 } },
  { name: 'a3c', algorithm: a3c, own: { workers: 1, policyLag: 2 } },
  { name: 'a3c', algorithm: a3c, own: { workers: 4 } },
])('$name with $own', ({ algorithm, own }) => {
  it.each([
    { critic: 'joint', shareParameters: true },
    { critic: 'local', shareParameters: false },
    { critic: 'set', shareParameters: true, valueNorm: 'none', huberDelta: null },
  ])('learns what pays where: %j', settings => {
    const { shareParameters } = settings
    const team = tinyTeam(backend, algorithm, { ...brisk, ...own, ...settings }, agree, { games: 8, shareParameters })
    playRounds(team, 200)
    expectSecretFollowed(team.learner)
  })

  it.each(['sampled', 'clipped', 'beta'] as const)('learns where a box has to be: %s', boxes => {
    // Steps that do not get smaller go on about the best.
    const settings = { ...own, learningRate: { from: 0.01, to: 0.0005, steps: 300 } }
    for (const seed of [1, 2, 3, 4]) expect(offBy(algorithm, settings, boxes, seed, 300)).toBeLessThan(0.1)
  })

  it('learns what only a memory can tell', () => {
    // What follows a time limit would be worth more and more with a gamma of 1, and with it the units of V.
    const settings = { ...brisk, gamma: 1, timeLimit: 'terminate', rolloutSteps: 9, criticMemory: 8, ...own }
    const team = tinyTeam(backend, algorithm, settings, recall, { games: 16, network: { memory: 8, hidden: [8] } })
    playRounds(team, 250)
    expectRecalled(team, 16)
  })

  it('resumes to the bit from within a minibatch in slices', () => {
    // 1,800 rows of each of two workers, or 3,600.
    const settings = { ...brisk, rolloutSteps: 20, ...own }
    const create = () => tinyTeam(backend, algorithm, settings, agree, { games: 90, shareParameters: true })
    expectResumesAnywhere(create, 50, 7)
  })
})

// What is left to gain does not shrink their steps: deviations go to their least, and one step takes a policy several of them away from what it is to learn from.
describe('boxes run away from what is best as soon as something lags', () => {
  const seeds = [1, 2, 3, 4]
  it.each([
    { advantageNorm: 'round', optimizer: 'adam', learningRate: 0.02 },
    { optimizer: 'adam', learningRate: 0.02 },
  ])('where steps have momentum: %j', settings => {
    const ends = (policyLag: number) =>
      seeds.map(seed => offBy(impala, { ...settings, policyLag }, 'sampled', seed, 120))
    expect(ends(2).filter(end => end > 0.4).length).toBeGreaterThanOrEqual(3)
    expect(ends(0).filter(end => end > 0.4)).toHaveLength(0)
  })
})

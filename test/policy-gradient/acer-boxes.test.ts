// ACER and Off-PAC where actions have boxes: no bias where ratios are truncated, the duelling critic's gradients, and that a run resumes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDuellingValues } from '../../src/learning/duelling-values.ts'
import { groupsOf } from '../../src/learning/groups.ts'
import { optimisation, values } from '../../src/learning/options.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { acer } from '../../src/policy-gradient/acer.ts'
import { offpac } from '../../src/policy-gradient/offpac.ts'
import { createRandom } from '../../src/random.ts'
import { createRollout } from '../../src/rollout/rollout.ts'
import { rowsOf } from '../../src/rollout/rows.ts'
import type { OptionValues } from '../../src/settings/option.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { expectClose } from '../support/matrices.ts'
import { aimAtHalf, box, mixed, playRounds } from '../support/paying-games.ts'
import { plainForward } from '../support/plain-network.ts'
import { type Moment, recordedStep } from '../support/recorded-steps.ts'
import { expectResumesAnywhere } from '../support/resumes-anywhere.ts'
import { teamContext, tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

describe('the duelling critic', () => {
  const agents = agentsOf([2], box)
  const games = 6
  const settings = {
    ...Object.fromEntries([...Object.entries(optimisation), ...Object.entries(values)].map(([name, { default: d }]) => [name, d])), // biome-ignore format: one line
    valueNorm: 'none',
    huberDelta: null,
  } as unknown as OptionValues<typeof optimisation> & OptionValues<typeof values>
  const hidden = [3]
  const random = createRandom(3, 'scene')
  const numbers = (count: number) => Array.from({ length: count }, () => random.between(-1, 1))

  const scene = () => {
    const [group] = groupsOf(teamContext(backend, agents, { games, network: { hidden } }))
    const critic = createDuellingValues(group!, 'joint', settings)
    const rollout = createRollout({ agents, games, members: [0], watched: [0], length: { steps: 1 } })
    const observations = Array.from({ length: games }, () => numbers(2))
    rollout.add(
      recordedStep(
        agents,
        observations.map((seen): Moment => ({ observations: [seen], actions: [[0]] })),
      ),
    )
    const rows = rowsOf(
      rollout.trajectory([0]),
      Uint32Array.from({ length: games }, (_, i) => i),
      false,
    )
    const actions = [0, 1, 2].map(() => ({ data: Float32Array.from(numbers(games)) }))
    return { critic, rows, observations: observations.flat(), actions }
  }

  it('says A of several actions of each row, block by block', () => {
    const { critic, rows, actions } = scene()
    const a = critic.advantages(rows.trajectory, rows.indices, [...actions, ...actions.slice(1)])
    for (let i = 0; i < games; i++) {
      const ofSamples = [3, 4].map(block => a[block * games + i]!)
      expect(a[1 * games + i]).toBe(ofSamples[0])
      expect(a[2 * games + i]).toBe(ofSamples[1])
    }
  })

  it('goes down mean (Qret - Q)^2 / 2 by both of its networks, V also towards its own target', () => {
    const { critic, rows, observations, actions } = scene()
    const [done, ...samples] = actions as [(typeof actions)[0], ...typeof actions]
    const targets = numbers(games)
    const traces = Float64Array.of(0, 0.3, 1, 0.5, 0.2, 0.7)
    const counts = Float64Array.of(1, 1, 0, 1, 1, 1)
    const { criticLoss } = critic.gradient(rows, { done, samples }, { targets, traces, counts }, 5)
    const { value, network } = critic
    const inputs = (action: Float32Array) =>
      Array.from(action, (x, i) => [...observations.slice(2 * i, 2 * i + 2), x]).flat()
    const qs = (v: ArrayLike<number>, a: ArrayLike<number>) => {
      const values = plainForward(value.network.spec, v, observations, games)
      const of = (action: { data: Float32Array }) => plainForward(network.spec, a, inputs(action.data), games)
      const [ofDone, ...ofSamples] = [done, ...samples].map(of)
      return { values, q: values.map((x, i) => x + ofDone![i]! - ofSamples.reduce((sum, each) => sum + each[i]! / 2, 0)) } // biome-ignore format: one line
    }
    const [v, a] = [value.network.parameters, network.parameters]
    const errors = qs(v, a).q.map((q, i) => targets[i]! - q)
    const loss = (v: ArrayLike<number>, a: ArrayLike<number>) =>
      qs(v, a).q.reduce((sum, q, i) => sum + (counts[i]! * (targets[i]! - q) ** 2) / 2 / 5, 0)
    expect(criticLoss).toBeCloseTo(loss(v, a), 6)
    expectClose(
      network.gradients,
      centralDifferences(x => loss(v, x), a),
      1e-5,
    )
    const ofValue = (x: Float64Array) =>
      loss(x, a) - qs(x, a).values.reduce((sum, y, i) => sum + (counts[i]! * traces[i]! * errors[i]! * y) / 5, 0)
    expectClose(value.network.gradients, centralDifferences(ofValue, v), 1e-5)
  })
})

describe.each([acer, offpac])('$id', algorithm => {
  const brisk = { gamma: 0.9, rolloutSteps: 4, replayAfter: 8, replaySteps: 40, replayRatio: 2 }

  it('resumes to the bit from anywhere', () => {
    const game = { ...aimAtHalf, agents: 2, length: 3, space: mixed, leaves: { 1: 2 } }
    const create = () => tinyTeam(backend, algorithm, brisk, game, { games: 2, network: { boxes: 'clipped' } })
    expectResumesAnywhere(create, 24, 9)
  })

  it('says what it did', () => {
    const team = tinyTeam(backend, algorithm, brisk, aimAtHalf)
    const [figures] = playRounds(team, 1)
    expect(figures).toHaveProperty('advantageGradientNorm')
    expect(figures!.meanRatio).toBeCloseTo(1, 4)
    expect(Object.hasOwn(figures!, 'averageDivergence')).toBe(algorithm.id === 'acer')
  })
})

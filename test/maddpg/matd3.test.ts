// MATD3: the smaller of two targets, actors that wait, and noise on target actions that stays small.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MaddpgSettings } from '../../src/learning/options.ts'
import { matd3, smooth } from '../../src/maddpg/matd3.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise } from '../../src/random.ts'
import type { Batch, Matrix } from '../../src/types.ts'
import type { AgentLearner } from '../support/agent-learner.ts'
import { plainForward } from '../support/plain-network.ts'
import { plainGumbelSoftmax, plainUniform } from '../support/plain-noise.ts'
import { agentsIn, noiseOf, numbersOf, randomBatch, spaces, tinyRoster } from '../support/tiny-roster.ts'

const rows = 5
const hidden = [8, 6]
const networks = ['actor', 'targetActor', 'critic', 'targetCritic', 'secondCritic', 'targetSecondCritic'] as const

describe('an update of MATD3', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const agents = agentsIn(spaces.soft, ['agent', 'agent'])
  const rosterOf = (options: Record<string, unknown> = {}, learner: Partial<MaddpgSettings> = {}) =>
    tinyRoster(backend, matd3, agents, { rows, options, learner })

  /** Rows of matrices side by side. */
  const joined = (matrices: readonly { data: ArrayLike<number>; columns: number }[]) =>
    Array.from({ length: rows }, (_, r) =>
      matrices.flatMap(({ data, columns }) => Array.from({ length: columns }, (_, c) => data[r * columns + c]!)),
    )

  const valuesOf = (learner: AgentLearner, network: string, input: readonly number[][]) =>
    plainForward(mlp(input[0]!.length, hidden, 1), numbersOf(learner, network), input.flat(), rows)

  /** What both critics of agent 0 lose, worked out from the saved weights in double precision. */
  const expectedLosses = (roster: readonly AgentLearner[], batch: Batch) => {
    const noise = noiseOf(0)
    const next = batch.nextObservations.map((observations, agent) => {
      const logits = plainForward(mlp(3, hidden, 3), numbersOf(roster[agent]!, 'targetActor'), observations.data, rows)
      const matrix = { rows, columns: 3, data: logits }
      return { columns: 3, data: plainGumbelSoftmax(matrix, { from: 0, to: 3 }, 1, noise.next()) }
    })
    const after = joined([...batch.nextObservations, ...next])
    const [first, second] = ['targetCritic', 'targetSecondCritic'].map(name => valuesOf(roster[0]!, name, after))
    const targets = Array.from({ length: rows }, (_, r) => {
      const next = Math.min(first![r]!, second![r]!)
      return batch.rewards.data[r * 2]! + 0.95 * (1 - batch.terminated.data[r * 2]!) * next
    })
    const before = joined([...batch.observations, ...batch.actions])
    return ['critic', 'secondCritic'].map(name => {
      const values = valuesOf(roster[0]!, name, before)
      return values.reduce((sum, value, r) => sum + (value - targets[r]!) ** 2, 0) / rows
    })
  }

  it('aims both critics at the smaller of their targets', () => {
    for (const seed of [1, 2, 3]) {
      const roster = rosterOf()
      const batch = randomBatch(backend, agents, rows, seed)
      batch.terminated.data[2 * 2] = 1
      const [criticLoss, secondCriticLoss] = expectedLosses(roster, batch)
      const figures = roster[0]!.update(batch, roster)
      expect(figures.criticLoss! / criticLoss!).toBeCloseTo(1, 5)
      expect(figures.secondCriticLoss! / secondCriticLoss!).toBeCloseTo(1, 5)
    }
  })

  it('has critics of their own weights, each with a target', () => {
    const [learner] = rosterOf()
    const firsts = networks.map(name => numbersOf(learner!, name)[0])
    expect(new Set(firsts).size).toBe(networks.length)
  })

  it('moves the critics every time, actor and targets in every policyDelay-th round alone', () => {
    const roster = rosterOf({ policyDelay: 3 })
    const moved = Array.from({ length: 7 }, (_, update) => {
      const before = networks.map(name => numbersOf(roster[0]!, name).join())
      const figures = roster[0]!.update(randomBatch(backend, agents, rows, update), roster)
      expect('actorLoss' in figures).toBe((update + 1) % 3 === 0)
      return networks.filter((name, n) => numbersOf(roster[0]!, name).join() !== before[n])
    })
    const critics = ['critic', 'secondCritic']
    expect(moved).toEqual([critics, critics, [...networks], critics, critics, [...networks], critics])
  })

  it('lets all sub-policies of a round wait, or none', () => {
    const roster = rosterOf({ policyDelay: 2 }, { subPolicies: 2 })
    const moved = [0, 1, 0, 1, 0, 1, 0, 1].map((subPolicy, update) => {
      const batch = randomBatch(backend, agents, rows, update, {
        extras: agents.map(() => [{ name: 'subPolicy', size: 1 }]),
      })
      batch.observations[0]!.extras![0]!.data.fill(subPolicy)
      return 'actorLoss' in roster[0]!.update(batch, roster, subPolicy)
    })
    expect(moved).toEqual([false, false, true, true, false, false, true, true])
  })

  it('goes on waiting where a restored learner had come to', () => {
    const roster = rosterOf({ policyDelay: 3 })
    for (const seed of [1, 2]) roster[0]!.update(randomBatch(backend, agents, rows, seed), roster)
    const restored = rosterOf({ policyDelay: 3 })
    restored.forEach((learner, agent) => void learner.restore(roster[agent]!.save()))
    const figures = restored[0]!.update(randomBatch(backend, agents, rows, 3), restored)
    expect(figures).toHaveProperty('actorLoss')
    expect(figures).toEqual(roster[0]!.update(randomBatch(backend, agents, rows, 3), roster))
    expect(restored[0]!.save()).toEqual(roster[0]!.save())
  })

  it('climbs its first critic', () => {
    const roster = rosterOf({ policyDelay: 1 })
    const batch = randomBatch(backend, agents, rows, 1)
    const noise = noiseOf(0)
    const keys = [0, 1, 2].map(() => noise.next())
    const logits = plainForward(mlp(3, hidden, 3), numbersOf(roster[0]!, 'actor'), batch.observations[0]!.data, rows)
    const data = plainGumbelSoftmax({ rows, columns: 3, data: logits }, { from: 0, to: 3 }, 1, keys[2]!)
    const { actorLoss } = roster[0]!.update(batch, roster)
    // The critic has made its step by then, the actor's action is still the old one.
    const values = valuesOf(
      roster[0]!,
      'critic',
      joined([...batch.observations, { columns: 3, data }, batch.actions[1]!]),
    )
    expect(actorLoss! / (-values.reduce((sum, value) => sum + value, 0) / rows)).toBeCloseTo(1, 4)
  })

  it('smooths the target actions of boxes, not of choices', () => {
    for (const [space, same] of [
      [spaces.soft, true],
      [spaces.hard, true],
      [spaces.box, false],
      [spaces.mixed, false],
    ] as const) {
      const agents = agentsIn(space, ['agent', 'agent'])
      const lossWith = (smoothing: number) => {
        const roster = tinyRoster(backend, matd3, agents, { rows, options: { smoothing } })
        return roster[0]!.update(randomBatch(backend, agents, rows, 1), roster).criticLoss
      }
      expect(lossWith(0) === lossWith(0.4)).toBe(same)
    }
  })
})

describe('target policy smoothing', () => {
  const key = createNoise(5, 'smoothing').next()
  const zeros = (rows: number, columns: number): Matrix => ({ rows, columns, data: new Float32Array(rows * columns) })

  it('adds what Box and Muller say, in parts of half the width', () => {
    const actions = zeros(4, 2)
    actions.data.fill(1) // the middle of -2 ... 4, which is 6 wide
    smooth(actions, spaces.box, key, { smoothing: 0.1, smoothingClip: 10 })
    const expected = Array.from(actions.data, (_, e) => {
      const [u1, u2] = [plainUniform(key, 2 * e), plainUniform(key, 2 * e + 1)]
      return 1 + 3 * 0.1 * Math.sqrt(-2 * Math.log(u1)) * Math.cos(2 * Math.PI * u2)
    })
    expected.forEach((action, e) => void expect(actions.data[e]).toBeCloseTo(action, 6))
  })

  it('has the deviation that it is told, and the mean 0', () => {
    const actions = zeros(4096, 2)
    smooth(actions, [{ name: 'force', kind: 'box', size: 2, low: -9, high: 9 }], key, {
      smoothing: 0.1,
      smoothingClip: 1,
    })
    const mean = actions.data.reduce((sum, x) => sum + x, 0) / 8192
    const deviation = Math.sqrt(actions.data.reduce((sum, x) => sum + x * x, 0) / 8192 - mean ** 2)
    expect(Math.abs(mean)).toBeLessThan(0.03) // three standard errors
    expect(Math.abs(deviation - 0.9)).toBeLessThan(0.03)
  })

  it('moves boxes by the clip at most and stays in the bounds; choices are left alone', () => {
    const ratio = fc.double({ min: 0, max: 2, noNaN: true })
    fc.assert(
      fc.property(ratio, ratio, fc.integer({ min: 0, max: 999 }), (smoothing, smoothingClip, seed) => {
        const actions = zeros(8, 5)
        for (let e = 0; e < 40; e++) actions.data[e] = Math.sin(seed + 3 * e)
        const before = actions.data.slice()
        smooth(actions, spaces.mixed, createNoise(seed).next(), { smoothing, smoothingClip })
        for (let e = 0; e < 40; e++) {
          if (e % 5 < 3) expect(actions.data[e]).toBe(before[e])
          else {
            expect(Math.abs(actions.data[e]! - before[e]!)).toBeLessThanOrEqual(smoothingClip + 1e-6)
            expect(Math.abs(actions.data[e]!)).toBeLessThanOrEqual(1)
          }
        }
      }),
    )
  })
})

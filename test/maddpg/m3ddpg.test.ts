// M3DDPG: the others' actions move against the learner, by as much as they may and no further.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Algorithm } from '../../src/learning/algorithm.ts'
import type { MaddpgSettings } from '../../src/learning/options.ts'
import { m3ddpg, type Other, perturb } from '../../src/maddpg/m3ddpg.ts'
import { maddpg } from '../../src/maddpg/maddpg.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import type { Matrix } from '../../src/types.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { placed, randomMatrix } from '../support/matrices.ts'
import { plainForward } from '../support/plain-network.ts'
import { plainGumbelSoftmax } from '../support/plain-noise.ts'
import { agentsIn, noiseOf, numbersOf, randomBatch, spaces, tinyRoster } from '../support/tiny-roster.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const rows = 6

describe('a perturbation', () => {
  // A critic's input: observations of 4 numbers, then the actions of three agents, of whom the second is the learner.
  const spec = mlp(11, [9, 7], 1, 'tanh')
  const others: readonly Other[] = [
    { agent: 0, columns: { from: 4, to: 6 }, step: 0.01 },
    { agent: 2, columns: { from: 9, to: 11 }, step: 0.002 },
  ]
  const ones = () => placed(backend, { rows, columns: 1, data: new Float32Array(rows).fill(1) })
  const slice = ({ data, columns }: Matrix, row: number) => [...data.subarray(row * columns, (row + 1) * columns)]

  it('is a step of the given length down the slope of the value, row by row, and lowers it to first order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9999 }), seed => {
        const random = createRandom(seed, 'disturb')
        const network = backend.network(spec, random)
        const input = placed(backend, randomMatrix(random, rows, 11))
        const before = Float32Array.from(input.data)
        perturb(network, input, ones(), others, () => true)
        const valueAt = (row: ArrayLike<number>) => plainForward(spec, network.parameters, row, 1)[0]!
        for (let row = 0; row < rows; row++) {
          const [from, to] = [slice({ rows, columns: 11, data: before }, row), slice(input, row)]
          const slope = centralDifferences(valueAt, from)
          let promised = 0
          for (const { columns, step } of others) {
            const norm = Math.hypot(...slope.subarray(columns.from, columns.to))
            for (let c = columns.from; c < columns.to; c++) {
              expect(to[c]! - from[c]!).toBeCloseTo((-step * slope[c]!) / norm, 5)
            }
            promised += step * norm
          }
          // Everything else stays, the learner's own action (columns 6 to 8) included.
          const elsewhere = [0, 1, 2, 3, 6, 7, 8]
          expect(elsewhere.map(c => to[c])).toEqual(elsewhere.map(c => from[c]))
          // The value falls by sum(step ||g||), but for the curvature.
          expect(Math.abs(valueAt(from) - valueAt(to) - promised)).toBeLessThan(1e-3)
          expect(valueAt(to)).toBeLessThan(valueAt(from) + 1e-6)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('leaves agents alone that do not act, and values without a slope', () => {
    const random = createRandom(1, 'disturb')
    const network = backend.network(spec, random)
    const input = placed(backend, randomMatrix(random, rows, 11))
    const before = slice(input, 3)
    perturb(network, input, ones(), others, (agent, row) => !(agent === 2 && row === 3))
    expect(slice(input, 3).slice(9)).toEqual(before.slice(9))
    expect(slice(input, 3).slice(4, 6)).not.toEqual(before.slice(4, 6))

    network.parameters.fill(0)
    const flat = Float32Array.from(input.data)
    perturb(network, input, ones(), others, () => true)
    expect(Float32Array.from(input.data)).toEqual(flat)
  })
})

describe('an update of M3DDPG', () => {
  const agents = agentsIn(spaces.soft, ['good', 'bad', 'good'])
  const rosterOf = (
    algorithm: Algorithm,
    options: Record<string, unknown> = {},
    learner: Partial<MaddpgSettings> = {},
  ) => tinyRoster(backend, algorithm, agents, { rows, options, learner, network: { activation: 'tanh' } })

  it('is MADDPG to the bit where nobody is disturbed', () => {
    const states = [rosterOf(maddpg), rosterOf(m3ddpg, { perturbation: 0, teamPerturbation: 0 })].map(roster => {
      const figures = roster.map((learner, i) => learner.update(randomBatch(backend, agents, rows, i), roster))
      return { figures, saved: roster.map(learner => learner.save()) }
    })
    expect(states[1]).toEqual(states[0])
  })

  it.each([
    { name: 'opponents', options: { perturbation: 0.3, teamPerturbation: 0 }, moved: [0, 0.3, 0] },
    { name: 'team mates', options: { perturbation: 0, teamPerturbation: 0.2 }, moved: [0, 0, 0.2] },
  ])('aims at the values after $name have moved against it', ({ options, moved }) => {
    const roster = rosterOf(m3ddpg, options)
    const batch = randomBatch(backend, agents, rows, 1)
    batch.present.data[1] = 0 // the opponent is absent in row 0,
    batch.terminated.data[3 * 2 + 2] = 1 // the team mate leaves in row 2
    const noise = noiseOf(0)
    const spec = mlp(18, [8, 6], 1, 'tanh')
    const actions = batch.nextObservations.map(({ data }, agent) => {
      const logits = plainForward(mlp(3, [8, 6], 3, 'tanh'), numbersOf(roster[agent]!, 'targetActor'), data, rows)
      return plainGumbelSoftmax({ rows, columns: 3, data: logits }, { from: 0, to: 3 }, 1, noise.next())
    })
    const rowOf = (matrices: readonly { data: ArrayLike<number> }[], row: number) =>
      matrices.flatMap(({ data }) => [0, 1, 2].map(c => data[row * 3 + c]!))
    let loss = 0
    for (let row = 0; row < rows; row++) {
      const acts = (agent: number) =>
        batch.present.data[row * 3 + agent] === 1 && batch.terminated.data[row * 3 + agent] === 0
      const next = [
        ...rowOf(batch.nextObservations, row),
        ...rowOf(
          actions.map(data => ({ data })),
          row,
        ),
      ]
      for (const agent of [0, 1, 2]) if (!acts(agent)) next.fill(0, 9 + 3 * agent, 12 + 3 * agent)
      const valueAt = (name: string, input: ArrayLike<number>) =>
        plainForward(spec, numbersOf(roster[0]!, name), input, 1)[0]!
      const slope = centralDifferences(input => valueAt('targetCritic', input), next)
      for (const agent of [1, 2]) {
        if (!acts(agent)) continue
        const own = slope.subarray(9 + 3 * agent, 12 + 3 * agent)
        own.forEach((g, c) => {
          next[9 + 3 * agent + c]! -= (moved[agent]! * g) / Math.hypot(...own)
        })
      }
      const target = batch.rewards.data[row * 3]! + 0.95 * valueAt('targetCritic', next)
      const value = valueAt('critic', [...rowOf(batch.observations, row), ...rowOf(batch.actions, row)])
      loss += (value - target) ** 2 / rows
    }
    expect(roster[0]!.update(batch, roster).criticLoss! / loss).toBeCloseTo(1, 4)
  })

  it('gives its actor a value that is worse than the one it would have unperturbed', () => {
    const lossOf = (perturbation: number) => {
      const roster = rosterOf(m3ddpg, { perturbation }, { gamma: 0 })
      return roster[0]!.update(randomBatch(backend, agents, rows, 1), roster).actorLoss!
    }
    // Without a future the critics are equal, so that the perturbation of the actor's own step is all that differs.
    expect(lossOf(0.1)).toBeGreaterThan(lossOf(0))
    expect(lossOf(0.2)).toBeGreaterThan(lossOf(0.1))
  })

  it('refuses a critic that does not see the others', () => {
    expect(() => rosterOf(m3ddpg, {}, { critic: 'local' })).toThrow(
      /^learner\.critic: m3ddpg moves the others' actions, which a local critic does not see; expected joint, set or state, got local/,
    )
  })

  it('of an agent that is alone is that of MADDPG', () => {
    const [alone] = agents
    const saved = [maddpg, m3ddpg].map(algorithm => {
      const roster = tinyRoster(backend, algorithm, [alone!], { rows })
      roster[0]!.update(randomBatch(backend, [alone!], rows, 1), roster)
      return roster[0]!.save()
    })
    expect(saved[1]).toEqual(saved[0])
  })
})

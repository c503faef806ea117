// Running statistics of what networks read: against all rows at once, as a part of runs, and where they are refused.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Algorithm } from '../../src/learning/algorithm.ts'
import { createInputStatistics } from '../../src/learning/input-statistics.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { a2c } from '../../src/policy-gradient/a2c.ts'
import { ppg } from '../../src/policy-gradient/ppg.ts'
import { ppo } from '../../src/policy-gradient/ppo.ts'
import { reinforce } from '../../src/policy-gradient/reinforce.ts'
import { createRandom } from '../../src/random.ts'
import type { Trajectory } from '../../src/rollout/trajectory.ts'
import { layer } from '../../src/run/config/config.ts'
import { createRun } from '../../src/run/run.ts'
import { copySaved } from '../../src/saved.ts'
import { tinyConfig } from '../support/tiny-config.ts'
import { tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

describe('running statistics', () => {
  it('are those of all rows at once, however they come in rounds, far from 0 too', () => {
    const rounds = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(rounds, fc.constantFrom(0, 1, 1e4), fc.nat(), (sizes, centre, seed) => {
        const network = backend.network(mlp(3, [2], 1, 'relu', { standardised: 2 }), createRandom(1))
        const statistics = createInputStatistics(network)!
        const random = createRandom(seed)
        const all: Float32Array[] = []
        for (const size of sizes) {
          const rows = Array.from({ length: size }, () => Float32Array.from([centre + random.between(-1, 1), 7, 99]))
          const trajectory = { learnable: Uint32Array.from(rows.keys()) } as Trajectory
          statistics.endRound(trajectory, chosen => ({
            rows: chosen.length,
            columns: 3,
            data: Float32Array.from([...chosen].flatMap(row => [...rows[row]!])),
          }))
          all.push(...rows)
        }
        if (all.length === 0) {
          expect([...network.parameters.subarray(0, 4)]).toEqual([0, 0, 1, 1])
          return
        }
        const mean = all.reduce((sum, [x]) => sum + x!, 0) / all.length
        const variance = all.reduce((sum, [x]) => sum + (x! - mean) ** 2, 0) / all.length
        expect(network.parameters[0]).toBe(Math.fround(mean))
        expect(network.parameters[1]).toBe(7)
        expect(network.parameters[2]! * Math.sqrt(variance + 1e-8)).toBeCloseTo(1, 5)
        expect(network.parameters[3]).toBe(1e4)
      }),
      { numRuns: 25 },
    )
  })

  it('are absent where nothing is standardised', () => {
    expect(createInputStatistics(backend.network(mlp(3, [2], 1), createRandom(1)))).toBeNull()
  })
})

const inRounds: Readonly<Record<string, readonly [Algorithm, Readonly<Record<string, unknown>>]>> = {
  reinforce: [reinforce, { rolloutEpisodes: 4, baseline: 'value', valueSteps: 2, critic: 'joint' }],
  ppo: [ppo, { rolloutSteps: 8, epochs: 2, minibatches: 2 }],
  'ppo with a local critic': [ppo, { rolloutSteps: 8, epochs: 2, critic: 'local' }],
  a2c: [a2c, { rolloutSteps: 5 }],
}

describe.each(Object.entries(inRounds))('a team that normalises observations by %s', (_, [algorithm, settings]) => {
  const network = { normaliseObservations: true } as const
  const create = () =>
    tinyTeam(backend, algorithm, settings, { agents: 2 }, { network, shareParameters: true, games: 2 })
  const standards = ({ learner }: ReturnType<typeof create>) => {
    const { spec, tensors, parameters } = learner.members[0]!.actor.networks[0]!
    return { spec, numbers: [...parameters.subarray(0, 2 * tensors[0]!.shape[0]!)] }
  }

  it('keeps the statistics through a round, and moves them when it is over', () => {
    const team = create()
    const { spec, numbers } = standards(team)
    expect(spec.layers[0]!.kind).toBe('standard')
    let moved = 0
    let before = numbers
    for (let i = 0; i < 200; i++) {
      const update = team.go()
      const { numbers: now } = standards(team)
      if (update?.endsRound === true) moved++
      expect(now.join() === before.join()).toBe(update?.endsRound !== true)
      before = now
    }
    expect(moved).toBeGreaterThan(2)
  })

  it('goes on to the same bits from anywhere', () => {
    for (const cut of [3, 17, 31, 40, 41, 42]) {
      const [whole, resumed] = [create(), create()]
      for (let i = 0; i < cut; i++) whole.go()
      resumed.restore(copySaved(whole.save()))
      for (const team of [whole, resumed]) for (let i = 0; i < 90; i++) team.go()
      expect(resumed.save()).toEqual(whole.save())
    }
  })
})

it('goes on to the same bits from anywhere within the phases of ppg', () => {
  const settings = { rolloutSteps: 6, epochs: 1, minibatches: 2, policyIterations: 2, auxiliaryEpochs: 2, auxiliaryMinibatches: 1 } // biome-ignore format: one line
  const network = { normaliseObservations: true } as const
  const create = () => tinyTeam(backend, ppg, settings, { agents: 2 }, { network, shareParameters: true, games: 2 })
  const whole = create()
  const saved = Array.from({ length: 60 }, () => {
    const before = copySaved(whole.save())
    whole.go()
    return before
  })
  for (const cut of [5, 16, 17, 18, 19, 20, 21, 22, 23]) {
    const resumed = create()
    resumed.restore(saved[cut]!)
    for (let i = cut; i < 60; i++) resumed.go()
    expect(resumed.save()).toEqual(whole.save())
  }
})

it('is refused for algorithms that learn from a replay buffer', async () => {
  const config = layer(tinyConfig, { network: { normaliseObservations: true } })
  await expect(createRun(config)).rejects.toThrow(
    /^network\.normaliseObservations: .*maddpg learns from a replay buffer/,
  )
})

// Critics that read agents as sets: what stands where, that the order of the others says nothing, and that weights fit any number.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { train } from '../../src/experiment/trainer.ts'
import { agentSets, setColumns } from '../../src/learning/agent-sets.ts'
import { createCriticInput } from '../../src/learning/critic-input.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp, tensorsOf } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import type { Run } from '../../src/run/run.ts'
import type { AgentSpec, Matrix } from '../../src/types.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { expectClose, expectSameBits, randomMatrix } from '../support/matrices.ts'
import { observed } from '../support/observed.ts'
import { ticks } from '../support/ticks.ts'
import { tinyConfig, tinyRun } from '../support/tiny-config.ts'

const spec = (team: string, observationSize: number, actions: number, more: Partial<AgentSpec> = {}): AgentSpec => ({
  ...agentsOf([observationSize], [{ name: 'move', kind: 'choice', size: actions, soft: true }])[0]!,
  team,
  ...more,
})

describe('agents as sets', () => {
  it('are of one team with equal spaces, in the order of the first of each kind', () => {
    const agents = [spec('a', 2, 3), spec('b', 2, 3), spec('a', 2, 3), spec('a', 4, 3)]
    const sets = agentSets(agents, 10, { actions: true, except: 0 })
    expect(sets.map(({ members }) => members)).toEqual([[2], [1], [3]])
    expect(sets.map(({ place }) => place)).toEqual([
      { from: 10, count: 1, piece: 6, sets: [] },
      { from: 16, count: 1, piece: 6, sets: [] },
      { from: 22, count: 1, piece: 8, sets: [] },
    ])
    expect(setColumns(sets)).toBe(20)
    expect(agentSets(agents, 0, { actions: false }).map(({ members, place }) => [members.length, place.piece])).toEqual(
      [
        [2, 3],
        [1, 3],
        [1, 5],
      ],
    )
  })
})

describe('the input of a critic of sets', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const matrix = (...rows: number[][]): Matrix => {
    const made = backend.matrix(rows.length, rows[0]!.length)
    made.data.set(rows.flat())
    return made
  }

  it('is the own observation and action, then a piece for each other: there, observation, action', () => {
    const agents = [spec('a', 1, 2), spec('a', 1, 2), spec('b', 2, 1)]
    const input = createCriticInput({ backend, agents, index: 1 }, 'set', 1)
    const observations = [matrix([1]), matrix([2]), matrix([3, 4])]
    const actions = [matrix([10, 11]), matrix([20, 21]), matrix([30])]
    const { data } = input.of({ observations }, agent => actions[agent]!)
    expect([...data]).toEqual([2, 20, 21, 1, 1, 10, 11, 1, 3, 4, 30])
    expect(input.ownAction).toEqual({ from: 1, to: 3 })
    expect([0, 1, 2].map(agent => input.actionColumns(agent))).toEqual([
      { from: 5, to: 7 },
      { from: 1, to: 3 },
      { from: 10, to: 11 },
    ])
    input.withOwnAction(
      input.of({ observations }, agent => actions[agent]!),
      matrix([7, 8]),
    )
    expect([...data.slice(1, 3)]).toEqual([7, 8])
  })

  it('says who is absent, whose piece then counts for nothing', () => {
    const agents = [0, 1, 2].map(() => spec('a', 2, 2, { mayBeAbsent: true }))
    const input = createCriticInput({ backend, agents, index: 0 }, 'set', 2)
    const random = createRandom(1)
    const observations = agents.map(() => randomMatrix(random, 2, 2))
    const present = matrix([1, 0, 1], [1, 1, 1])
    const { data, columns } = input.of({ observations, present }, () => observations[0]!)
    expect([data[4], data[9], data[columns + 4], data[columns + 9]]).toEqual([0, 1, 1, 1])
    const network = backend.network(mlp(input.size, [5], 1, 'relu', { sets: input.sets }), random)
    const value = network.infer({ rows: 2, columns, data }).data[0]
    observations[1]!.data.fill(9)
    expect(network.infer(input.of({ observations, present }, () => observations[0]!)).data[0]).toBe(value)
  })

  it('does not depend on the order of the others, nor do its weights on their number, sets within observations included', () => {
    const seen = (others: number) =>
      spec('a', 1 + 2 * others, 2, {
        observationParts: [
          { name: 'own', size: 1 },
          { name: 'others', size: 2 * others, piece: 2 },
        ],
      })
    const inputOf = (count: number) => {
      const agents = Array.from({ length: count }, () => seen(count - 1))
      return createCriticInput({ backend, agents, index: 0 }, 'set', 1)
    }
    const specOf = (count: number) => {
      const { size, sets } = inputOf(count)
      return mlp(size, [6], 1, 'relu', { sets, setUnits: [4] })
    }
    expect(tensorsOf(specOf(5))).toEqual(tensorsOf(specOf(3)))
    const random = createRandom(2)
    const observations = [0, 1, 2].map(() => {
      const one = randomMatrix(random, 1, 5)
      one.data.set([1], 1)
      one.data.set([1], 3)
      return one
    })
    const actions = [0, 1, 2].map(() => randomMatrix(random, 1, 2))
    const network = backend.network(specOf(3), random)
    const input = inputOf(3)
    const value = (order: readonly number[]) =>
      network.infer(
        input.of({ observations: order.map(agent => observations[agent]!) }, agent => actions[order[agent]!]!),
      ).data
    const before = Float32Array.from(value([0, 1, 2]))
    expectClose(value([0, 2, 1]), before, 1e-6)
    expectSameBits(value([0, 1, 2]), before)
  })
})

function play(run: Run, count: number): void {
  expect(observed(train(run, { clock$: ticks(count) })).errors).toEqual([])
}

describe('learning with sets', () => {
  const sets = { scenario: { see: 'sets', worldState: 'sets' }, network: { setUnits: [5] }, run: { episodes: 1000 } }
  const shared = { shareParameters: true, identity: false }
  it.each([
    ...['maddpg', 'matd3', 'm3ddpg', 'masac', 'mad4pg'].map(algorithm => ({ ...shared, algorithm, critic: 'set' })),
    { ...shared, algorithm: 'maddpg', critic: 'state' },
    { algorithm: 'ddpg' },
    { algorithm: 'maddpg', critic: 'set', shareParameters: true },
    { algorithm: 'maddpg', critic: 'joint', inferPolicies: true, subPolicies: 2 },
  ])('by %o moves the actors, and goes on to the bit', async learner => {
    const settings = { ...sets, learner: { ...learner, batch: 16, updateEvery: 20, updateAfter: 60 } }
    const [run, again] = [await tinyRun(settings), await tinyRun(settings)]
    const before = run.roster.map(({ actor }) => actor.networks[0]!.parameters.slice())
    play(run, 140)
    run.roster.forEach(({ actor }, i) => void expect(actor.networks[0]!.parameters).not.toEqual(before[i]))
    again.restore(structuredClone(run.save()))
    for (const each of [run, again]) play(each, 40)
    again.roster.forEach(({ actor }, i) => {
      expectSameBits(actor.networks[0]!.parameters, run.roster[i]!.actor.networks[0]!.parameters)
    })
  })

  it.each(['local', 'set', 'state'])('over rollouts learns a value with a %s critic', async critic => {
    const learner = { ...shared, algorithm: 'reinforce', rolloutEpisodes: 2, baseline: 'value', critic }
    const run = await tinyRun({ ...sets, learner }, { ...tinyConfig, learner: {} })
    const before = run.roster[0]!.actor.networks[0]!.parameters.slice()
    play(run, 60)
    expect(run.rounds.finished).toBeGreaterThan(0)
    expect(run.roster[2]!.actor.networks[0]!.parameters).not.toEqual(before)
  })
})

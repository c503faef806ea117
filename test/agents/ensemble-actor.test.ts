// An ensemble as one actor: every row is answered by the sub-policy it names, which is drawn once per episode.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Actor, type ActorConfig, createActor } from '../../src/agents/actor.ts'
import { createActorPolicy } from '../../src/agents/actor-policy.ts'
import { createEnsembleActor, type EnsembleActor } from '../../src/agents/ensemble-actor.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import type { Matrix, NamedMatrix, Observations } from '../../src/types.ts'
import { expectSameBits, placed, randomMatrix } from '../support/matrices.ts'
import { agentsIn, spaces } from '../support/tiny-roster.ts'

const count = 3
const rows = 6
const config: ActorConfig = { hidden: [7], activation: 'tanh', temperature: 0.8 }
const key = createNoise(4).next()
const column = (numbers: readonly number[]): NamedMatrix => ({
  name: 'subPolicy',
  rows: numbers.length,
  columns: 1,
  data: Float32Array.from(numbers),
})
const rowOf = ({ columns, data }: Matrix, row: number) => data.slice(row * columns, (row + 1) * columns)
/** Copies: a matrix that an actor returns is overwritten by its next call. */
const kept = (matrix: Matrix): Matrix => ({ ...matrix, data: Float32Array.from(matrix.data) })

describe('an ensemble', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const ensembleOf = (space = spaces.mixed, more: Partial<ActorConfig> = {}): EnsembleActor =>
    createEnsembleActor(
      backend,
      Array.from({ length: count }, (_, k) =>
        createActor(backend, agentsIn(space, ['agent'])[0]!, { ...config, ...more }, createRandom(1, k)),
      ),
    )
  const seen = () => placed(backend, randomMatrix(createRandom(2), rows, 3, 2))

  it('answers every row as the sub-policy that it names does alone, to the bit', () => {
    const ensemble = ensembleOf()
    const observations = seen()
    const asks = [
      (actor: Actor, what: Observations) => actor.sample(what, key),
      (actor: Actor, what: Observations) => actor.greedy(what),
      (actor: Actor, what: Observations) => actor.distribution(what),
    ]
    const numbers = fc.array(fc.nat(count - 1), { minLength: rows, maxLength: rows })
    fc.assert(
      fc.property(numbers, named => {
        for (const ask of asks) {
          const alone = ensemble.subPolicies.map(actor => kept(ask(actor, observations)))
          const together = ask(ensemble, { ...observations, extras: [column(named)] })
          named.forEach((k, row) => void expectSameBits(rowOf(together, row), rowOf(alone[k]!, row)))
        }
      }),
      { numRuns: 50 },
    )
  })

  it('asks no sub-policy that is not named', () => {
    const { subPolicies } = ensembleOf()
    const silent = { ...subPolicies[1]!, sample: () => expect.fail('it was asked') }
    const ensemble = createEnsembleActor(backend, [subPolicies[0]!, silent, subPolicies[2]!])
    ensemble.sample({ ...seen(), extras: [column([0, 2, 2, 0, 0, 2])] }, key)
    ensemble.sample({ ...seen(), extras: [column([2, 2, 2, 2, 2, 2])] }, key)
  })

  it.each([
    ['nothing', undefined, /expected the sub-policies of the rows, \[6, 1\], as column 'subPolicy', got none/],
    [
      'a column of another shape',
      [{ name: 'subPolicy', rows: 2, columns: 3, data: new Float32Array(6) }],
      /got \[2, 3\]/,
    ],
    ['a number too large', [column([0, 0, 0, 3, 0, 0])], /sub-policy of row 3 must be one of 0 ... 2, got 3/],
    ['a fraction', [column([0.5, 0, 0, 0, 0, 0])], /sub-policy of row 0 must be one of 0 ... 2, got 0.5/],
  ])('refuses rows that say %s', (_, extras, message) => {
    const observations = extras === undefined ? seen() : { ...seen(), extras }
    expect(() => ensembleOf().sample(observations, key)).toThrow(message)
  })

  it('with a memory carries the state of the sub-policy that acts, and its number behind it', () => {
    const ensemble = ensembleOf(spaces.soft, { memory: 5 })
    expect(ensemble.carries.map(({ name, size }) => [name, size])).toEqual([
      ['memory', 5],
      ['subPolicy', 1],
    ])
    const observations = seen()
    const state = { name: 'memory', ...placed(backend, randomMatrix(createRandom(3), rows, 5)) }
    const alone = ensemble.subPolicies.map(actor => {
      actor.sample({ ...observations, extras: [state] }, key)
      return kept(actor.carries[0]!.after!())
    })
    const named = [2, 0, 1, 1, 0, 2]
    ensemble.sample({ ...observations, extras: [state, column(named)] }, key)
    const after = ensemble.carries[0]!.after!()
    named.forEach((k, row) => void expectSameBits(rowOf(after, row), rowOf(alone[k]!, row)))
    expect(ensemble.carries[1]!.after).toBeUndefined()
  })

  describe('as a policy', () => {
    const policyOf = () => createActorPolicy(ensembleOf(spaces.soft), createNoise(6), createRandom(6))
    const play = (policy: ReturnType<typeof policyOf>, restarted: readonly number[]) => {
      const games = restarted.length
      const actions = { rows: games, columns: 3, data: new Float32Array(games * 3) }
      const extras = [column(restarted.map(() => -1))]
      const observations = randomMatrix(createRandom(5), games, 3)
      policy.act({ observations, restarted: Uint8Array.from(restarted), explore: true, actions, extras })
      return { numbers: [...extras[0]!.data], actions: [...actions.data] }
    }

    it('declares one column, and keeps the number through an episode', () => {
      const policy = policyOf()
      expect(policy.extras).toEqual([{ name: 'subPolicy', size: 1 }])
      const { numbers } = play(policy, [1, 1, 1, 1, 1, 1, 1, 1])
      expect(play(policy, [0, 0, 0, 0, 0, 0, 0, 0]).numbers).toEqual(numbers)
      const later = play(policy, [0, 0, 0, 0, 1, 1, 1, 1]).numbers
      expect(later.slice(0, 4)).toEqual(numbers.slice(0, 4))
    })

    it('draws every sub-policy about equally often', () => {
      const policy = policyOf()
      const counts = new Array(count).fill(0)
      for (const k of play(policy, new Array(3000).fill(1)).numbers) counts[k]++
      // Five standard deviations of a binomial number.
      for (const times of counts) expect(Math.abs(times - 1000)).toBeLessThan(130)
    })

    it('goes on with the same sub-policies and the same draws where it was saved', () => {
      const policy = policyOf()
      play(policy, new Array(9).fill(1))
      const restored = policyOf()
      restored.restore(structuredClone(policy.save()))
      for (const restarted of [new Array(9).fill(0), [1, 0, 1, 0, 1, 0, 1, 0, 1]])
        expect(play(restored, restarted)).toEqual(play(policy, restarted))
    })
  })
})

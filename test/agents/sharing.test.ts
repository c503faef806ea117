// Parameter sharing: who is in a group with whom, what a group has in common, and that its members are told apart.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createActor } from '../../src/agents/actor.ts'
import { createIdentification } from '../../src/agents/identity.ts'
import { sharingOf } from '../../src/agents/sharing.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { AgentSpec } from '../../src/types.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { expectClose, expectSameBits, randomMatrix } from '../support/matrices.ts'
import { plainForward } from '../support/plain-network.ts'

const move = (size: number): ActionSpace => [{ name: 'move', kind: 'choice', size, soft: true }]
const spec = (team: string, observationSize: number, actions: number): AgentSpec => ({
  ...agentsOf([observationSize], move(actions))[0]!,
  team,
})

describe('groups', () => {
  it('are agents of one team with equal spaces, numbered in their order', () => {
    const agents = [
      spec('a', 4, 5),
      spec('b', 4, 5),
      spec('a', 4, 5),
      spec('a', 3, 5),
      spec('a', 4, 2),
      spec('a', 4, 5),
    ]
    expect(sharingOf(agents, true).map(({ identity }) => identity)).toEqual([
      { position: 0, members: 3 },
      { position: 0, members: 1 },
      { position: 1, members: 3 },
      { position: 0, members: 1 },
      { position: 0, members: 1 },
      { position: 2, members: 3 },
    ])
  })

  it('have each part in common by its name; nobody else has', () => {
    const agents = [spec('a', 4, 5), spec('a', 4, 5), spec('b', 4, 5), spec('b', 4, 5), spec('c', 4, 5)]
    const parts = sharingOf(agents, true).map(({ share }) => share('policy', () => ({})))
    expect(parts[1]).toBe(parts[0])
    expect(parts[3]).toBe(parts[2])
    expect(new Set(parts).size).toBe(3)
    const [first] = sharingOf(agents, true)
    expect(first!.share('critic', () => ({}))).not.toBe(first!.share('policy', () => ({})))
  })

  it('are no groups unless wanted, and an agent alone makes its parts anew', () => {
    const sharing = sharingOf([spec('a', 4, 5), spec('a', 4, 5)], false)
    expect(sharing.map(({ identity }) => identity.members)).toEqual([1, 1])
    const { share } = sharing[0]!
    expect(share('policy', () => ({}))).not.toBe(share('policy', () => ({})))
  })

  it('that are not told apart have their parts in common, and nobody has a number', () => {
    const sharing = sharingOf([spec('a', 4, 5), spec('a', 4, 5), spec('b', 4, 5)], true, { toldApart: false })
    expect(sharing.map(({ identity }) => identity)).toEqual(new Array(3).fill({ position: 0, members: 1 }))
    expect(sharing.map(({ members }) => members)).toEqual([2, 2, 1])
    const parts = sharing.map(({ share }) => share('policy', () => ({})))
    expect(parts[1]).toBe(parts[0])
    expect(parts[2]).not.toBe(parts[0])
  })

  it('give every agent a number of its own among its like', () => {
    const some = fc.record({ team: fc.constantFrom('a', 'b'), see: fc.integer({ min: 1, max: 2 }) })
    fc.assert(
      fc.property(fc.array(some, { minLength: 1, maxLength: 8 }), kinds => {
        const sharing = sharingOf(
          kinds.map(({ team, see }) => spec(team, see, 2)),
          true,
        )
        kinds.forEach(({ team, see }, i) => {
          const like = kinds.flatMap((kind, j) => (kind.team === team && kind.see === see ? [j] : []))
          expect(sharing[i]!.identity).toEqual({ position: like.indexOf(i), members: like.length })
        })
      }),
      { numRuns: 50 },
    )
  })
})

describe('agents with one network', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  it('see a one-hot of their number behind their observation', () => {
    const identify = createIdentification(backend, { position: 1, members: 3 })
    const observations = { rows: 2, columns: 2, data: Float32Array.of(1, 2, 3, 4) }
    expect([...identify(observations).data]).toEqual([1, 2, 0, 1, 0, 3, 4, 0, 1, 0])
    // Another number of rows in between leaves nothing behind.
    identify({ rows: 1, columns: 2, data: Float32Array.of(7, 8) })
    expect([...identify(observations).data]).toEqual([1, 2, 0, 1, 0, 3, 4, 0, 1, 0])
    const alone = createIdentification(backend, { position: 0, members: 1 })
    expect(alone(observations)).toBe(observations)
  })

  it('act as the network says of observation and number, and so differently', () => {
    const [agent] = agentsOf([4], move(3))
    const config = { hidden: [6], activation: 'tanh', temperature: 1 } as const
    const members = 2
    const first = createActor(backend, agent!, config, createRandom(1), { position: 0, members })
    const second = createActor(backend, agent!, config, first.network, { position: 1, members })
    expect(second.network).toBe(first.network)
    expect(first.network.spec.inputs).toBe(6)
    const observations = randomMatrix(createRandom(2), 3, 4)
    const greedy = [first, second].map(actor => Float32Array.from(actor.greedy(observations).data))
    ;[first, second].forEach((_, position) => {
      const wide = Array.from({ length: 3 }, (_, row) => [
        ...observations.data.subarray(4 * row, 4 * row + 4),
        ...(position === 0 ? [1, 0] : [0, 1]),
      ])
      const logits = plainForward(first.network.spec, first.network.parameters, wide.flat(), 3)
      expectClose(greedy[position]!, softmaxRows(logits, 3), 1e-6)
    })
    expect(greedy[0]).not.toEqual(greedy[1])
  })

  it('do not write over the actions that another was asked for', () => {
    const [agent] = agentsOf([4], move(3))
    const config = { hidden: [6], activation: 'tanh', temperature: 1 } as const
    const first = createActor(backend, agent!, config, createRandom(1), { position: 0, members: 2 })
    const second = createActor(backend, agent!, config, first.network, { position: 1, members: 2 })
    const sampled = first.sample(randomMatrix(createRandom(2), 3, 4), createNoise(3).next())
    const before = Float32Array.from(sampled.data)
    second.sample(randomMatrix(createRandom(4), 3, 4), createNoise(5).next())
    expectSameBits(sampled.data, before)
  })
})

function softmaxRows(logits: ArrayLike<number>, columns: number): number[] {
  const rows = Array.from({ length: logits.length / columns }, (_, row) =>
    Array.from({ length: columns }, (_, c) => Math.exp(logits[row * columns + c]!)),
  )
  return rows.flatMap(row => row.map(value => value / row.reduce((a, b) => a + b)))
}

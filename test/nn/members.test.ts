// A network as members with shared parameters use it at once, against the same network asked member by member.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend, Columns } from '../../src/nn/backend.ts'
import type { CommonRows, MembersSpec } from '../../src/nn/members.ts'
import { membersOf } from '../../src/nn/members-of.ts'
import { mlp, type Network } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import type { Matrix } from '../../src/types.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

function randomMatrix(rows: number, columns: number, seed: number): Matrix {
  const random = createRandom(seed, 'matrix')
  const matrix = backend.matrix(rows, columns)
  for (let i = 0; i < matrix.data.length; i++) matrix.data[i] = random.between(-1, 1)
  return matrix
}

/** What a member sees, as the network itself takes it: its rows, its own action in place, its one-hot. */
function seenBy(
  member: number,
  input: CommonRows,
  rows: number,
  { positions, identityColumns, own }: MembersSpec,
): Matrix {
  const columns = input.columns + identityColumns
  const data = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    const from = (own === undefined ? member * rows + row : row) * input.columns
    data.set(input.data.subarray(from, from + input.columns), row * columns)
    if (own !== undefined && input.own !== undefined) {
      const { from: to, to: end } = own[member]!
      const at = (member * rows + row) * (end - to)
      data.set(input.own.data.subarray(at, at + end - to), row * columns + to)
    }
    if (identityColumns > 0) data[row * columns + input.columns + positions[member]!] = 1
  }
  return { rows, columns, data }
}

const shapes = fc.record({
  members: fc.integer({ min: 1, max: 5 }),
  rows: fc.integer({ min: 1, max: 9 }),
  action: fc.integer({ min: 1, max: 3 }),
  further: fc.integer({ min: 0, max: 6 }),
  hidden: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
  outputs: fc.integer({ min: 1, max: 6 }),
  activation: fc.constantFrom('relu', 'leakyRelu', 'elu', 'tanh'),
  toldApart: fc.boolean(),
  common: fc.constantFrom('common', 'replaced', 'own'),
  seed: fc.integer({ min: 0, max: 1000 }),
})

type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never

/** Largest difference to the network asked member by member, of everything that a pass gives. */
function difference(where: Backend, shape: Shape, layerNorm = false): number {
  const { members, rows, action, further, hidden, outputs, activation, toldApart, common, seed } = shape
  const identityColumns = toldApart ? members + 1 : 0
  const plain = further + members * action
  const network = where.network(
    mlp(plain + identityColumns, hidden, outputs, activation as 'relu', { layerNorm }),
    createRandom(seed, 'network'),
  )
  const own: Columns[] = Array.from({ length: members }, (_, m) => ({
    from: further + m * action,
    to: further + (m + 1) * action,
  }))
  const spec: MembersSpec = {
    positions: Array.from({ length: members }, (_, m) => members - m),
    identityColumns,
    ...(common === 'own' ? {} : { own }),
  }
  const together = membersOf(where, network, spec)
  const input: CommonRows = {
    ...randomMatrix(common === 'own' ? members * rows : rows, plain, seed),
    ...(common === 'replaced' ? { own: randomMatrix(members * rows, action, seed + 1) } : {}),
  }
  const slope = randomMatrix(members * rows, outputs, seed + 2)
  const copied = (matrix: Matrix) => Float32Array.from(matrix.data)
  const results = { forward: copied(together.forward(input)), infer: copied(together.infer(input)) }
  const asked = common === 'own' ? { from: further, to: further + action } : own[0]!
  const atInput = copied(together.inputGradient(slope, asked))
  // The gradient of the parameters is asked for with the rows as they stand alone.
  if (common !== 'replaced') together.backward(slope)
  const gradients = Float32Array.from(network.gradients)
  network.gradients.fill(0)

  let worst = 0
  const compare = (got: ArrayLike<number>, expected: ArrayLike<number>) => {
    for (let i = 0; i < expected.length; i++) {
      worst = Math.max(worst, Math.abs(got[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!)))
      if (Number.isNaN(got[i])) worst = Number.NaN
    }
  }
  for (let member = 0; member < members; member++) {
    const part = (data: Float32Array, columns: number) =>
      data.subarray(member * rows * columns, (member + 1) * rows * columns)
    const given = { rows, columns: outputs, data: part(slope.data, outputs) }
    const { data } = network.forward(seenBy(member, input, rows, spec))
    compare(part(results.forward, outputs), data)
    compare(part(results.infer, outputs), data)
    const columns = common === 'own' ? asked : own[member]!
    compare(part(atInput, action), network.inputGradient(given, columns).data)
    if (common !== 'replaced') network.backward(given)
  }
  compare(gradients, network.gradients)
  network.gradients.fill(0)
  return worst
}

describe('members of a network', () => {
  it('get what the network gives each of them, and their gradients add up', () => {
    fc.assert(
      fc.property(shapes, shape => {
        expect(difference(backend, shape)).toBeLessThan(1e-4)
      }),
      { numRuns: 150 },
    )
  })

  it('get the same where every member has rows of its own, as of networks with normalised layers and other backends', () => {
    const plain: Backend = { ...backend, members: () => null }
    fc.assert(
      fc.property(shapes, shape => {
        expect(difference(plain, shape)).toBeLessThan(1e-4)
        expect(difference(backend, shape, true)).toBeLessThan(1e-3)
      }),
      { numRuns: 60 },
    )
  })

  it('get one by one the very bits that the network gives with a one-hot', () => {
    fc.assert(
      fc.property(shapes, ({ members, rows, further, hidden, outputs, activation, seed }) => {
        const spec = mlp(further + 1 + members, [1 + hidden[0]!, ...hidden.slice(1)], outputs, activation as 'relu')
        const network = backend.network(spec, createRandom(seed, 'network'))
        const positions = Array.from({ length: members }, (_, position) => position)
        const together = backend.members!(network, { positions, identityColumns: members })!
        const input = randomMatrix(rows, further + 1, seed)
        for (const member of positions) {
          const seen = seenBy(0, input, rows, { positions: [member], identityColumns: members })
          const expected = Float32Array.from(network.infer(seen).data)
          expect([...together.inferOne(input, member).data]).toEqual([...expected])
        }
      }),
      { numRuns: 100 },
    )
  })

  it('get the same bits with three threads as with one', async () => {
    const bits: string[] = []
    for (const threads of [1, 3]) {
      const where = await createSimdBackend({ threads })
      const network: Network = where.network(mlp(43, [32, 32], 1), createRandom(1))
      const together = membersOf(where, network, {
        positions: [0, 1, 2],
        identityColumns: 3,
        own: [0, 5, 10].map(from => ({ from, to: from + 5 })),
      })
      const matrix = (rows: number, columns: number, seed: number) => {
        const to = where.matrix(rows, columns)
        to.data.set(randomMatrix(rows, columns, seed).data)
        return to
      }
      together.forward(matrix(700, 40, 1))
      const slope = matrix(2100, 1, 2)
      together.backward(slope)
      bits.push([...network.gradients, ...together.inputGradient(slope).data].join())
      where.dispose()
    }
    expect(bits[1]).toBe(bits[0])
  })
})

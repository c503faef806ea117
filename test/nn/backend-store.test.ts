// Matrices of every backend, and the rows and columns that move between them.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { createRandom } from '../../src/random.ts'
import { backends } from '../support/backends.ts'
import { expectSameBits, placed, randomMatrix } from '../support/matrices.ts'

describe.each(backends)('the store of $name', ({ create }) => {
  let backend: Backend
  beforeAll(async () => {
    backend = await create()
  })
  afterAll(() => backend.dispose())

  it('makes matrices of zeros that do not overlap', () => {
    const matrices = [1, 3, 17, 64].map(columns => backend.matrix(5, columns))
    for (const { data } of matrices) expect(data.every(x => x === 0)).toBe(true)
    matrices.forEach(({ data }, i) => {
      data.fill(i + 1)
    })
    matrices.forEach(({ data, columns }, i) => {
      expect(data.length).toBe(5 * columns)
      expect(data.every(x => x === i + 1)).toBe(true)
    })
  })

  it('gathers any columns of any rows, across blocks', () => {
    fc.assert(
      fc.property(
        fc.record({
          blocks: fc.integer({ min: 1, max: 5 }),
          power: fc.nat({ max: 4 }),
          before: fc.nat({ max: 9 }),
          size: fc.integer({ min: 1, max: 40 }),
          after: fc.nat({ max: 9 }),
          count: fc.nat({ max: 70 }),
          seed: fc.nat(),
        }),
        ({ blocks: blockCount, power, before, size, after, count, seed }) => {
          const random = createRandom(seed)
          const columns = before + size + after
          const blocks = Array.from({ length: blockCount }, () =>
            placed(backend, randomMatrix(random, 2 ** power, columns)),
          )
          const indices = Uint32Array.from({ length: count }, () => random.integer(blockCount * 2 ** power))
          const to = backend.matrix(count, size)
          backend.gather(blocks, indices, before, to)
          for (let i = 0; i < count; i++) {
            const block = blocks[indices[i]! >> power]!
            const from = (indices[i]! % 2 ** power) * columns + before
            expectSameBits(to.data.slice(i * size, (i + 1) * size), block.data.slice(from, from + size))
          }
        },
      ),
      { numRuns: 100 },
    )
  })

  it('refuses to gather what does not fit', async () => {
    const block = backend.matrix(8, 5)
    const to = backend.matrix(2, 5)
    const indices = Uint32Array.of(0, 7)
    expect(() => backend.gather([block], Uint32Array.of(0, 8), 0, to)).toThrow(
      new RangeError('gather: indices must be below 8 (rows of the table), got 8'),
    )
    expect(() => backend.gather([block], indices, 1, to)).toThrow(RangeError)
    expect(() => backend.gather([], indices, 0, to)).toThrow(RangeError)
    expect(() => backend.gather([backend.matrix(6, 5)], indices, 0, to)).toThrow('power of two')
    expect(() => backend.gather([block], Uint32Array.of(1), 0, to)).toThrow(TypeError)
    expect(() => backend.gather([block, backend.matrix(4, 5)], indices, 0, to)).toThrow(TypeError)
    expect(() => backend.gather([{ ...block, data: new Float32Array(40) }], indices, 0, to)).toThrow('of this backend')
  })

  it('copies columns into columns, wherever they live, and leaves the others alone', () => {
    fc.assert(
      fc.property(
        fc.record({
          rows: fc.integer({ min: 1, max: 20 }),
          size: fc.integer({ min: 1, max: 20 }),
          before: fc.nat({ max: 9 }),
          after: fc.nat({ max: 9 }),
          fromInside: fc.boolean(),
          toInside: fc.boolean(),
          seed: fc.nat(),
        }),
        ({ rows, size, before, after, fromInside, toInside, seed }) => {
          const random = createRandom(seed)
          const columns = before + size + after
          const from = randomMatrix(random, rows, size)
          const sentinel = randomMatrix(random, rows, columns)
          const to = toInside ? placed(backend, sentinel) : { ...sentinel, data: Float32Array.from(sentinel.data) }
          backend.copyColumns(fromInside ? placed(backend, from) : from, to, before)
          const expected = sentinel.data
          for (let r = 0; r < rows; r++) {
            expected.set(from.data.slice(r * size, (r + 1) * size), r * columns + before)
          }
          expectSameBits(to.data, expected)
        },
      ),
      { numRuns: 100 },
    )
    expect(() => backend.copyColumns(backend.matrix(2, 3), backend.matrix(2, 5), 3)).toThrow(RangeError)
    expect(() => backend.copyColumns(backend.matrix(2, 3), backend.matrix(3, 5), 0)).toThrow(TypeError)
  })

  it('gathers several pieces at once as it would one by one', () => {
    const random = createRandom(3)
    const blocks = [0, 1].map(() => placed(backend, randomMatrix(random, 16, 23)))
    const indices = Uint32Array.from({ length: 300 }, () => random.integer(32))
    const pieces = [0, 2, 19].map(column => ({ column, to: backend.matrix(300, 4) }))
    backend.gatherAll(blocks, indices, pieces)
    for (const { column, to } of pieces) {
      const alone = backend.matrix(300, 4)
      backend.gather(blocks, indices, column, alone)
      expectSameBits(to.data, alone.data)
    }
    expect(() => backend.gatherAll(blocks, indices, [{ column: 20, to: pieces[0]!.to }])).toThrow(RangeError)
  })

  it('joins matrices side by side, wherever they live, and leaves other columns alone', () => {
    for (const inside of [true, false]) {
      const random = createRandom(4)
      const parts = [3, 1, 5].map(columns => randomMatrix(random, 40, columns))
      const to = placed(backend, randomMatrix(random, 40, 12))
      const expected = placed(backend, to)
      parts.forEach((part, i) => {
        backend.copyColumns(part, expected, [2, 5, 6][i]!)
      })
      const given = inside ? parts.map(part => placed(backend, part)) : parts
      backend.joinColumns(given, to, 2)
      expectSameBits(to.data, expected.data)
      expect(() => backend.joinColumns(given, to, 4)).toThrow(RangeError)
      expect(() => backend.joinColumns(given, backend.matrix(41, 12), 0)).toThrow(TypeError)
    }
  })

  it('refuses sizes that are none', () => {
    expect(() => backend.matrix(-1, 2)).toThrow(RangeError)
    expect(() => backend.matrix(1.5, 2)).toThrow(RangeError)
  })
})

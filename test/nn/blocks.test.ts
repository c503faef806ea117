// Blocks of numbers copied into rows: every backend gives what plain JavaScript does, wherever the numbers lie and on any number of threads.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { copyBlocks } from '../../src/nn/matrix.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import { backends } from '../support/backends.ts'
import { expectSameBits, placed, randomMatrix } from '../support/matrices.ts'

const all = [...backends, { name: 'simd on three threads', create: () => createSimdBackend({ threads: 3 }) }]

describe.each(all)('copyBlocks of $name', ({ create }) => {
  let backend: Backend
  beforeAll(async () => {
    backend = await create()
  })
  afterAll(() => backend.dispose())

  it('writes each block into its row, what stands nowhere as it is told, and no other column', () => {
    const shapes = fc.record({
      rows: fc.oneof(fc.nat(9), fc.constantFrom(127, 128, 1000)),
      size: fc.integer({ min: 1, max: 40 }),
      before: fc.nat(5),
      after: fc.nat(5),
      fromInside: fc.boolean(),
      toInside: fc.boolean(),
      seed: fc.nat(),
    })
    fc.assert(
      fc.property(shapes, ({ rows, size, before, after, fromInside, toInside, seed }) => {
        const random = createRandom(seed)
        const log = randomMatrix(random, 1, 200)
        const places = Int32Array.from({ length: rows }, () => random.integer(202 - size) - 1)
        const sentinel = randomMatrix(random, rows, before + size + after)
        const expected = { ...sentinel, data: sentinel.data.slice() }
        copyBlocks({ from: log.data, places, size, behind: 1 }, expected, before)
        const to = toInside ? placed(backend, sentinel) : sentinel
        const from = (fromInside ? placed(backend, log) : log).data
        backend.copyBlocks({ from, places, size, behind: 1 }, to, before)
        expectSameBits(to.data, expected.data)
      }),
      { numRuns: 60 },
    )
  })
})

it('the kernels read and write nothing but what is there', async () => {
  const backend = await createSimdBackend()
  const from = backend.matrix(1, 10).data
  const to = backend.matrix(2, 4)
  const copy = (places: number[], size: number, column: number) => () =>
    backend.copyBlocks({ from, places: Int32Array.from(places), size, behind: 0 }, to, column)
  expect(copy([0, 7], 4, 0)).toThrow(new RangeError('copyBlocks: 4 numbers from 7 on wanted of 10'))
  expect(copy([0, 0], 4, 1)).toThrow(new RangeError('copyBlocks: columns 1 ... 4 wanted of 4 (columns of to)'))
  expect(copy([0, 0, 0], 4, 0)).toThrow(TypeError)
  backend.dispose()
})

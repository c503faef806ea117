// The Sobol sequence: published points, stratification with and without scrambling, seeds.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sobolSequence, sobolStrategy } from '../../src/sweep/sobol.ts'
import { spaceOf } from '../../src/sweep/space.ts'

// scipy 1.17.1: qmc.Sobol(d=64, scramble=False).random(1024)
const firstPoints = [
  [0, 0, 0, 0],
  [0.5, 0.5, 0.5, 0.5],
  [0.75, 0.25, 0.25, 0.25],
  [0.25, 0.75, 0.75, 0.75],
  [0.375, 0.375, 0.625, 0.875],
  [0.875, 0.875, 0.125, 0.375],
  [0.625, 0.125, 0.875, 0.625],
  [0.125, 0.625, 0.375, 0.125],
]
const someDimensions = [0, 1, 2, 5, 20, 63]
const points: Record<number, number[]> = {
  37: [0.921875, 0.640625, 0.578125, 0.296875, 0.953125, 0.828125],
  1000: [0.2197265625, 0.0966796875, 0.5185546875, 0.9072265625, 0.5224609375, 0.4462890625],
}

describe('the Sobol sequence', () => {
  it('has the points that scipy has', () => {
    const sequence = sobolSequence(64, null)
    expect(firstPoints.map((_, index) => sequence(index).slice(0, 4))).toEqual(firstPoints)
    for (const [index, expected] of Object.entries(points)) {
      const point = sequence(Number(index))
      expect(someDimensions.map(dimension => point[dimension])).toEqual(expected)
    }
  })

  it('puts one of 2^k points into each interval of that length, scrambled or not, from any multiple of 2^k on', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 0, max: 7 }),
        fc.nat(1000),
        fc.option(fc.nat(), { nil: null }),
        (dimensions, power, block, seed) => {
          const sequence = sobolSequence(dimensions, seed)
          const count = 2 ** power
          const block_ = Array.from({ length: count }, (_, i) => sequence(block * count + i))
          for (let dimension = 0; dimension < dimensions; dimension++) {
            expect(new Set(block_.map(point => Math.floor(point[dimension]! * count))).size).toBe(count)
          }
        },
      ),
      { numRuns: 30 },
    )
  })

  it('covers squares as evenly when scrambled: a (0, 4, 2)-net in the first two dimensions', () => {
    for (const seed of [null, 1, 2, 3]) {
      const sequence = sobolSequence(2, seed)
      const net = Array.from({ length: 16 }, (_, i) => sequence(i))
      for (const [across, down] of [
        [16, 1],
        [8, 2],
        [4, 4],
        [2, 8],
        [1, 16],
      ] as const) {
        const cells = net.map(([x, y]) => `${Math.floor(x! * across)} ${Math.floor(y! * down)}`)
        expect(new Set(cells).size).toBe(16)
      }
    }
  })

  it('is another one for another seed, the same one for the same', () => {
    const of = (seed: number) => [3, 4, 5].map(sobolSequence(3, seed))
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
  })

  it('has direction numbers for 64 dimensions, and says so beyond', () => {
    const space = (dimensions: number) =>
      spaceOf(Object.fromEntries(Array.from({ length: dimensions }, (_, i) => [`scenario.x${i}`, [1, 2]])))
    expect(sobolStrategy(space(64), 1, true).suggest(5, { observations: [], pending: [] })).toHaveLength(64)
    expect(() => sobolStrategy(space(65), 1, true)).toThrow(/at most 64 dimensions, got 65/)
  })
})

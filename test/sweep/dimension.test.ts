// Dimensions: every value can be reached and none beyond, grids hit the ends, and what is wrong is named.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dimensionOf } from '../../src/sweep/dimension.ts'
import { cornersOf, spaceOf } from '../../src/sweep/space.ts'

const key = 'learner.gamma'

describe('a dimension', () => {
  it('stays within its range and reaches both ends', () => {
    const range = fc.tuple(
      fc.double({ min: 1e-6, max: 1e3, noNaN: true }),
      fc.double({ min: 1e-6, max: 1e3, noNaN: true }),
    )
    fc.assert(
      fc.property(
        fc.constantFrom('uniform', 'log'),
        range,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (kind, [a, width], place) => {
          const [low, high] = [a, a + width]
          const { at, corners } = dimensionOf(key, { [kind]: [low, high] })
          expect(at(place)).toBeGreaterThanOrEqual(low)
          expect(at(place)).toBeLessThanOrEqual(high)
          expect(Math.abs((at(corners[0]!) as number) - low)).toBeLessThan(1e-4 * width)
          expect(Math.abs((at(corners[1]!) as number) - high)).toBeLessThan(1e-4 * width)
        },
      ),
    )
  })

  it('gives whole numbers equal shares, on a logarithmic scale shares that shrink', () => {
    const counts = (given: object) => {
      const { at } = dimensionOf(key, given)
      const found = new Map<unknown, number>()
      for (let i = 0; i < 9000; i++) found.set(at((i + 0.5) / 9000), (found.get(at((i + 0.5) / 9000)) ?? 0) + 1)
      return found
    }
    expect([...counts({ integer: [-1, 1] })]).toEqual([
      [-1, 3000],
      [0, 3000],
      [1, 3000],
    ])
    const shares = [...counts({ logInteger: [1, 4] }).values()]
    expect(shares).toHaveLength(4)
    expect(shares.toSorted((a, b) => b - a)).toEqual(shares)
  })

  it('is evenly spread in logarithms', () => {
    const { at } = dimensionOf(key, { log: [0.001, 0.1] })
    expect(at(0.5)).toBe(0.01)
  })

  it('has grid points from end to end, each once', () => {
    const values = (given: unknown) => {
      const { grid, at } = dimensionOf(key, given)
      return grid?.map(at) ?? null
    }
    expect(values({ uniform: [0.8, 1], points: 3 })).toEqual([0.8, 0.9, 1])
    expect(values({ log: [0.001, 0.1], points: 3 })).toEqual([0.001, 0.01, 0.1])
    expect(values({ integer: [1, 3], points: 5 })).toEqual([1, 2, 3])
    expect(values(['a', [1], null, false])).toEqual(['a', [1], null, false])
    expect(values({ uniform: [0, 1] })).toBeNull()
  })

  it.each<[unknown, RegExp]>([
    [[], /expected at least one value, got \[\]/],
    [{ choice: [] }, /space.learner.gamma.choice: expected at least one value/],
    [[1, 2, 1], /1 is listed twice/],
    [0.9, /expected a list of values, or one of \{choice: .*got 0.9/],
    [{}, /expected a list of values/],
    [{ unifrom: [0, 1] }, /space.learner.gamma.unifrom: unknown kind of range 'unifrom'; did you mean 'uniform'/],
    [{ uniform: [1, 1] }, /space.learner.gamma.uniform: expected low < high, got \[1,1\]/],
    [{ uniform: [2, 1] }, /expected low < high/],
    [{ uniform: [0] }, /expected two numbers/],
    [{ uniform: [0, null] }, /expected two numbers/],
    [{ log: [0, 1] }, /space.learner.gamma.log: expected a range above 0/],
    [{ log: [-1, 1] }, /above 0/],
    [{ integer: [0.5, 2] }, /expected whole numbers/],
    [{ uniform: [0, 1], points: 1 }, /points: expected a whole number of at least 2, got 1/],
    [{ choice: [1, 2], points: 2 }, /has all its values as points/],
    [{ uniform: [0, 1], log: [1, 2] }, /expected a list of values/],
  ])('refuses %j', (given, message) => {
    expect(() => dimensionOf(key, given)).toThrow(message)
  })
})

describe('a space', () => {
  it('is points with settings', () => {
    const space = spaceOf({ 'learner.gamma': { uniform: [0, 1] }, 'learner.batch': [32, 64] })
    expect(space.at([0.25, 0.7])).toEqual({ 'learner.gamma': 0.25, 'learner.batch': 64 })
    expect(() => spaceOf({})).toThrow(/at least one setting/)
    expect(() => spaceOf({ gamma: [1] })).toThrow(/space.gamma: expected a setting like learner.gamma/)
  })

  it('has all corners where they are few, every extreme where they are many', () => {
    const wide = (dimensions: number) =>
      spaceOf(Object.fromEntries(Array.from({ length: dimensions }, (_, i) => [`scenario.x${i}`, { uniform: [0, 1] }])))
    expect(cornersOf(wide(3))).toHaveLength(8)
    const many = cornersOf(wide(20))
    expect(many).toHaveLength(40)
    for (let i = 0; i < 20; i++) expect(new Set(many.map(point => point[i]))).toEqual(new Set([0, 1]))
  })
})

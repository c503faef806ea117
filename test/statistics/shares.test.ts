// Shares of two samples: Fisher's exact test against counting all cases, Newcombe's interval against his own tables.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chanceOfSoFew, differenceOfShares, type Successes } from '../../src/statistics/shares.ts'

/** Every way to deal the successes of both out anew, one by one: the share of those with as few for the first or fewer. */
function countedChance(first: Successes, second: Successes): number {
  const all = first.successes + second.successes
  const people = first.of + second.of
  let [ways, asFew] = [0, 0]
  for (let dealt = 0; dealt < 2 ** people; dealt++) {
    const bits = [...Array(people).keys()].map(i => (dealt >> i) & 1)
    if (bits.reduce((sum, bit) => sum + bit, 0) !== all) continue
    ways++
    if (bits.slice(0, first.of).reduce((sum, bit) => sum + bit, 0) <= first.successes) asFew++
  }
  return asFew / ways
}

function choose(n: number, k: number): bigint {
  let value = 1n
  for (let i = 0; i < k; i++) value = (value * BigInt(n - i)) / BigInt(i + 1)
  return k < 0 || k > n ? 0n : value
}

/** The same by whole numbers of any size. */
function exactChance(first: Successes, second: Successes): number {
  const all = first.successes + second.successes
  let below = 0n
  for (let x = 0; x <= first.successes; x++) below += choose(first.of, x) * choose(second.of, all - x)
  return Number((below * 10n ** 18n) / choose(first.of + second.of, all)) / 1e18
}

const sample = (most: number) =>
  fc
    .integer({ min: 1, max: most })
    .chain(of => fc.integer({ min: 0, max: of }).map((successes): Successes => ({ successes, of })))

describe('the exact test', () => {
  it('is what counting every case gives', () => {
    fc.assert(
      fc.property(sample(5), sample(6), (first, second) => {
        expect(chanceOfSoFew(first, second)).toBeCloseTo(countedChance(first, second), 12)
      }),
      { numRuns: 40 },
    )
  })

  it('is what whole numbers of any size give, for samples of hundreds', () => {
    fc.assert(
      fc.property(sample(450), sample(450), (first, second) => {
        expect(chanceOfSoFew(first, second)).toBeCloseTo(exactChance(first, second), 10)
      }),
      { numRuns: 20 },
    )
  })

  it.each([
    // Fisher's tea: 3 of 4 against 1 of 4 has 17/70 for as many or more.
    [{ successes: 1, of: 4 }, { successes: 3, of: 4 }, 17 / 70],
    [{ successes: 3, of: 10 }, { successes: 8, of: 10 }, 6446 / 184_756],
    [{ successes: 10, of: 10 }, { successes: 8, of: 10 }, 1],
  ])('%o against %o: %d', (first, second, chance) => {
    expect(chanceOfSoFew(first, second)).toBeCloseTo(chance, 12)
  })
})

describe('the interval of the difference', () => {
  // Newcombe 1998, table II, method 10.
  it.each([
    [{ successes: 56, of: 70 }, { successes: 48, of: 80 }, 0.0524, 0.3339],
    [{ successes: 9, of: 10 }, { successes: 3, of: 10 }, 0.1705, 0.809],
    [{ successes: 5, of: 56 }, { successes: 0, of: 29 }, -0.0381, 0.1926],
    [{ successes: 0, of: 10 }, { successes: 0, of: 10 }, -0.2775, 0.2775],
  ])('of %o and %o is %d ... %d', (first, second, low, high) => {
    const found = differenceOfShares(first, second)
    expect(found.low).toBeCloseTo(low, 4)
    expect(found.high).toBeCloseTo(high, 4)
  })

  it('holds the difference, lies within -1 and 1, and turns round with its samples', () => {
    fc.assert(
      fc.property(sample(60), sample(60), (first, second) => {
        const { difference, low, high } = differenceOfShares(first, second)
        expect(low).toBeLessThanOrEqual(difference + 1e-12)
        expect(high).toBeGreaterThanOrEqual(difference - 1e-12)
        expect(low).toBeGreaterThanOrEqual(-1 - 1e-12)
        expect(high).toBeLessThanOrEqual(1 + 1e-12)
        const turned = differenceOfShares(second, first)
        expect(turned.low).toBeCloseTo(-high, 12)
        expect(turned.high).toBeCloseTo(-low, 12)
      }),
    )
  })
})

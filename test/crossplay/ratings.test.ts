// Ratings: the likelihood's maximum, recovered strengths, symmetry, and intervals that hold the estimate.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Score } from '../../src/crossplay/matches.ts'
import { rate, strengths } from '../../src/crossplay/ratings.ts'
import { createRandom } from '../../src/random.ts'

const anyScores = (runs: number) =>
  fc
    .array(fc.tuple(fc.nat(200), fc.nat(50), fc.nat(200)), { minLength: runs * runs, maxLength: runs * runs })
    .map(all =>
      all.map(([wins, draws, losses], i): Score => ({ runs: [Math.floor(i / runs), i % runs], wins, draws, losses })),
    )

/** Log-likelihood of Bradley and Terry (1952), draws as half wins, one more draw in every pairing. */
function likelihood(runs: number, scores: readonly Score[], ratings: ArrayLike<number>): number {
  return scores.reduce((sum, { runs: [first, second], wins, draws, losses }) => {
    const expected = 1 / (1 + 10 ** ((ratings[runs + second]! - ratings[first]!) / 400))
    return sum + (wins + (draws + 1) / 2) * Math.log(expected) + (losses + (draws + 1) / 2) * Math.log(1 - expected)
  }, 0)
}

describe('ratings', () => {
  it('are where the likelihood is largest', () => {
    fc.assert(
      fc.property(anyScores(2), fc.nat(3), fc.constantFrom(-1, 1), (scores, player, way) => {
        const found = strengths(2, scores)
        const moved = Float64Array.from(found)
        moved[player]! += way
        expect(likelihood(2, scores, moved)).toBeLessThan(likelihood(2, scores, found) + 1e-9)
      }),
      { numRuns: 50 },
    )
  })

  it('have the mean 1500', () => {
    fc.assert(
      fc.property(anyScores(3), scores => {
        const found = strengths(3, scores)
        expect(found.reduce((sum, rating) => sum + rating, 0) / found.length).toBeCloseTo(1500, 6)
      }),
      { numRuns: 30 },
    )
  })

  it('say 400 points where one wins ten times as often', () => {
    // 10 : 1 with the extra draw counted in.
    const scores: Score[] = [{ runs: [0, 0], wins: 9999.5, draws: 0, losses: 999.5 }]
    const [first, second] = strengths(1, scores)
    expect(first! - second!).toBeCloseTo(400, 6)
  })

  it('turn round with the scores', () => {
    fc.assert(
      fc.property(anyScores(2), scores => {
        const turned = scores.map(
          ({ runs: [a, b], wins, draws, losses }): Score => ({
            runs: [b, a],
            wins: losses,
            draws,
            losses: wins,
          }),
        )
        const [found, mirrored] = [strengths(2, scores), strengths(2, turned)]
        expect([...mirrored.subarray(2), ...mirrored.subarray(0, 2)].map(Math.round)).toEqual(
          [...found].map(Math.round),
        )
      }),
      { numRuns: 30 },
    )
  })

  it('leave out what all runs have in common on a seat', () => {
    // The first seat wins nine of ten, whoever plays; run 0 wins a little more often on both.
    const scores = [
      { wins: 90, losses: 10 },
      { wins: 92, losses: 8 },
      { wins: 88, losses: 12 },
      { wins: 90, losses: 10 },
    ].map((score, i): Score => ({ runs: [i >> 1, i & 1], draws: 0, ...score }))
    const rated = rate(2, scores, createRandom(1, 'bootstrap'))
    for (const seat of [0, 1]) {
      const [first, second] = rated.map(({ seats }) => seats[seat]!.rating)
      expect(first! + second!).toBeCloseTo(3000, 6)
      expect(first!).toBeGreaterThan(second!)
    }
  })

  it('stay finite for who always won, and say how sure they are', () => {
    const scores = (episodes: number): Score[] =>
      [0, 1].flatMap(first =>
        [0, 1].map((second): Score => {
          const wins = first === second ? episodes / 2 : first === 0 ? episodes : 0
          return { runs: [first, second], wins, draws: 0, losses: episodes - wins }
        }),
      )
    const [few, many] = [20, 2000].map(episodes => rate(2, scores(episodes), createRandom(1, 'bootstrap')))
    for (const rated of [few!, many!]) {
      expect(rated[0]!.overall.rating).toBeGreaterThan(1500)
      for (const { rating, low, high } of rated.flatMap(({ seats, overall }) => [...seats, overall])) {
        expect(Number.isFinite(rating)).toBe(true)
        expect(low).toBeLessThanOrEqual(rating)
        expect(high).toBeGreaterThanOrEqual(rating)
      }
    }
    const width = ({ high, low }: { high: number; low: number }) => high - low
    expect(width(many![0]!.overall)).toBeLessThan(width(few![0]!.overall))
    expect(rate(2, scores(20), createRandom(1, 'bootstrap'))).toEqual(few)
  })
})

// Exact chances in Pig: the published figures, and games that are played.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holdAt, keepPace, type PigPolicy, pigWinRate, solvePig } from '../../src/analysis/pig-chances.ts'
import { createRandom, type Random } from '../../src/random.ts'

describe('the published figures', () => {
  const optimal = solvePig()

  it('0.5306: the first player, when both play best (Neller and Presser 2004)', () => {
    expect(optimal.chance({ own: 0, other: 0, turnTotal: 0 })).toBeCloseTo(0.5306, 4)
    expect(pigWinRate(optimal.holds, optimal.holds).first).toBeCloseTo(
      optimal.chance({ own: 0, other: 0, turnTotal: 0 }),
      12,
    )
  })

  it.each([
    ['hold at 25', holdAt(25), 0.479],
    ['keep pace and end race', keepPace, 0.495],
  ] as const)('%s against the optimal policy (Neller and Presser 2010)', (_, policy, expected) => {
    expect(pigWinRate(policy, optimal.holds).mean).toBeCloseTo(expected, 3)
  })

  it('25 is the best number to hold at against the optimal policy', () => {
    const means = [22, 23, 24, 25, 26, 27].map(points => pigWinRate(holdAt(points), optimal.holds).mean)
    expect(means.indexOf(Math.max(...means))).toBe(3)
  })

  it('the policy holds at 21 and more at the beginning, and races where the other one is about to win', () => {
    const least = (own: number, other: number) =>
      Array.from({ length: 100 - own }, (_, k) => k).find(turnTotal => optimal.holds({ own, other, turnTotal })) ?? null
    expect(least(0, 0)).toBe(21)
    expect(least(0, 99)).toBeNull()
  })
})

/** Plays games one after the other. */
function played(policies: readonly [PigPolicy, PigPolicy], goal: number, games: number, random: Random): number {
  let wins = 0
  for (let game = 0; game < games; game++) {
    const scores = [0, 0]
    for (let player = 0; scores[0]! < goal && scores[1]! < goal; player = 1 - player) {
      let turnTotal = 0
      for (;;) {
        const die = 1 + random.integer(6)
        if (die === 1) break
        turnTotal += die
        const position = { own: scores[player]!, other: scores[1 - player]!, turnTotal }
        const isWon = position.own + turnTotal >= goal
        if (!isWon && random.uniform() >= Number(policies[player]!(position))) continue
        scores[player]! += turnTotal
        break
      }
    }
    if (scores[0]! >= goal) wins++
  }
  return wins / games
}

describe('win rates', () => {
  const policy = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 7, maxLength: 7 })
  const of =
    (numbers: readonly number[]): PigPolicy =>
    ({ own, other, turnTotal }) =>
      numbers[(3 * own + 5 * other + turnTotal) % numbers.length]!

  it('are those of games that are played, also of policies that hold by chance', () => {
    fc.assert(
      fc.property(policy, policy, fc.integer({ min: 5, max: 25 }), fc.nat(), (one, other, goal, seed) => {
        const games = 4000
        const share = played([of(one), of(other)], goal, games, createRandom(seed, 'pig'))
        const { first } = pigWinRate(of(one), of(other), goal)
        expect(Math.abs(share - first)).toBeLessThan(5 * Math.sqrt((first * (1 - first)) / games) + 1e-3)
      }),
      { numRuns: 20, seed: 5 },
    )
  })

  it('add up to 1 over both sides, and nobody beats the optimal policy', () => {
    fc.assert(
      fc.property(policy, policy, fc.integer({ min: 5, max: 20 }), (one, other, goal) => {
        const [mine, theirs] = [pigWinRate(of(one), of(other), goal), pigWinRate(of(other), of(one), goal)]
        expect(mine.first + theirs.second).toBeCloseTo(1, 12)
        expect(mine.second + theirs.first).toBeCloseTo(1, 12)
        expect(pigWinRate(of(one), solvePig(goal).holds, goal).mean).toBeLessThanOrEqual(0.5 + 1e-12)
      }),
      { numRuns: 30 },
    )
  })

  it('want probabilities', () => {
    expect(() => pigWinRate(() => 2, holdAt(20))).toThrow(/expected the probability to hold at .* in 0 ... 1, got 2/)
  })
})

// Rollouts and their replay: how often a round learns again, from what, and what it does without.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { poisson } from '../../src/learning/replayed-rollouts.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { acer } from '../../src/policy-gradient/acer.ts'
import { createRandom } from '../../src/random.ts'
import { playRounds } from '../support/paying-games.ts'
import { tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

it.each([0.5, 4])('numbers of replays have the mean and the variance of their law, %d', mean => {
  const random = createRandom(1)
  const count = 20_000
  const numbers = Array.from({ length: count }, () => poisson(random, mean))
  const found = numbers.reduce((sum, n) => sum + n, 0) / count
  const variance = numbers.reduce((sum, n) => sum + (n - found) ** 2, 0) / count
  const deviation = Math.sqrt(mean / count)
  expect(Math.abs(found - mean)).toBeLessThan(4 * deviation)
  expect(Math.abs(variance - mean)).toBeLessThan(0.06 * mean + 4 * deviation)
})

describe('a round', () => {
  const settings = { rolloutSteps: 5, gamma: 0.9, replaySteps: 60, replayRatio: 3 }
  const updates = (own: object, rounds: number) => {
    const team = tinyTeam(backend, acer, { ...settings, ...own }, {}, { games: 2, shareParameters: true })
    return Array.from({ length: rounds }, () => playRounds(team, 1).length)
  }

  it('learns from what was just played, and again when enough is kept', () => {
    // A round is 10 environment steps.
    const each = updates({ replayAfter: 30 }, 40)
    expect(each.slice(0, 2)).toEqual([1, 1])
    const mean = each.slice(2).reduce((sum, n) => sum + n, 0) / 38
    expect(Math.abs(mean - 4)).toBeLessThan(1)
    expect(new Set(each).size).toBeGreaterThan(3)
  })

  it('without replays is one update', () => {
    expect(updates({ replayRatio: 0, replayAfter: 0 }, 4)).toEqual([1, 1, 1, 1])
  })

  it('keeps the latest steps alone, and saves no more', () => {
    const sizes = [30, 60, 61].map(replaySteps => {
      const team = tinyTeam(backend, acer, { ...settings, replaySteps, replayAfter: 0 }, {}, { games: 2, shareParameters: true }) // biome-ignore format: one line
      playRounds(team, 9)
      const { segments } = team.learner.save() as unknown as { segments: { lengths: Int32Array } }
      return segments.lengths.length
    })
    expect(sizes).toEqual([3, 6, 6])
  })
})

// What decomposed values can and cannot represent, on games whose payoffs are written down.
import { describe, expect, it } from 'vitest'
import type { Training } from '../../src/experiment/trainer.ts'
import { common_payoff } from '../../src/games/common-payoff.ts'
import type { Algorithm } from '../../src/learning/algorithm.ts'
import { iql } from '../../src/value-decomposition/iql.ts'
import { qmix } from '../../src/value-decomposition/qmix.ts'
import { vdn } from '../../src/value-decomposition/vdn.ts'
import { best, learnt } from '../support/learnt.ts'
import { spaces } from '../support/tiny-roster.ts'
import type { TinyTrainingOptions } from '../support/tiny-training.ts'

/** Claus and Boutilier 1998. */
const climbing = [
  [11, -30, 0],
  [-30, 7, 6],
  [0, 0, 5],
] as const

/** Payoffs without interaction: 3 and -1 and 1 of the rows, 0 and 2 and 5 of the columns. */
const additive = [3, -1, 1].map(row => [0, 2, 5].map(column => row + column))

type Payoffs = readonly (readonly number[])[]

/** Played uniformly for so many rounds, so that every joint action counts alike. */
function trained(
  algorithm: Algorithm,
  payoffs: Payoffs,
  rounds = 500,
  more: TinyTrainingOptions = {},
): Promise<Training> {
  const reward = ({ actions }: { actions: readonly (readonly number[])[] }) =>
    payoffs[actions[0]!.indexOf(1)]![actions[1]!.indexOf(1)]!
  return learnt(rounds, {
    algorithm,
    algorithmOptions: { targetEvery: 20, clip: 10, ...(algorithm === qmix ? { mixerUnits: 8, hyperUnits: 16 } : {}) },
    explorationRate: 1,
    batch: 128,
    game: { length: 1, ending: 'terminated', space: spaces.hard, reward, see: () => [1] },
    ...more,
  })
}

/** Q_i of each alternative, agent by agent. */
const valuesOf = ({ roster }: Training, seen: readonly number[] = [1]) =>
  roster.map(({ actor }) => {
    const row = { rows: 1, columns: seen.length, data: Float32Array.from(seen) }
    return [...actor.distribution(row).data]
  })
const chosen = (training: Training, seen: readonly number[] = [1]) =>
  [0, 1].map(agent => best(training, agent, seen).indexOf(1)) as [number, number]

/** The sum of a row's and a column's part that is nearest to the payoffs: its mean and that of its column, less that of all. */
function nearestSum(payoffs: Payoffs): number[][] {
  const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length
  const all = mean(payoffs.flat())
  return payoffs.map(row => row.map((_, c) => mean(row) + mean(payoffs.map(other => other[c]!)) - all))
}

describe('vdn', () => {
  it.each([
    ['payoffs that are a sum over agents', additive, 0.3],
    // Some of the 9 joint actions stand in the replay buffer a tenth more often than others, 15 off the sum each.
    ['the climbing game, whose payoffs are none', climbing, 2.5],
  ] as const)('learns the sum that is nearest to %s', async (_, payoffs, most) => {
    const training = await trained(vdn, payoffs, 1000, { batch: 256, learner: { learningRate: 0.002 } })
    const [rows, columns] = valuesOf(training) as [number[], number[]]
    nearestSum(payoffs).forEach((line, r) => {
      line.forEach((sum, c) => void expect(Math.abs(rows[r]! + columns[c]! - sum)).toBeLessThan(most))
    })
  })

  it('misses the best of the climbing game', async () => {
    const [row, column] = chosen(await trained(vdn, climbing))
    expect([row, column]).toEqual([2, 2])
  })
})

describe('qmix', () => {
  it('learns payoffs that grow with the choice of each, where no sum fits them', async () => {
    // 8 where both choose the last, next to nothing elsewhere.
    const payoffs = [
      [0, 0, 1],
      [0, 0, 1],
      [1, 1, 8],
    ]
    const training = await trained(qmix, payoffs, 700)
    expect(chosen(training)).toEqual([2, 2])
    expect(training.rounds.takeFigures()['criticLoss/agent']!).toBeLessThan(0.5)
  })

  it('misses the best of the climbing game, which is no such payoff', async () => {
    const training = await trained(qmix, climbing, 500)
    const [row, column] = chosen(training)
    expect(climbing[row]![column]).toBeLessThan(11)
    // A monotone value of the best joint action that is 11 would have to be so for neighbours that pay -30.
    expect(training.rounds.takeFigures()['criticLoss/agent']!).toBeGreaterThan(20)
  })
})

describe('the two-step game', () => {
  const settings: TinyTrainingOptions = {
    create: () => common_payoff.create({ game: 'two_step' }),
    learner: { gamma: 0.99, learningRate: 0.01 },
  }

  it('is solved by qmix', async () => {
    const training = await trained(qmix, [], 1200, settings)
    expect(best(training, 0, [1, 0, 0])).toEqual([0, 1])
    expect([0, 1].map(agent => best(training, agent, [0, 0, 1]))).toEqual([
      [0, 1],
      [0, 1],
    ])
  })

  it('is not by vdn, for which the second table is worth 6.5, less than the 7 of the first', async () => {
    const training = await trained(vdn, [], 1200, settings)
    expect(best(training, 0, [1, 0, 0])).toEqual([1, 0])
    const [first, second] = valuesOf(training, [0, 0, 1]) as [number[], number[]]
    expect(Math.abs(first[1]! + second[1]! - 6.5)).toBeLessThan(0.5)
  })

  it('is worth to an independent learner what the other one does on average', async () => {
    const training = await trained(iql, [], 1500, { ...settings, learner: { gamma: 0.99, learningRate: 0.002 } })
    for (const values of valuesOf(training, [0, 0, 1])) {
      expect(Math.abs(values[0]! - 0.5)).toBeLessThan(0.4)
      expect(Math.abs(values[1]! - 4.5)).toBeLessThan(0.4)
    }
  })
})

// Matches: every pairing is played by the right policies in the same worlds, and won where one does better than the other.
import { describe, expect, it } from 'vitest'
import type { Policy } from '../../src/agents/policy.ts'
import { correlationOf, type Match, playMatches, scoresOf } from '../../src/crossplay/matches.ts'
import { seatsOf } from '../../src/crossplay/seats.ts'
import { createTinyGame } from '../support/tiny-game.ts'

/** Always the same choice of three. */
const always = (choice: number): Policy => ({
  act({ actions }) {
    for (let row = 0; row < actions.rows; row++) {
      for (let c = 0; c < 3; c++) actions.data[row * 3 + c] = c === choice ? 1 : 0
    }
  },
  save: () => null,
  restore() {},
})

const match = (runs: [number, number], first: number[], second: number[]): Match => ({
  runs,
  returns: [Float64Array.from(first), Float64Array.from(second)],
  means: [],
  measured: { metrics: {}, finalMetrics: {} },
})

describe('matches', () => {
  // The reward is what the agent chose, and ten times what the other one did.
  const createGame = () =>
    createTinyGame({
      length: 1,
      reward: ({ agent, actions }) => actions[agent]!.indexOf(1) + 10 * actions[1 - agent]!.indexOf(1),
    })
  const seats = seatsOf(createGame().agents)
  const played = playMatches({
    createGame,
    seats,
    runs: [0, 2].map(choice => () => [always(choice), always(choice)]),
    episodes: 50,
    mode: 'greedy',
    seed: 1,
  })

  it('put each run on its seat', () => {
    expect(played.map(({ runs, means }) => [runs, means.map(({ mean }) => mean)])).toEqual([
      [
        [0, 0],
        [0, 0],
      ],
      [
        [0, 1],
        [20, 2],
      ],
      [
        [1, 0],
        [2, 20],
      ],
      [
        [1, 1],
        [22, 22],
      ],
    ])
    expect(played.every(({ returns }) => returns.every(values => values.length === 50))).toBe(true)
  })

  it('play all pairings in the same worlds', () => {
    const secrets = playMatches({
      createGame: () => createTinyGame({ length: 1, reward: ({ secrets, agent }) => secrets[agent]! }),
      seats,
      runs: [0, 2].map(choice => () => [always(choice), always(choice)]),
      episodes: 50,
      mode: 'greedy',
      seed: 1,
    })
    for (const { returns } of secrets) expect(returns).toEqual(secrets[0]!.returns)
    expect(new Set(secrets[0]!.returns[0]).size).toBe(50)
  })

  it('ask no run that does not play', () => {
    const asked: number[] = []
    playMatches({
      createGame,
      seats,
      runs: [0, 1].map(run => () => {
        asked.push(run)
        return [always(run), always(run)]
      }),
      episodes: 50,
      mode: 'greedy',
      seed: 1,
    })
    expect(asked).toEqual([0, 0, 1, 0, 1, 1])
  })
})

describe('scores', () => {
  it('compare the ranks of both seats, each among its own returns', () => {
    // Ranks of 1, 2, 2, 3 and of 10, 20, 30, 40, as below minus above: -3, 0, 0, 3 and -3, -1, 1, 3.
    const scores = scoresOf([match([0, 0], [3, 2, 2], [20, 10, 30]), match([0, 1], [1], [40])])
    expect(scores).toEqual([
      { runs: [0, 0], wins: 2, draws: 0, losses: 1 },
      { runs: [0, 1], wins: 0, draws: 0, losses: 1 },
    ])
    expect(scoresOf([match([0, 0], [1, 2], [10, 20])])).toEqual([{ runs: [0, 0], wins: 0, draws: 2, losses: 0 }])
  })

  it('are wins above the median where one takes what the other loses', () => {
    const taken = [5, -1, 2, 0, 4, 2, 2]
    const given = taken.map(value => -value)
    expect(scoresOf([match([0, 0], taken, given)])).toEqual([{ runs: [0, 0], wins: 2, draws: 3, losses: 2 }])
  })

  it('do not care for the scale of a reward', () => {
    const [first, second] = [
      [5, -1, 2, 0, 4],
      [1, 2, 3, 4, -5],
    ]
    const moved = first!.map(value => 100 * value - 7)
    expect(scoresOf([match([0, 0], moved, second!)])).toEqual(scoresOf([match([0, 0], first!, second!)]))
  })
})

describe('correlation', () => {
  it('is 1 where both want the same, -1 where one takes from the other, null where nothing changes', () => {
    expect(correlationOf([match([0, 0], [1, 2, 3], [10, 20, 30])])).toBeCloseTo(1)
    expect(correlationOf([match([0, 0], [1, 2, 3], [-1, -2, -3])])).toBeCloseTo(-1)
    expect(correlationOf([match([0, 0], [1, 2, 3], [4, 4, 4])])).toBeNull()
  })
})

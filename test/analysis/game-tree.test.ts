// Games in turns, solved and played out in full.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exactResult, type TurnPolicy } from '../../src/analysis/exact-result.ts'
import { createGameTree } from '../../src/analysis/game-tree.ts'
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import { otherGames } from '../../src/games/index.ts'
import { createRandom } from '../../src/random.ts'
import { nim } from '../support/nim.ts'
import { isOver, maskOf, playTurn } from '../support/one-choice.ts'

const ticTacToe = () => otherGames.tic_tac_toe!.create()
const even: TurnPolicy = ({ allowed, agent, game }) =>
  maskOf(game, agent).map((_, i) => (allowed.includes(i) ? 1 / allowed.length : 0))

describe('the whole tree', () => {
  it('of tic-tac-toe has 5,478 positions and is a draw', () => {
    const tree = createGameTree(ticTacToe())
    expect([tree.positions, tree.at()]).toEqual([
      5478,
      { value: 0, moves: 9, agent: 0, best: [0, 1, 2, 3, 4, 5, 6, 7, 8] },
    ])
  })

  it('knows every position that the game can save', () => {
    const game = ticTacToe()
    const tree = createGameTree(ticTacToe())
    game.reset(createRandom(1, 'test'))
    for (const cell of [0, 1, 6]) playTurn(game, cell)
    // A fork: player_0 will have two ways to win, and player_1 can only delay it.
    expect(tree.at(game.save())).toMatchObject({ value: 1, moves: 4, agent: 1 })
    expect(tree.at(game.save()).best[0]).toBe(3)
  })

  it('of Nim is won by whoever is left with a multiple of the most that may be taken and one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 4 }), (heap, most) => {
        const { value, best } = createGameTree(nim(heap, most)).at()
        expect(value).toBe(heap % (most + 1) === 0 ? -1 : 1)
        if (value === 1) expect(best).toEqual([(heap % (most + 1)) - 1])
      }),
    )
  })

  it.each([
    ['more than two agents', () => otherGames.foraging!.create({ agents: 3 }), 'expected two agents, got 3'],
    [
      'agents that move at once',
      () => otherGames.matrix_game!.create({}),
      'one agent is present at a time, got agent_0, agent_1',
    ],
    ['chance', () => otherGames.pig!.create({}), 'expected a game without chance, it drew a random number'],
  ] as const)('is refused of games with %s', (_, create, message) => {
    expect(() => createGameTree(create())).toThrow(message)
  })

  it('is refused where what one gets the other does not lose', () => {
    const game = nim(3, 2)
    const { step } = game
    game.step = (...of) => {
      step.apply(game, of)
      if (isOver(game)) game.rewards.fill(1)
    }
    expect(() => createGameTree(game)).toThrow('expected rewards that add up to 0, got 1 and 1')
  })
})

describe('exact results', () => {
  it('of two who move by chance in tic-tac-toe are the known ones', () => {
    const { returns, wins, draws } = exactResult(ticTacToe(), [even, even])
    // 131,184, 77,904 and 46,080 of 255,168 lines, weighted by how probable they are.
    expect(wins[0]).toBeCloseTo(737 / 1260, 12)
    expect(wins[1]).toBeCloseTo(121 / 420, 12)
    expect(draws).toBeCloseTo(8 / 63, 12)
    expect(returns[0]).toBeCloseTo(wins[0] - wins[1], 12)
  })

  it('are those of games that are played', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 5, maxLength: 5 })
    const policyOf =
      (numbers: readonly number[]): TurnPolicy =>
      ({ allowed, observation }) => {
        const given = [0, 1, 2].map(i => (allowed.includes(i) ? numbers[(i + observation[0]!) % 5]! : 0))
        const sum = given.reduce((a, b) => a + b)
        return given.map(weight => weight / sum)
      }
    fc.assert(
      fc.property(weights, weights, fc.integer({ min: 3, max: 9 }), fc.nat(), (one, other, heap, seed) => {
        const policies = [policyOf(one), policyOf(other)] as const
        const { wins } = exactResult(nim(heap, 3), policies)
        const games = 2000
        const share = playedWins(nim(heap, 3), policies, games, seed) / games
        expect(Math.abs(share - wins[0])).toBeLessThan(5 * Math.sqrt((wins[0] * (1 - wins[0])) / games) + 1e-3)
      }),
      { numRuns: 15, seed: 3 },
    )
  })

  it('want probabilities of what is allowed', () => {
    const first: TurnPolicy = () => [1, 0, 0, 0, 0, 0, 0, 0, 0]
    expect(() => exactResult(ticTacToe(), [first, first])).toThrow(
      /player_1: expected probabilities of the alternatives 1, 2.* that add up to 1, got \[1, 0/,
    )
  })
})

function playedWins(game: MarkovGame, policies: readonly [TurnPolicy, TurnPolicy], games: number, seed: number) {
  const random = createRandom(seed, 'played')
  let wins = 0
  for (let i = 0; i < games; i++) {
    game.reset(random)
    while (!isOver(game)) {
      const agent = game.present[0] === 1 ? 0 : 1
      const allowed = maskOf(game, agent).flatMap((is, at) => (is === 1 ? [at] : []))
      const row = new Float64Array(1)
      game.observe(agent, row)
      const chances = policies[agent]!({ agent, allowed, observation: Float32Array.from(row), game })
      let left = random.uniform()
      const drawn = allowed.find(alternative => (left -= chances[alternative]!) < 0) ?? allowed.at(-1)!
      playTurn(game, drawn)
    }
    if (game.rewards[0] === 1) wins++
  }
  return wins
}

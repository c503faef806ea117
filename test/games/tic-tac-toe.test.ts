// Tic-tac-toe: its rules, what the players see, and the perfect player.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exactResult, type TurnPolicy } from '../../src/analysis/exact-result.ts'
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import { tic_tac_toe } from '../../src/games/tic-tac-toe.ts'
import { createRandom } from '../../src/random.ts'
import { isOver, maskOf, playTurn, scriptedChoice, seen } from '../support/one-choice.ts'

function begun(options: Readonly<Record<string, unknown>> = {}, seed = 1): MarkovGame {
  const game = tic_tac_toe.create(options)
  game.reset(createRandom(seed, 'test'))
  return game
}

function played(...cells: readonly number[]): MarkovGame {
  const game = begun()
  for (const cell of cells) playTurn(game, cell)
  return game
}

describe('the rules', () => {
  it.each([
    ['a row', [0, 3, 1, 4, 2], 0],
    ['a column', [0, 1, 3, 2, 6], 0],
    ['a diagonal', [0, 1, 4, 2, 8], 0],
    ['the other diagonal, by who moves second', [0, 2, 1, 4, 8, 6], 1],
    ['the last free cell', [0, 1, 2, 4, 3, 6, 5, 8, 7], null],
    ['a row with the last free cell', [0, 1, 2, 3, 4, 6, 5, 7, 8], 0],
  ])('%s ends the game', (_, cells, winner) => {
    const game = played(...cells.slice(0, -1))
    expect([[...game.rewards], [...game.terminated], isOver(game)]).toEqual([[0, 0], [0, 0], false])
    playTurn(game, cells.at(-1)!)
    expect([...game.rewards]).toEqual(winner === null ? [0, 0] : winner === 0 ? [1, -1] : [-1, 1])
    expect([[...game.terminated], game.truncated, isOver(game)]).toEqual([[1, 1], false, true])
  })

  it('players are present in turns, and may mark free cells alone', () => {
    const game = begun()
    expect([[...game.present], maskOf(game, 0)]).toEqual([[1, 0], new Array(9).fill(1)])
    playTurn(game, 4)
    expect([[...game.present], maskOf(game, 1)]).toEqual([
      [0, 1],
      [1, 1, 1, 1, 0, 1, 1, 1, 1],
    ])
    expect(() => playTurn(game, 4)).toThrow(
      new RangeError('tic_tac_toe: player_1 must mark a free cell, got middle centre, which is taken'),
    )
  })

  it('begins as the option says', () => {
    const beginner = (begins: string, seed: number) => [...begun({ begins }, seed).present].indexOf(1)
    const seeds = Array.from({ length: 40 }, (_, seed) => seed)
    expect(new Set(seeds.map(seed => beginner('player_0', seed)))).toEqual(new Set([0]))
    expect(new Set(seeds.map(seed => beginner('player_1', seed)))).toEqual(new Set([1]))
    const first = seeds.filter(seed => beginner('random', seed) === 0).length
    expect(first).toBeGreaterThan(10)
    expect(first).toBeLessThan(30)
  })
})

it('each player sees its own marks and those of the other one', () => {
  const game = played(0, 4, 8)
  const marks = (...cells: number[]) => Array.from({ length: 9 }, (_, cell) => (cells.includes(cell) ? 1 : 0))
  expect(seen(game, 0)).toEqual([...marks(0, 8), ...marks(4)])
  expect(seen(game, 1)).toEqual([...marks(4), ...marks(0, 8)])
})

it('the state of the world is the board and who is to move', () => {
  const game = played(0, 4, 8)
  const row = new Float64Array(20)
  game.state!(row)
  expect([...row]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1])
})

it('is drawn: players, nine cells, and the marks that are there', () => {
  const game = played(0, 4)
  const { schema, write } = game.frames!
  const row = new Float32Array(schema.size)
  write(row)
  const there = schema.entities.flatMap(({ id }, i) => (Number.isNaN(row[2 * i]!) ? [] : [id]))
  expect(there.filter(id => !id.startsWith('cell_'))).toEqual([
    'player_0',
    'player_1',
    'player_0_0',
    'player_1_4',
    'to_move',
  ])
  expect(there).toHaveLength(14)
})

describe('the script', () => {
  it('takes a win at once, stops one, and puts a loss off', () => {
    expect(scriptedChoice(played(0, 3, 1, 4), 0)).toBe(2)
    expect(scriptedChoice(played(0, 3, 1), 1)).toBe(2)
    // Corners against a corner and an edge: the fork is lost, but not in one move.
    expect(scriptedChoice(played(0, 1, 6), 1)).toBe(3)
  })

  const script: TurnPolicy = ({ agent, game }) =>
    Array.from({ length: 9 }, (_, cell) => (cell === scriptedChoice(game, agent) ? 1 : 0))
  const chance: TurnPolicy = ({ allowed }) =>
    Array.from({ length: 9 }, (_, cell) => (allowed.includes(cell) ? 1 / allowed.length : 0))

  it.each(['player_0', 'player_1'])('never loses, and draws against itself: %s begins', begins => {
    const game = tic_tac_toe.create({ begins })
    expect(exactResult(game, [script, chance]).wins[1]).toBe(0)
    expect(exactResult(game, [chance, script]).wins[0]).toBe(0)
    expect(exactResult(game, [script, script]).draws).toBe(1)
  })
})

it('goes on from what was saved', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 0, max: 8 }), (seed, before) => {
      const [one, other] = [begun({ begins: 'random' }, seed), begun()]
      const random = createRandom(seed, 'moves')
      const move = (game: MarkovGame, cell: number) => {
        playTurn(game, cell)
        return [[...game.rewards], [...game.present], [...game.terminated], seen(game, 0), seen(game, 1)]
      }
      const free = () => maskOf(one, one.present[0] === 1 ? 0 : 1).flatMap((is, cell) => (is === 1 ? [cell] : []))
      for (let i = 0; !isOver(one); i++) {
        if (i === before) other.restore(structuredClone(one.save()))
        const cell = free()[random.integer(free().length)]!
        const [a, b] = [move(one, cell), i < before ? null : move(other, cell)]
        if (b !== null) expect(b).toEqual(a)
      }
    }),
    { numRuns: 50 },
  )
})

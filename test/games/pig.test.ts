// Pig: its rules, what the players see, and its three scripted players.
import { describe, expect, it } from 'vitest'
import { pig } from '../../src/games/pig.ts'
import { createRandom, type Random } from '../../src/random.ts'
import type { Saved } from '../../src/types.ts'
import { isOver, maskOf, playTurn, scriptedChoice, seen } from '../support/one-choice.ts'

const [roll, hold] = [0, 1]

/** A game whose die falls as it is told. */
function thrown(falls: readonly number[], options: Readonly<Record<string, unknown>> = {}) {
  const game = pig.create(options)
  const left = [...falls]
  const random: Random = { ...createRandom(1, 'test'), integer: () => left.shift()! - 1 }
  game.reset(random)
  return game
}

function placed(scores: readonly [number, number], turnTotal: number, options: Readonly<Record<string, unknown>> = {}) {
  const game = thrown([], options)
  game.restore({ ...(game.save() as Record<string, Saved>), scores: Int32Array.from(scores), turnTotal })
  return game
}

describe('the rules', () => {
  it('a turn brings its points when the player holds, nothing when it rolls a 1', () => {
    const game = thrown([4, 6, 5, 1, 2], { goal: 50 })
    playTurn(game, roll)
    playTurn(game, roll)
    expect([[...game.present], seen(game, 0), seen(game, 1)]).toEqual([
      [1, 0],
      [0, 0, 0.2],
      [0, 0, 0.2],
    ])
    playTurn(game, hold)
    expect([[...game.present], seen(game, 0), seen(game, 1)]).toEqual([
      [0, 1],
      [0.2, 0, 0],
      [0, 0.2, 0],
    ])
    playTurn(game, roll)
    playTurn(game, roll)
    expect([[...game.present], seen(game, 1)]).toEqual([
      [1, 0],
      [0, 0.2, 0],
    ])
    expect([[...game.rewards], isOver(game)]).toEqual([[0, 0], false])
  })

  it('points that are held count once', () => {
    const game = thrown([6, 5], { goal: 12 })
    playTurn(game, roll)
    playTurn(game, hold)
    expect([[...game.rewards], [...game.terminated], seen(game, 1)[1]]).toEqual([[0, 0], [0, 0], 0.5])
  })

  it('whoever has reached the goal wins at once', () => {
    const game = thrown([6, 5, 6], { goal: 10 })
    playTurn(game, roll)
    expect([...game.rewards]).toEqual([0, 0])
    playTurn(game, roll)
    // player_1 was never asked: nothing can count for it.
    expect([[...game.rewards], [...game.terminated], game.truncated]).toEqual([[1, 0], [1, 1], false])
    const other = thrown([1, 6, 6], { goal: 10 })
    for (let i = 0; i < 3; i++) playTurn(other, roll)
    expect([...other.rewards]).toEqual([-1, 1])
  })

  it('a turn begins with a roll', () => {
    const game = thrown([3])
    expect(maskOf(game, 0)).toEqual([1, 0])
    expect(() => playTurn(game, hold)).toThrow(
      new RangeError('pig: player_0 must roll at the beginning of its turn, got hold'),
    )
    playTurn(game, roll)
    expect(maskOf(game, 0)).toEqual([1, 1])
  })

  it('a time limit cuts an episode, unless its last roll wins', () => {
    const cut = thrown([2, 3], { maxCycles: 2, goal: 10 })
    playTurn(cut, roll)
    expect(cut.truncated).toBe(false)
    playTurn(cut, roll)
    expect([cut.truncated, [...cut.terminated]]).toEqual([true, [0, 0]])
    const won = thrown([5, 5], { maxCycles: 2, goal: 10 })
    playTurn(won, roll)
    playTurn(won, roll)
    expect([won.truncated, [...won.terminated]]).toEqual([false, [1, 1]])
  })
})

describe('the scripts', () => {
  it.each([
    ['optimal', [0, 0], 20, roll],
    ['optimal', [0, 0], 21, hold],
    ['optimal', [70, 90], 29, roll],
    ['hold25', [0, 90], 24, roll],
    ['hold25', [0, 90], 25, hold],
    ['keepPace', [0, 0], 20, roll],
    ['keepPace', [0, 0], 21, hold],
    ['keepPace', [0, 40], 25, roll],
    ['keepPace', [0, 40], 26, hold],
    ['keepPace', [40, 0], 16, hold],
    ['keepPace', [71, 0], 28, roll],
    ['keepPace', [0, 71], 99, roll],
  ] as const)('%s with scores %j and a turn total of %i', (script, scores, turnTotal, action) => {
    expect(scriptedChoice(placed(scores, turnTotal, { script }), 0)).toBe(action)
  })

  it.each(['optimal', 'hold25', 'keepPace'])('%s rolls at the beginning of a turn', script => {
    expect(scriptedChoice(placed([99, 99], 0, { script }), 0)).toBe(roll)
  })
})

it('the state of the world is both scores, the turn total and who is to move', () => {
  const row = new Float64Array(5)
  placed([40, 20], 10).state!(row)
  expect([...row]).toEqual([0.4, 0.2, 0.1, 1, 0])
})

it('is drawn: both scores, the points of the turn and the die', () => {
  const game = thrown([4, 6])
  playTurn(game, roll)
  playTurn(game, roll)
  const { schema, write } = game.frames!
  const row = new Float32Array(schema.size)
  write(row)
  const levels = schema.entities.map(({ id }, i) => [id, row[2 * schema.entities.length + i]])
  expect(Object.fromEntries(levels)).toMatchObject({ player_0: 0, player_1: 0, turn_total: 10, die: 6 })
})

it('goes on from what was saved, with the same die', () => {
  const play = (game: ReturnType<typeof thrown>, steps: number) =>
    Array.from({ length: steps }, () => {
      const agent = game.present[0] === 1 ? 0 : 1
      playTurn(game, scriptedChoice(game, agent))
      return [...seen(game, 0), ...seen(game, 1), ...game.rewards, ...game.present]
    })
  const one = pig.create({ script: 'hold25' })
  one.reset(createRandom(3, 'test'))
  play(one, 20)
  const saved = structuredClone(one.save())
  const other = pig.create({ script: 'hold25' })
  other.reset(createRandom(4, 'test'))
  other.restore(saved)
  expect(play(other, 40)).toEqual(play(one, 40))
})

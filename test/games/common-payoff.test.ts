// The common-payoff games: what they pay, what is best in them, and that their controllers do it.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import { common_payoff, commonPayoffGame } from '../../src/games/common-payoff.ts'
import { createRandom } from '../../src/random.ts'

const ids = ['climbing', 'penalty', 'two_step'] as const

function begin(options: Record<string, unknown>): MarkovGame {
  const game = common_payoff.create(options)
  game.reset(createRandom(1, 'test'))
  return game
}

const rowsOf = (game: MarkovGame) =>
  game.agents.map(({ actionSpace }) => ({
    rows: 1,
    columns: actionSpace[0]!.size,
    data: new Float32Array(actionSpace[0]!.size),
  }))

function step(game: MarkovGame, ...choices: readonly number[]): number {
  const rows = rowsOf(game)
  rows.forEach(({ data }, agent) => void (data[choices[agent]!] = 1))
  game.step(rows, 0)
  expect(game.rewards[1]).toBe(game.rewards[0])
  return game.rewards[0]!
}

const seen = (game: MarkovGame) => {
  const row = new Float64Array(game.agents[0]!.observationSize)
  game.observe(0, row)
  return [...row]
}

/** The return of every way to play on from here, the largest of them. */
function most(game: MarkovGame): number {
  const size = game.agents[0]!.actionSpace[0]!.size
  const before = structuredClone(game.save())
  let best = Number.NEGATIVE_INFINITY
  for (let first = 0; first < size; first++) {
    for (let second = 0; second < size; second++) {
      game.restore(structuredClone(before))
      const paid = step(game, first, second)
      best = Math.max(best, paid + (game.terminated[0] === 1 ? 0 : most(game)))
    }
  }
  game.restore(structuredClone(before))
  return best
}

describe('pays by its tables', () => {
  it.each([
    ['climbing', [[11, -30, 0], [-30, 7, 6], [0, 0, 5]]],
    ['penalty', [[10, 0, -30], [0, 2, 0], [-30, 0, 10]]],
  ] as const)('%s', (game, table) => {
    table.forEach((line, first) => {
      line.forEach((paid, second) => {
        const played = begin({ game })
        expect(step(played, first, second)).toBe(paid)
        expect([...played.terminated]).toEqual([1, 1])
        expect(seen(played)).toEqual([0])
      })
    })
  }) // biome-ignore format: tables

  it.each([
    [0, [[7, 7], [7, 7]]],
    [1, [[0, 1], [1, 8]]],
  ] as const)('two_step, after agent_0 chose %i, whatever agent_1 did', (chosen, table) => {
    table.forEach((line, first) => {
      line.forEach((paid, second) => {
        const played = begin({ game: 'two_step' })
        expect(seen(played)).toEqual([1, 0, 0])
        expect(step(played, chosen, second)).toBe(0)
        expect([...played.terminated]).toEqual([0, 0])
        expect(seen(played)).toEqual([0, Number(chosen === 0), Number(chosen === 1)])
        expect(step(played, first, second)).toBe(paid)
        expect([...played.terminated]).toEqual([1, 1])
      })
    })
  }) // biome-ignore format: tables
})

it('says the best return: 11, 10 and 8, whatever the penalty', () => {
  expect(ids.map(game => commonPayoffGame({ game, penalty: -30 }).optimum)).toEqual([11, 10, 8])
  fc.assert(
    fc.property(fc.constantFrom(...ids), fc.double({ min: -1e3, max: 0, noNaN: true }), (game, penalty) => {
      expect(most(begin({ game, penalty }))).toBe(commonPayoffGame({ game, penalty }).optimum)
    }),
    { numRuns: 30 },
  )
})

it.each(ids)('ships controllers that play %s best', id => {
  const game = begin({ game: id })
  let sum = 0
  while (game.terminated[0] === 0) {
    const rows = rowsOf(game)
    for (const agent of [0, 1]) game.script!(agent, rows[agent]!, 0)
    game.step(rows, 0)
    sum += game.rewards[0]!
  }
  expect(sum).toBe(commonPayoffGame({ game: id, penalty: -30 }).optimum)
  expect(game.measure!()).toEqual({ optimal: 1 })
})

it('is a game of one team, with a state that both see', () => {
  const game = begin({ game: 'two_step' })
  expect(game.agents.map(({ team }) => team)).toEqual(['agent', 'agent'])
  step(game, 1, 0)
  const row = new Float64Array(3)
  game.state!(row)
  expect([...row]).toEqual(seen(game))
})

it('draws the tables, and what was chosen last', () => {
  const game = begin({ game: 'two_step' })
  const { schema, write } = game.frames!
  const labels = schema.entities.map(({ label }) => label)
  expect(labels.slice(2, -1)).toEqual(['0', '0', '0', '0', '7', '7', '7', '7', '0', '1', '1', '8'])
  const row = new Float32Array(schema.size)
  write(row)
  expect(row.at(-1)).toBeNaN()
  step(game, 1, 1)
  step(game, 1, 0)
  write(row)
  const cell = schema.entities.findIndex(({ id }) => id === 'cell_2_1_0')
  expect([...row.subarray(-2)]).toEqual([...row.subarray(2 * cell, 2 * cell + 2)])
})

it('refuses a penalty that is none', () => {
  expect(() => begin({ game: 'penalty', penalty: 3 })).toThrow(/penalty/)
})

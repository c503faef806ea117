// The repeated matrix game: what is paid, what is seen, and what is refused.
import { expect, it } from 'vitest'
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import { matrix_game, payoffTables } from '../../src/games/matrix-game.ts'
import { createRandom } from '../../src/random.ts'
import { resolveConfig } from '../../src/run/config/config.ts'
import { games } from '../../src/run/run.ts'

function begin(options: Record<string, unknown> = {}): MarkovGame {
  const game = matrix_game.create(options)
  game.reset(createRandom(1, 'test'))
  return game
}

function step(game: MarkovGame, ...choices: number[]): number[] {
  const rows = game.agents.map(({ actionSpace }, agent) => {
    const data = new Float32Array(actionSpace[0]!.size)
    data[choices[agent]!] = 1
    return { rows: 1, columns: data.length, data }
  })
  game.step(rows, 0)
  return [...game.rewards]
}

const seen = (game: MarkovGame, agent: number) => {
  const row = new Float64Array(game.agents[agent]!.observationSize)
  game.observe(agent, row)
  return [...row]
}

it.each(Object.entries(payoffTables))('%s pays by its table', (name, table) => {
  const game = begin({ game: name })
  for (const first of [0, 1] as const) {
    for (const second of [0, 1] as const) expect(step(game, first, second)).toEqual(table[first][second])
  }
})

it('is what the textbook says', () => {
  const dilemma = payoffTables.prisoners_dilemma
  expect(dilemma[1][0][0]).toBeGreaterThan(dilemma[0][0][0]) // temptation > reward > punishment > sucker's payoff
  expect(dilemma[0][0][0]).toBeGreaterThan(dilemma[1][1][0])
  expect(dilemma[1][1][0]).toBeGreaterThan(dilemma[0][1][0])
  expect(payoffTables.matching_pennies.flat().every(([a, b]) => a + b === 0)).toBe(true)
})

it('shows what was chosen last, the own choice first', () => {
  const game = begin({ payoffs: [[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 10], [11, 12]]] }) // biome-ignore format: a table
  expect(game.agents.map(agent => agent.actionSpace[0]!.size)).toEqual([2, 3])
  expect(seen(game, 0)).toEqual([0, 0, 0, 0, 0])
  expect(step(game, 1, 2)).toEqual([11, 12])
  expect(game.measure!()).toEqual({ welfare: 11.5 })
  expect(seen(game, 0)).toEqual([0, 1, 0, 0, 1])
  expect(seen(game, 1)).toEqual([0, 0, 1, 0, 1])
})

it('is truncated after its cycles', () => {
  const game = begin({ maxCycles: 2 })
  step(game, 0, 0)
  expect(game.truncated).toBe(false)
  step(game, 0, 0)
  expect(game.truncated).toBe(true)
})

it('ships a controller that answers best to what the other one did last', () => {
  const game = begin({ game: 'matching_pennies' })
  const row = { rows: 1, columns: 2, data: new Float32Array(2) }
  step(game, 0, 1)
  game.script!(0, row, 0)
  expect([...row.data]).toEqual([0, 1])
  game.script!(1, row, 0)
  expect([...row.data]).toEqual([0, 1])
})

it.each([
  [[], 'got no cells'],
  [[[]], 'got no cells'],
  [[[[1, 2]], []], 'row 1 has not 1 cells'],
  [[[[1, 2], [1]]], 'row 0, column 1 must be a pair, got [1]'],
  [[[[1, 2, 3]]], 'row 0, column 0 must be a pair'],
  ['a table', 'expected numbers in lists of lists'],
])('refuses the table %j', (payoffs, sentence) => {
  expect(() => begin({ payoffs })).toThrow(sentence)
})

it('is left alone by what presets say about particle worlds', () => {
  const given = { scenario: { id: 'matrix_game' } }
  expect(resolveConfig(given, games.matrix_game).scenario).toEqual({ id: 'matrix_game' })
  expect(resolveConfig({ scenario: { id: 'simple_spread' } }, games.simple_spread).scenario.rules).toBe('openai')
  expect(() => begin({ rules: 'openai' })).toThrow("unknown option 'rules'")
})

// Level-based foraging by the rules of Christianos et al. (2020), case by case.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import { foraging } from '../../src/games/foraging.ts'
import { createRandom } from '../../src/random.ts'
import type { Saved } from '../../src/types.ts'

const [none, north, south, west, east, load] = [0, 1, 2, 3, 4, 5] as const

/** A game with everything at chosen places; [row, column, level] each. */
function placed(
  foragers: readonly (readonly [number, number, number])[],
  food: readonly (readonly [number, number, number])[],
  options: Record<string, unknown> = {},
): MarkovGame {
  const game = foraging.create({ agents: foragers.length, food: food.length, ...options })
  game.reset(createRandom(1, 'test'))
  const size = (options.size as number) ?? 8
  const levels = new Int32Array(size * size)
  for (const [row, column, level] of food) levels[row * size + column] = level
  game.restore({
    ...(game.save() as Record<string, Saved>),
    foragers,
    food: levels,
    places: Int32Array.from(food, ([row, column]) => row * size + column),
    spawned: food.reduce((sum, [, , level]) => sum + level, 0),
  })
  return game
}

function step(game: MarkovGame, ...actions: number[]): number[] {
  const rows = actions.map(action => {
    const data = new Float32Array(6)
    data[action] = 1
    return { rows: 1, columns: 6, data }
  })
  game.step(rows, 0)
  return [...game.rewards]
}

const places = (game: MarkovGame) =>
  (game.save() as unknown as { foragers: [number, number, number][] }).foragers.map(([row, column]) => [row, column])
const seen = (game: MarkovGame, agent: number) => {
  const row = new Float64Array(game.agents[agent]!.observationSize)
  game.observe(agent, row)
  return [...row]
}

describe('moving', () => {
  it.each([
    ['north', north, [3, 4]],
    ['south', south, [5, 4]],
    ['west', west, [4, 3]],
    ['east', east, [4, 5]],
    ['nowhere', none, [4, 4]],
    ['nowhere while loading', load, [4, 4]],
  ])('%s', (_, action, place) => {
    const game = placed([[4, 4, 1]], [[1, 1, 1]])
    step(game, action)
    expect(places(game)).toEqual([place])
  })

  it('stops at the edges and at food', () => {
    const game = placed([[0, 7, 1], [2, 1, 1]], [[1, 1, 1]]) // biome-ignore format: one row per thing
    step(game, north, north)
    expect(places(game)).toEqual([[0, 7], [2, 1]]) // biome-ignore format: one row per thing
    step(game, east, none)
    expect(places(game)[0]).toEqual([0, 7])
  })

  it('lets nobody into a cell that another one wants or stays in', () => {
    const game = placed([[4, 3, 1], [4, 5, 1], [6, 6, 1], [6, 7, 1]], [[1, 1, 1]]) // biome-ignore format: one row per thing
    step(game, east, west, east, none)
    expect(places(game)).toEqual([[4, 3], [4, 5], [6, 6], [6, 7]]) // biome-ignore format: one row per thing
  })

  it('lets two change places', () => {
    const game = placed([[4, 3, 1], [4, 4, 1]], [[1, 1, 1]]) // biome-ignore format: one row per thing
    step(game, east, west)
    expect(places(game)).toEqual([[4, 4], [4, 3]]) // biome-ignore format: one row per thing
  })
})

describe('loading', () => {
  it('shares the food by level; all food of an episode is worth 1', () => {
    const game = placed([[2, 3, 1], [4, 3, 2], [5, 5, 2]], [[3, 3, 3], [6, 5, 1]]) // biome-ignore format: one row per thing
    expect(step(game, load, load, none)).toEqual([1 / 4, 2 / 4, 0])
    expect([...game.terminated]).toEqual([0, 0, 0])
    expect(step(game, load, load, load)).toEqual([0, 0, 1 / 4])
    expect([...game.terminated]).toEqual([1, 1, 1])
    expect(game.truncated).toBe(false)
  })

  it('needs all who are needed at once', () => {
    const game = placed([[2, 3, 1], [4, 3, 2]], [[3, 3, 3]]) // biome-ignore format: one row per thing
    expect(step(game, load, none)).toEqual([0, 0])
    expect(step(game, none, load)).toEqual([0, 0])
    expect(game.measure!()).toEqual({ loaded: 0 })
    expect(step(game, load, load)).toEqual([1 / 3, 2 / 3])
    expect(game.measure!()).toEqual({ loaded: 1 })
  })

  it('pays nobody beside it who does something else', () => {
    const game = placed([[2, 3, 2], [4, 3, 2]], [[3, 3, 2]]) // biome-ignore format: one row per thing
    expect(step(game, load, none)).toEqual([1, 0])
  })

  it('is done from beside, not from a corner', () => {
    const game = placed([[2, 2, 3]], [[3, 3, 1]])
    expect(step(game, load)).toEqual([0])
  })
})

describe('what agents see', () => {
  it('is the whole field, food row by row, oneself before the others', () => {
    const game = placed([[2, 3, 1], [4, 6, 2]], [[5, 1, 3], [3, 3, 2]]) // biome-ignore format: one row per thing
    expect(seen(game, 0)).toEqual([3, 3, 2, 5, 1, 3, 2, 3, 1, 4, 6, 2])
    expect(seen(game, 1)).toEqual([3, 3, 2, 5, 1, 3, 4, 6, 2, 2, 3, 1])
    step(game, south, none)
    step(game, load, none)
    expect(seen(game, 0).slice(0, 6)).toEqual([3, 3, 2, 5, 1, 3])
  })

  it('is a window counted from its corner when sight is short', () => {
    const game = placed([[4, 4, 1], [5, 6, 2], [0, 7, 1]], [[3, 3, 2], [1, 1, 1]], { sight: 2 }) // biome-ignore format: one row per thing
    expect(seen(game, 0)).toEqual([1, 1, 2, -1, -1, 0, 2, 2, 1, 3, 4, 2, -1, -1, 0])
    // At the edge the corner of the window is the field's.
    expect(seen(game, 2)).toEqual([-1, -1, 0, -1, -1, 0, 0, 2, 1, -1, -1, 0, -1, -1, 0])
  })
})

describe('an episode', () => {
  it('begins with food apart from one another and away from the edges, of levels that can be loaded', () => {
    for (let seed = 0; seed < 200; seed++) {
      const game = foraging.create({ agents: 4, food: 3, agentLevel: 3, size: 9 })
      game.reset(createRandom(seed, 'test'))
      const { food, foragers } = game.save() as unknown as { food: Int32Array; foragers: [number, number, number][] }
      const cells = [...food].flatMap((level, i) =>
        level > 0 ? [{ row: Math.floor(i / 9), column: i % 9, level }] : [],
      )
      const most = foragers
        .map(([, , level]) => level)
        .sort((a, b) => a - b)
        .slice(0, 3)
        .reduce((a, b) => a + b)
      expect(cells).toHaveLength(3)
      expect(new Set([...foragers, ...cells.map(c => [c.row, c.column])].map(([r, c]) => `${r} ${c}`)).size).toBe(7)
      for (const { row, column, level } of cells) {
        expect(Math.min(row, column, 8 - row, 8 - column)).toBeGreaterThan(0)
        expect(level).toBeLessThanOrEqual(most)
        for (const other of cells) {
          const apart = Math.abs(row - other.row) + Math.abs(column - other.column)
          if (apart > 0) expect(apart).toBeGreaterThan(2)
        }
      }
    }
  })

  it('needs everybody for every food where it is cooperative', () => {
    const game = foraging.create({ agents: 3, food: 2, cooperative: true })
    game.reset(createRandom(3, 'test'))
    const { food, foragers } = game.save() as unknown as { food: Int32Array; foragers: [number, number, number][] }
    const all = foragers.reduce((sum, [, , level]) => sum + level, 0)
    expect([...food].filter(level => level > 0)).toEqual([all, all])
  })

  it('is truncated when the time is up', () => {
    const game = placed([[0, 0, 1]], [[3, 3, 1]], { maxCycles: 2 })
    step(game, none)
    expect(game.truncated).toBe(false)
    step(game, none)
    expect(game.truncated).toBe(true)
    expect([...game.terminated]).toEqual([0])
  })
})

it.each([1, 2, 3, 5])('%d scripted foragers gather everything', agents => {
  const game = foraging.create({ agents, size: 8, food: 3, cooperative: agents > 2 })
  const actions = game.agents.map(() => ({ rows: 1, columns: 6, data: new Float32Array(6) }))
  for (let seed = 0; seed < 100; seed++) {
    game.reset(createRandom(seed, 'test'))
    let total = 0
    while (!game.truncated && game.terminated[0] === 0) {
      actions.forEach((action, agent) => void game.script!(agent, action, 0))
      game.step(actions, 0)
      total += game.rewards.reduce((a, b) => a + b)
    }
    expect(total).toBeCloseTo(1, 10)
  }
})

describe('episodes recorded from the package lbforaging 2.0.0', () => {
  interface Recorded {
    readonly agents: number
    readonly size: number
    readonly food: number
    readonly sight: number
    readonly foragers: readonly [number, number, number][]
    readonly field: readonly [number, number, number][]
    readonly observations: readonly number[][]
    readonly steps: readonly {
      readonly actions: number[]
      readonly rewards: number[]
      readonly observations: number[][]
      readonly empty: boolean
    }[]
  }
  const file = join(import.meta.dirname, '../fixtures/foraging/lbforaging-2.0.0.json')
  const episodes: Recorded[] = JSON.parse(readFileSync(file, 'utf8'))

  it.each(episodes.map((episode, i) => [i, episode] as const))('number %d is the same here', (_, episode) => {
    const { size, sight } = episode
    const game = placed(episode.foragers, episode.field, { size, sight, food: episode.food })
    const observations = () => game.agents.map((_, agent) => seen(game, agent))
    expect(observations()).toEqual(episode.observations)
    for (const { actions, rewards, observations: expected, empty } of episode.steps) {
      step(game, ...actions).forEach((reward, agent) => {
        expect(reward).toBeCloseTo(rewards[agent]!, 12)
      })
      expect(observations()).toEqual(expected)
      expect(game.terminated[0] === 1).toBe(empty)
    }
  })
})

it('refuses actions that are none', () => {
  const game = placed([[0, 0, 1]], [[3, 3, 1]])
  const row = (data: number[]) => [{ rows: 1, columns: data.length, data: Float32Array.from(data) }]
  expect(() => game.step(row([1, 0]), 0)).toThrow(
    'action of agent_0 must be a row of 6 numbers, got row 0 of 1 rows of 2',
  )
  expect(() => game.step(row([0.5, 0.5, 0, 0, 0, 0]), 0)).toThrow('must be one-hot over 6 alternatives, got [0.5, 0.5')
  expect(() => game.step(row([1, 0, 1, 0, 0, 0]), 0)).toThrow('one-hot')
})

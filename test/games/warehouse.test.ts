// The warehouse by the rules of rware, case by case.
import { describe, expect, it } from 'vitest'
import { checkGame } from '../../src/envs/check-game.ts'
import { warehouse } from '../../src/games/warehouse.ts'
import { warehouseMap } from '../../src/games/warehouse-layout.ts'
import type { GridAgent, Thing } from '../../src/grids/grid-entities.ts'
import { createRandom } from '../../src/random.ts'
import { allowed, part, seen, step } from '../grids/playing.ts'

type Robot = GridAgent & { carries: Thing | null; delivered: boolean }

/** Robots at [row, column, facing]; those that carry take the shelf that stands there first. */
function placed(
  robots: readonly (readonly [number, number, GridAgent['facing']])[],
  options: Record<string, unknown> = {},
) {
  const game = warehouse.create({ agents: robots.length, height: 3, requests: 1, ...options })
  game.reset(createRandom(1, 'test'))
  const agents = game.world.agents as readonly Robot[]
  const shelves = game.world.things.shelf!
  for (const shelf of shelves) shelf.marked = false
  for (const agent of agents) game.world.remove(agent)
  robots.forEach(([row, column, facing], i) => {
    game.world.put(agents[i]!, row, column)
    agents[i]!.facing = facing
  })
  const shelfAt = (row: number, column: number) => game.world.thingAt('shelf', row, column)!
  /** Lets a robot carry the shelf from a cell. */
  const load = (robot: number, row: number, column: number) => {
    const shelf = shelfAt(row, column)
    game.world.put(shelf, agents[robot]!.row, agents[robot]!.column)
    agents[robot]!.carries = shelf
    return shelf
  }
  return { game, agents, shelves, shelfAt, load, at: () => agents.map(({ row, column }) => [row, column]) }
}

it.each([
  {},
  { agents: 4, masks: true, height: 2, reward: 'twoStage' },
  { agents: 1, size: 'small', sight: 2, reward: 'global' },
])('keeps what a game promises: %o', options => {
  expect(checkGame(warehouse, { options }).problems).toEqual([])
})

describe('the ground', () => {
  it('is blocks of shelves between corridors, free in the middle, and two goals', () => {
    expect(warehouseMap('tiny', 8).split('\n')).toEqual([
      '..........',
      ...new Array<string>(8).fill('.ss....ss.'),
      '..........',
      '....gg....',
    ])
    expect(warehouseMap('small', 2).split('\n')).toEqual([
      ...['..........', '.ss.ss.ss.', '.ss.ss.ss.', '..........'],
      ...['.ss....ss.', '.ss....ss.', '..........', '....gg....'],
    ])
  })

  it('is shown: 32 shelves, as many asked for as there are robots', () => {
    const game = warehouse.create()
    game.reset(createRandom(4, 'test'))
    expect(game.world.things.shelf).toHaveLength(32)
    expect(game.world.things.shelf!.filter(({ marked }) => marked)).toHaveLength(2)
    expect([game.world.rows, game.world.columns]).toEqual([11, 10])
  })
})

describe('robots', () => {
  it('drive under shelves while they carry none, and around them while they do', () => {
    const { game, at, load } = placed([[1, 3, 'west'], [1, 0, 'east']]) // biome-ignore format: one row per thing
    load(1, 3, 7)
    step(game, 'forward', 'forward')
    expect(at()).toEqual([[1, 2], [1, 0]]) // biome-ignore format: one row per thing
  })

  it('pick shelves up and put them down where shelves stand, not in corridors', () => {
    const { game, agents, shelfAt, at } = placed([[1, 2, 'east']])
    const shelf = shelfAt(1, 2)
    step(game, 'toggle')
    expect(agents[0]!.carries).toBe(shelf)
    step(game, 'forward')
    expect([at(), [shelf.row, shelf.column]]).toEqual([[[1, 3]], [1, 3]])
    step(game, 'toggle')
    expect(agents[0]!.carries).toBe(shelf)
    for (const action of ['left', 'left', 'forward', 'toggle']) step(game, action)
    expect([agents[0]!.carries, shelf.column]).toEqual([null, 2])
  })

  it('follow one that goes on, also with shelves, and do not change places', () => {
    const { game, at, load } = placed([[0, 3, 'east'], [0, 4, 'east'], [0, 7, 'west'], [0, 6, 'east']]) // biome-ignore format: one row per thing
    load(0, 1, 1)
    load(1, 1, 2)
    step(game, 'forward', 'forward', 'forward', 'forward')
    expect(at()).toEqual([[0, 4], [0, 5], [0, 7], [0, 6]]) // biome-ignore format: one row per thing
  })
})

describe('a delivery', () => {
  const atTheGoal = (reward: string) => {
    const setting = placed([[3, 4, 'south'], [0, 0, 'north']], { reward }) // biome-ignore format: one row per thing
    const shelf = setting.load(0, 1, 1)
    shelf.marked = true
    setting.game.world.put(setting.agents[0]!, 4, 4)
    setting.game.world.put(shelf, 4, 4)
    return { ...setting, shelf }
  }
  it.each([
    ['individual', [1, 0], [0, 0]],
    ['global', [1, 1], [0, 0]],
    ['twoStage', [0.5, 0], [0.5, 0]],
  ])('of a shelf that is asked for is paid, and another one is asked for: %s', (reward, paid, returned) => {
    const { game, agents, shelf, shelves } = atTheGoal(reward)
    expect(step(game, 'forward', 'noop')).toEqual(paid)
    expect([game.measure!().deliveries, shelf.marked, agents[0]!.delivered]).toEqual([1, false, true])
    expect(shelves.filter(({ marked }) => marked)).toHaveLength(1)
    // Nothing more for standing there.
    if (!shelf.marked) expect(step(game, 'noop', 'noop')).toEqual([0, 0])
    game.world.put(agents[0]!, 1, 1)
    game.world.put(shelf, 1, 1)
    expect(step(game, 'toggle', 'noop')).toEqual(returned)
    expect([agents[0]!.carries, agents[0]!.delivered]).toEqual([null, false])
  })

  it('of any other shelf is none', () => {
    const { game, shelf } = atTheGoal('individual')
    shelf.marked = false
    expect(step(game, 'forward', 'noop')).toEqual([0, 0])
  })
})

it('is seen as published: oneself, then agent, direction, shelf and request of each cell around', () => {
  const { game, shelfAt } = placed([[1, 3, 'east'], [2, 3, 'south']]) // biome-ignore format: one row per thing
  shelfAt(1, 2).marked = true
  const nobody = [0, 1, 0, 0, 0]
  expect(game.agents[0]!.observationSize).toBe(71)
  expect(part(game, 0, 'self')).toEqual([3, 1, 0, 0, 0, 0, 1, 1])
  expect(part(game, 0, 'sensors')).toEqual([
    ...[...nobody, 0, 0, ...nobody, 0, 0, ...nobody, 0, 0],
    ...[...nobody, 1, 1, 1, 0, 0, 0, 1, 0, 0, ...nobody, 0, 0],
    ...[...nobody, 1, 0, 1, 0, 1, 0, 0, 0, 0, ...nobody, 0, 0],
  ])
  expect(seen(game, 0)).toHaveLength(71)
})

it('masks what does nothing where it is asked to', () => {
  const { game, agents, load } = placed([[0, 0, 'north'], [1, 2, 'east']], { masks: true }) // biome-ignore format: one row per thing
  expect(allowed(game, 0)).toEqual(['noop', 'left', 'right'])
  expect(allowed(game, 1)).toEqual(['noop', 'forward', 'left', 'right', 'toggle'])
  load(0, 3, 7)
  agents[0]!.facing = 'south'
  expect(allowed(game, 0)).toEqual(['noop', 'forward', 'left', 'right'])
  expect(placed([[0, 0, 'north']]).game.actionMask).toBeUndefined()
})

it.each([
  [1, {}, 13],
  [2, {}, 27],
  [4, { height: 3 }, 60],
] as const)('%d scripted robots deliver without blocking one another: %o', (agents, options, least) => {
  const game = warehouse.create({ agents, ...options })
  const rows = game.agents.map(() => ({ rows: 1, columns: 5, data: new Float32Array(5) }))
  for (let seed = 0; seed < 2; seed++) {
    game.reset(createRandom(seed, 'test'))
    let delivered = 0
    while (!game.truncated) {
      rows.forEach((row, agent) => void game.script!(agent, row, 0))
      game.step(rows, 0)
      delivered += game.rewards.reduce((sum, reward) => sum + reward)
    }
    expect(delivered).toBeGreaterThan(least)
  }
})

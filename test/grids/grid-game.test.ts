// Grid games: moves, views, masks, states, presence, ends, saved games, and what is said of a definition that is none.
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { checkGame } from '../../src/envs/check-game.ts'
import { demandGame } from '../../src/envs/validate-game.ts'
import { defineGrid } from '../../src/grids/define-grid.ts'
import type { Thing } from '../../src/grids/grid-entities.ts'
import { type Direction, directions } from '../../src/grids/grid-map.ts'
import { createRandom } from '../../src/random.ts'
import { count, flag } from '../../src/settings/option.ts'
import { allowed, part, rowsOf, seen, stateOf, step } from './playing.ts'

const map = `
  .....
  .#.G.
  .....`

/** A game that uses most of the kit: two that turn, one wall, boxes that block, coins that are picked up and carried. */
const everything = defineGrid({
  id: 'everything',
  version: 1,
  description: 'for tests',
  options: { steps: count(20, { min: 1 }, 'steps'), ahead: flag(false, 'views look ahead') },
  actions: ['wait', 'forward', 'left', 'right', 'take'],
  absences: true,
  legend: { G: { name: 'goal', color: [0, 0.5, 0] } },
  world: () => ({
    map,
    agents: [0, 1].map(i => ({
      id: `agent_${i}`,
      facing: 'east' as const,
      level: 1,
      holds: null as Thing | null,
      paid: 0,
    })),
    things: {
      coin: [
        { level: 2, marked: false },
        { level: 5, marked: false },
      ],
      box: [{ blocks: true }],
    },
    state: { taken: 0 },
  }),
  reset({ world, random }) {
    expectTypeOf(world.state.taken).toEqualTypeOf<number>()
    expectTypeOf(world.agents[0]!.holds).toEqualTypeOf<Thing | null>()
    expectTypeOf(world.agents[0]!.action).toEqualTypeOf<'wait' | 'forward' | 'left' | 'right' | 'take' | null>()
    // @ts-expect-error: no such kind of thing
    world.things.bot
    world.state.taken = 0
    world.put(world.agents[0]!, 0, 0)
    world.put(world.agents[1]!, 2, 4)
    for (const agent of world.agents) Object.assign(agent, { facing: 'east', holds: null, paid: 0, level: 1 })
    world.put(world.things.box[0]!, 0, 2)
    for (const coin of world.things.coin) {
      coin.marked = false
      world.scatter(coin, random)
    }
  },
  act({ world }) {
    for (const agent of world.agents) {
      agent.paid = 0
      const coin = agent.action === 'take' ? world.thingAt('coin', agent.row, agent.column) : null
      if (coin === null) continue
      agent.paid = coin.level!
      agent.holds = coin
      coin.marked = true
      world.state.taken++
      world.remove(coin)
    }
  },
  observe({ agent, world, options, see }) {
    see.place('self', agent)
    see.facing('self', agent.facing)
    see.view(
      'view',
      1,
      {
        wall: (row, column) => world.isWall(row, column),
        box: (row, column) => world.thingAt('box', row, column) !== null,
      },
      options.ahead ? 'ahead' : 'north',
    )
    see.relative('other', world.others(agent)[0]!)
    see.choice('held', agent.holds === null ? null : agent.holds.index, 2, ['first', 'second'])
  },
  reward: ({ agent, part: note }) => note('coin', agent.paid),
  done: ({ world }) => world.state.taken === 2,
  actionMask({ agent, world, mask }) {
    if (world.thingAt('coin', agent.row, agent.column) === null) mask.forbid('take')
  },
  metrics: ({ world }) => ({ taken: world.state.taken }),
  scripted({ agent, world }) {
    const { row, column } = world.ahead(agent)
    return world.isOpen(row, column) ? 'forward' : 'left'
  },
})

function begun(options: Record<string, unknown> = {}) {
  const game = everything.create(options)
  game.reset(createRandom(1, 'test'))
  const [one, two] = game.world.agents as [(typeof game.world.agents)[number], (typeof game.world.agents)[number]]
  return { game, world: game.world, one, two, coins: game.world.things.coin! }
}
const at = ({ row, column }: { row: number; column: number }) => [row, column]

it('keeps what a game promises', () => {
  expect(checkGame(everything).problems).toEqual([])
  expect(checkGame(everything, { options: { ahead: true, masks: false } }).problems).toEqual([])
  demandGame('everything', everything.create(), false)
})

describe('moves', () => {
  it('turn, go on, and stop at what is in the way', () => {
    const { game, one, two } = begun()
    step(game, 'forward', 'left')
    expect([at(one), at(two), two.facing]).toEqual([[0, 1], [2, 4], 'north'])
    step(game, 'forward', 'forward') // a box
    expect([at(one), one.blocked, at(two), two.blocked]).toEqual([[0, 1], true, [1, 4], false])
    step(game, 'right', 'left')
    step(game, 'forward', 'forward') // a wall
    expect([at(one), one.facing, one.blocked, at(two)]).toEqual([[0, 1], 'south', true, [1, 3]])
    expect(game.world.letterAt(two.row, two.column)).toBe('G')
  })

  it('are asked of the author too, and chosen by no other word', () => {
    const walk = defineGrid({
      ...plain,
      mayEnter: ({ column }) => column < 2,
      actions: ['none', ...directions],
    }).create()
    walk.reset(createRandom(1, 'test'))
    for (const action of ['east', 'east', 'south', 'none']) step(walk, action)
    expect(at(walk.world.agents[0]!)).toEqual([1, 1])
    expect(() => step(walk, 'fly')).toThrow('action of agent_0 must be one-hot over 5 alternatives')
  })
})

/** One agent on four by four cells. */
const plain = {
  id: 'plain',
  version: 1,
  description: 'for tests',
  options: {},
  actions: ['none', ...directions] as readonly string[],
  world: () => ({ size: [4, 4] as const, agents: [{ id: 'agent_0' }] }),
  reset: ({ world }: { world: ReturnType<typeof begun>['world'] }) => world.put(world.agents[0]!, 0, 0),
  observe: ({ agent, see }: { agent: { row: number }; see: { number(name: string, value: number): void } }) =>
    see.number('row', agent.row),
  reward: () => 0,
} as unknown as Parameters<typeof defineGrid>[0]

describe('views', () => {
  it('are the cells around, outside of the grid too', () => {
    const { game } = begun()
    const { observationParts } = game.agents[0]!
    expect(observationParts.find(({ name }) => name === 'view')).toEqual({
      name: 'view',
      size: 18,
      shape: [3, 3, 2],
      channels: ['wall', 'box'],
    })
    step(game, 'forward', 'wait')
    // Row 0, column 1: the edge above, a box to the right, a wall below.
    expect(part(game, 0, 'view')).toEqual([1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0])
    expect(part(game, 0, 'other')).toEqual([2, 3])
    expect(part(game, 0, 'self')).toEqual([0, 0.25, 0, 0, 0, 1])
  })

  it('are turned with the agent where it looks ahead', () => {
    const turns: Record<Direction, number> = { north: 0, east: 1, south: 2, west: 3 }
    const { game, one } = begun({ ahead: true })
    const { game: still } = begun()
    for (const g of [game, still]) step(g, 'forward', 'wait')
    const north = part(still, 0, 'view')
    for (const facing of directions) {
      one.facing = facing
      let expected = north
      // A quarter counterclockwise for each quarter that the agent has turned clockwise.
      for (let i = 0; i < turns[facing]; i++) expected = quarter(expected, 3, 2)
      expect([facing, part(game, 0, 'view')]).toEqual([facing, expected])
    }
  })
})

/** A picture [side, side, channels], turned counterclockwise. */
function quarter(picture: readonly number[], side: number, channels: number): number[] {
  return Array.from({ length: picture.length }, (_, i) => {
    const [row, column, channel] = [Math.floor(i / channels / side), Math.floor(i / channels) % side, i % channels]
    return picture[(column * side + (side - 1 - row)) * channels + channel]!
  })
}

describe('masks', () => {
  it('forbid moves that lead nowhere, and what the author says', () => {
    const { game, world, one, coins } = begun()
    expect(allowed(game, 0)).toEqual(['wait', 'forward', 'left', 'right'])
    world.put(coins[0]!, 0, 0)
    expect(allowed(game, 0)).toContain('take')
    one.facing = 'north'
    expect(allowed(game, 0)).toEqual(['wait', 'left', 'right', 'take'])
    expect(begun({ masks: false }).game.actionMask).toBeUndefined()
  })

  it('leave something to do to who is boxed in and cannot stay', () => {
    const game = defineGrid({
      ...plain,
      actions: directions,
      options: { masks: flag(true, '') },
      world: () => ({ size: [1, 1], agents: [{ id: 'agent_0' }] }),
    }).create()
    game.reset(createRandom(1, 'test'))
    expect(allowed(game, 0)).toEqual([...directions])
  })

  it('bind who steers by hand', () => {
    const { game, one } = begun()
    const steered = (move: [number, number], say: number | null = null) => {
      const [row] = rowsOf(game, ['', ''])
      game.handles!.steer!(0, move, say, row!)
      return ['wait', 'forward', 'left', 'right', 'take'][row!.data.indexOf(1)]
    }
    expect([steered([1, 0]), steered([0, 1]), steered([0, -1]), steered([-1, 0]), steered([0, 0])]).toEqual([
      'forward',
      'left',
      'right',
      'right',
      'wait',
    ])
    expect(steered([0, 0], 0)).toBe('wait') // there is nothing to take
    one.facing = 'north'
    expect(steered([0, 1])).toBe('wait') // the edge
  })
})

describe('the state', () => {
  it('is where everything is and looks, levels, marks and who is there', () => {
    const { game, world, two, coins } = begun()
    world.remove(coins[1]!)
    world.put(coins[0]!, 2, 0)
    coins[1]!.marked = true
    two.present = false
    expect(game.stateParts!.map(({ name, size }) => [name, size])).toEqual([
      ...[
        ['agents', 4],
        ['facings', 8],
        ['levels', 2],
        ['present', 2],
      ],
      ...[
        ['coin', 4],
        ['coin levels', 2],
        ['coin marked', 2],
        ['box', 2],
      ],
    ])
    expect(stateOf(game)).toEqual([
      ...[0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 0],
      ...[1, 0, -1, -1, 2, 5, 0, 1, 0, 0.5],
    ])
  })

  it('is saved and goes on with the same bits', () => {
    const actions = fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1, maxLength: 30 })
    const names = ['wait', 'forward', 'left', 'right', 'take'] as const
    const property = fc.property(fc.nat(1000), actions, actions, (seed, before, after) => {
      const { game } = begun({ steps: 100 })
      game.reset(createRandom(seed, 'test'))
      for (const [a, b] of before) step(game, names[a]!, names[b]!)
      const { game: heir } = begun({ steps: 100 })
      heir.restore(structuredClone(game.save()))
      for (const [a, b] of after) {
        expect(step(heir, names[a]!, names[b]!)).toEqual(step(game, names[a]!, names[b]!))
        for (const agent of [0, 1]) expect(seen(heir, agent)).toEqual(seen(game, agent))
        expect(stateOf(heir)).toEqual(stateOf(game))
        expect(JSON.stringify(heir.save())).toBe(JSON.stringify(game.save()))
      }
      expect(heir.world.agents[0]!.action).toBe(game.world.agents[0]!.action)
    })
    fc.assert(property, { numRuns: 50 })
  })
})

describe('presence', () => {
  it('is waiting, leaving and another life', () => {
    const { game, world, one, two } = begun()
    two.present = false
    step(game, 'forward', '')
    expect([[...game.present], [...game.terminated], at(two), two.action]).toEqual([[1, 0], [0, 0], [2, 4], null])
    // Who waits sees, and stands in the way.
    expect(seen(game, 1)).not.toEqual(seen(game, 1).fill(0))
    two.present = true
    world.leave(one)
    expect([[...game.present], [...game.terminated]]).toEqual([
      [0, 1],
      [1, 0],
    ])
    expect(seen(game, 0)).toEqual(seen(game, 0).fill(0))
    one.present = true
    expect([[...game.present], [...game.terminated]]).toEqual([
      [1, 1],
      [0, 0],
    ])
    world.leave(one)
    world.leave(two)
    step(game, '', '')
    expect([game.truncated, ...game.terminated]).toEqual([false, 1, 1])
  })

  it('is refused where a game does not declare absences', () => {
    const game = defineGrid(plain).create()
    expect(() => void (game.world.agents[0]!.present = false)).toThrow('write `absences: true`')
    game.world.leave(game.world.agents[0]!)
    expect([game.present[0], game.terminated[0]]).toEqual([0, 1])
  })
})

describe('ends', () => {
  it('are the clock, unless the rules say so in the same step', () => {
    const last = (taken: number) => {
      const { game, world, one, coins } = begun({ maxCycles: 2 })
      world.put(coins[0]!, one.row, one.column)
      ;(world.state as { taken: number }).taken = taken
      step(game, 'wait', 'wait')
      expect([game.truncated, ...game.terminated]).toEqual([false, 0, 0])
      expect(step(game, 'take', 'wait')).toEqual([2, 0])
      return [game.truncated, ...game.terminated]
    }
    expect(last(0)).toEqual([true, 0, 0])
    expect(last(1)).toEqual([false, 1, 1])
  })

  it('tell the parts of a reward to who asks', () => {
    const { game } = begun()
    game.handles!.watchRewards!(true)
    step(game, 'wait', 'wait')
    expect([...game.handles!.rewardParts!(0)]).toEqual([['coin', 0]])
    expect(game.measure!()).toEqual({ taken: 0 })
  })
})

describe('a definition that is none', () => {
  const build = (change: Record<string, unknown>) => () => {
    const game = defineGrid({ ...plain, ...change }).create()
    game.reset(createRandom(1, 'test'))
    return game
  }
  it.each<[string, Record<string, unknown>, string]>([
    ['a misspelt hook', { obsreve: () => {} }, "plain: unknown hook 'obsreve'; did you mean 'observe'?"],
    ['one without rewards', { reward: undefined }, 'plain: reward is missing'],
    ['an action twice', { actions: ['none', 'none'] }, "plain: two actions are named 'none'"],
    ['no actions', { actions: [] }, 'plain: actions must be a list of names'],
    [
      'to turn without a facing',
      { actions: ['none', 'left'] },
      "plain: action 'left' needs agents that look somewhere",
    ],
    ['no cells', { world: () => ({ agents: [{ id: 'agent_0' }] }) }, 'a grid has a `map` or a `size`, got neither'],
    [
      'an uneven map',
      { world: () => ({ map: '..\n...', agents: [{ id: 'agent_0' }] }) },
      'every row of map must have 2 cells as row 0 has, row 1 has 3',
    ],
    [
      'half a cell',
      { world: () => ({ size: [2.5, 3], agents: [{ id: 'agent_0' }] }) },
      'whole numbers of at least 1; rows is 2.5',
    ],
    ['no agents', { world: () => ({ size: [2, 2], agents: [] }) }, "hook 'world' must return agents"],
    [
      'a place outside',
      { world: () => ({ map: '#', agents: [{ id: 'agent_0' }] }) },
      'agent_0 cannot be put at row 0, column 0: a wall',
    ],
  ])('%s', (_, change, message) => {
    expect(build(change)).toThrow(message)
  })

  it('an action that the controller invents, two things of a kind in a cell, a size that changes', () => {
    const [row] = rowsOf(build({})(), [''])
    expect(() => build({ scripted: () => 'fly' })().script!(0, row!, 0)).toThrow(
      "hook 'scripted' must return one of none",
    )
    const two = () => ({ size: [2, 2], agents: [{ id: 'agent_0' }], things: { egg: [{}, {}] } })
    const { world } = build({ world: two })()
    world.put(world.things.egg![0]!, 1, 1)
    expect(() => world.put(world.things.egg![1]!, 1, 1)).toThrow(
      'egg_1 cannot be put at row 1, column 1: egg_0 is there',
    )
    const growing = build({
      observe: ({ agent, see }: never) =>
        (see as { numbers(n: string, v: number[]): void }).numbers(
          'x',
          new Array((agent as { row: number }).row + 1).fill(0),
        ),
    })()
    step(growing, 'south')
    expect(() => seen(growing, 0)).toThrow('observation of agent_0 must have 1 numbers at every call, got 2')
  })
})

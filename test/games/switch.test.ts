// Switch by the rules of ma-gym, case by case.
import { describe, expect, it } from 'vitest'
import { checkGame } from '../../src/envs/check-game.ts'
import { switchGame } from '../../src/games/switch.ts'
import type { GridAgent } from '../../src/grids/grid-entities.ts'
import { createRandom } from '../../src/random.ts'
import { part, seen, step } from '../grids/playing.ts'

function begun(options: Record<string, unknown> = {}) {
  const game = switchGame.create(options)
  game.reset(createRandom(1, 'test'))
  return game
}
const places = (game: ReturnType<typeof begun>) => game.world.agents.map(({ row, column }) => [row, column])

it.each([{}, { agents: 4, seeAll: true, clock: true, masks: true }])('keeps what a game promises: %o', options => {
  expect(checkGame(switchGame, { options }).problems).toEqual([])
})

describe('the corridor', () => {
  it('begins with everybody across from their goals', () => {
    const game = begun({ agents: 4 })
    expect(places(game)).toEqual([[0, 1], [0, 5], [2, 1], [2, 5]]) // biome-ignore format: one row per thing
    expect(
      (game.world.agents as readonly (GridAgent & { goal: string })[]).map(({ goal }) => game.world.cells(goal)),
    ).toEqual(
      [[0, 6], [0, 0], [2, 6], [2, 0]].map(([row, column]) => [{ row, column }]), // biome-ignore format: one row per thing
    )
    // Of those who do not play there is nothing.
    expect(begun().world.cells('c')).toEqual([])
  })

  it('is one cell wide: walls stop, and two who meet block each other', () => {
    const game = begun()
    expect(step(game, 'east', 'west')).toEqual([-0.1, -0.1]) // walls
    expect(places(game)).toEqual([[0, 1], [0, 5]]) // biome-ignore format: one row per thing
    step(game, 'south', 'south')
    for (let n = 0; n < 5; n++) step(game, 'east', 'west')
    // The first has moved into the middle before the second could.
    expect(places(game)).toEqual([[1, 3], [1, 4]]) // biome-ignore format: one row per thing
  })

  it('pays 5 for arriving in place of the cost of the step, and then nothing', () => {
    const game = begun({ stepCost: 0.25 })
    step(game, 'south', 'none')
    for (let n = 0; n < 5; n++) step(game, 'east', 'none')
    expect(step(game, 'north', 'none')).toEqual([5, -0.25])
    expect([[...game.present], [...game.terminated], game.truncated]).toEqual([[0, 1], [1, 0], false])
    expect(step(game, '', 'none')).toEqual([0, -0.25])
    expect(game.measure!()).toEqual({ arrived: 0.5 })
    for (const action of ['south', 'west', 'west', 'west', 'west', 'west']) step(game, '', action)
    expect(step(game, '', 'north')).toEqual([0, 5])
    expect([[...game.terminated], game.truncated]).toEqual([[1, 1], false])
  })

  it('is left by the clock after 50 steps', () => {
    const game = begun()
    for (let n = 0; n < 49; n++) step(game, 'none', 'none')
    expect(game.truncated).toBe(false)
    step(game, 'none', 'none')
    expect([game.truncated, ...game.terminated]).toEqual([true, 0, 0])
  })
})

it('is seen in hundredths, alone or all of it, with the time where that is asked for', () => {
  expect(seen(begun(), 0)).toEqual([0, 0.17])
  const game = begun({ seeAll: true, clock: true })
  step(game, 'south', 'none')
  expect(seen(game, 1)).toEqual([0.5, 0.17, 0.02, 0, 0.83, 0.02])
  expect(part(game, 0, 'agent_0')).toEqual([0.5, 0.17])
})

describe('the scripted controller', () => {
  // Two need 7 and 12 steps: the second can be in the corridor when the first has left it, and no sooner.
  it.each([
    [2, 8.3],
    [3, 11.5],
    [4, 14],
  ])('brings %d agents across for a return of at least %d', (agents, least) => {
    const game = begun({ agents })
    const rows = game.agents.map(() => ({ rows: 1, columns: 5, data: new Float32Array(5) }))
    let total = 0
    while (!game.truncated && game.terminated.includes(0)) {
      rows.forEach((row, agent) => void game.script!(agent, row, 0))
      game.step(rows, 0)
      total += game.rewards.reduce((sum, reward) => sum + reward)
    }
    expect([...game.terminated]).toEqual(new Array(agents).fill(1))
    expect(total).toBeGreaterThan(least - 1e-9)
  })

  it('finds a way out where two have met in the corridor', () => {
    const game = begun()
    game.world.put(game.world.agents[0]!, 1, 3)
    game.world.put(game.world.agents[1]!, 1, 4)
    const rows = game.agents.map(() => ({ rows: 1, columns: 5, data: new Float32Array(5) }))
    while (!game.truncated && game.terminated.includes(0)) {
      rows.forEach((row, agent) => void game.script!(agent, row, 0))
      game.step(rows, 0)
    }
    expect([...game.terminated]).toEqual([1, 1])
  })
})

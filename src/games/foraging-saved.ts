// What foraging saves: in the form of its checkpoints and recordings from before it was a grid game, so that those go on.
import type { GridGame } from '../grids/grid-game.ts'
import type { Saved } from '../types.ts'

interface SavedForaging {
  /** [agents] row, column, level */
  readonly foragers: readonly (readonly [number, number, number])[]
  /** [size * size] Level of the food in a cell, 0: none. */
  readonly food: Int32Array
  /** [food] The cells where food was placed, eaten since or not; -1: there was no room. */
  readonly places: Int32Array
  readonly spawned: number
  readonly rewards: Float64Array
  readonly terminated: Uint8Array
  readonly truncated: boolean
  readonly cycles: number
  readonly loaded: number
}

/** The same game, saved in that form and restored from it. */
export function savedAsBefore(game: GridGame): GridGame {
  const { world } = game
  const foods = world.things.food as readonly (NonNullable<typeof world.things.food>[number] & { place: number })[]
  const state = world.state as { spawned: number; loaded: number }
  const [save, restore] = [game.save.bind(game), game.restore.bind(game)]
  game.save = (): Saved => {
    const food = new Int32Array(world.rows * world.columns)
    for (const { row, column, level } of foods) if (row >= 0) food[row * world.columns + column] = level!
    return {
      foragers: world.agents.map(({ row, column, level }) => [row, column, level!]),
      food,
      places: Int32Array.from(foods, ({ place }) => place),
      spawned: state.spawned,
      rewards: game.rewards,
      terminated: game.terminated,
      truncated: game.truncated,
      cycles: game.cycles,
      loaded: state.loaded,
    }
  }
  game.restore = saved => {
    const { foragers, food, places, spawned, loaded, rewards, terminated, truncated, cycles } =
      saved as unknown as SavedForaging
    foragers.forEach(([row, column, level], i) => {
      world.put(world.agents[i]!, row, column)
      world.agents[i]!.level = level
    })
    for (const each of foods) world.remove(each)
    foods.forEach((each, i) => {
      each.place = places[i]!
      if (each.place < 0 || food[each.place] === 0) return
      world.put(each, Math.floor(each.place / world.columns), each.place % world.columns)
      each.level = food[each.place]!
    })
    state.spawned = spawned
    state.loaded = loaded
    const alive = Uint8Array.from(terminated, ended => 1 - ended)
    restore({ ...(save() as Record<string, Saved>), rewards, terminated, alive, truncated, cycles })
  }
  return game
}

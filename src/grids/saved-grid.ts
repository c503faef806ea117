// A grid's world as plain data and back.
import { restoreWorld, saveWorld } from '../envs/saved-world.ts'
import type { Saved } from '../types.ts'
import type { GridWorld } from './grid-world.ts'

/** Everything about a world that can change. @throws TypeError for a value that cannot be saved */
export function saveGrid(world: GridWorld): Saved {
  return saveWorld(world, nothing)
}

/** Puts a saved world into a world of the same game and options. */
export function restoreGrid(world: GridWorld, saved: Saved): void {
  restoreWorld(world, saved)
  world.restored()
}

const nothing: ReadonlySet<string> = new Set()

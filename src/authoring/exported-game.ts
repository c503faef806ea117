// The game among the exports of a scenario's file, in Node.js and in pages alike.
import { definitionOf } from '../envs/check-game.ts'
import type { GameDefinition } from '../envs/game-definition.ts'
import { validateScenario } from '../envs/validate-scenario.ts'
import { FileError } from '../errors.ts'

/** The default export, or the only export that is a scenario, a game definition or a function. @throws FileError naming what is exported. */
export function gameIn(file: string, exports: Readonly<Record<string, unknown>>): GameDefinition {
  const remedy = 'write: export const my_scenario = defineScenario({ ... })'
  if (exports.default !== undefined) {
    if (isGame(exports.default)) return definition(file, exports.default)
    throw new FileError(file, `its default export must be a scenario or a function that makes a game; ${remedy}`)
  }
  const named = Object.entries(exports)
  const objects = named.filter(([, value]) => typeof value === 'object' && isGame(value))
  const candidates = objects.length > 0 ? objects : named.filter(([, value]) => typeof value === 'function')
  const only = candidates[0]
  if (only === undefined) {
    const names = named.map(([name]) => name).join(', ') || 'nothing'
    throw new FileError(file, `must export one scenario, exports ${names}; ${remedy}`)
  }
  if (candidates.length > 1) {
    const names = candidates.map(([name]) => name).join(' and ')
    throw new FileError(
      file,
      `must export one scenario, exports ${names}; make the one that is meant the default export`,
    )
  }
  return definition(file, only[1])
}

const marks = ['world', 'reset', 'observe', 'reward', 'create']

/** Loose on purpose: an incomplete scenario is still meant to be one, and is told what it lacks. */
function isGame(value: unknown): boolean {
  if (typeof value === 'function') return true
  return typeof value === 'object' && value !== null && marks.some(mark => mark in value)
}

function definition(file: string, value: unknown): GameDefinition {
  if (typeof value === 'object' && !('create' in value!)) {
    try {
      validateScenario(value)
    } catch (error) {
      throw new FileError(file, (error as Error).message)
    }
  }
  const found = definitionOf(value as Parameters<typeof definitionOf>[0])
  return typeof value === 'function' ? { ...found, id: found.create().id } : found
}

// Finds the game among the exports of a scenario file, in Node.js and in pages.
import { definitionOf } from '../envs/check-game.ts'
import type { GameDefinition } from '../envs/game-definition.ts'
import { demandGame } from '../envs/validate-game.ts'
import { validateDefinition, validateScenario } from '../envs/validate-scenario.ts'
import { type Whereabouts, watchHooks } from '../envs/watched-hooks.ts'
import { FileError, writtenIn } from '../errors.ts'

/**
 * The default export, or the only export that is a scenario, a game definition or a function. `where`: kept up to date while the
 * function makes a game, which is asked for its id.
 * @throws FileError naming what is exported.
 */
export function gameIn(file: string, exports: Readonly<Record<string, unknown>>, where?: Whereabouts): GameDefinition {
  const remedy = 'write: export const my_scenario = defineScenario({ ... })'
  if (isPlayer(exports.default)) {
    const id = JSON.stringify((exports.default as { readonly id?: unknown }).id)
    throw new FileError(
      file,
      `exports who plays a team, ${id}, expected a scenario; give it with --algorithm or --team, beside a scenario`,
    )
  }
  if (exports.default !== undefined) {
    if (isGame(exports.default)) return definition(file, exports.default, where)
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
  return definition(file, only[1], where)
}

/** Whether an export is meant to be an algorithm or a policy. */
export function isPlayer(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return 'createLearner' in value || ('kind' in value && value.kind === 'policy')
}

const marks = ['world', 'reset', 'observe', 'reward', 'create']

/** Loose on purpose: an incomplete scenario counts as one, so that the error can say what it lacks. */
function isGame(value: unknown): boolean {
  if (typeof value === 'function') return true
  return typeof value === 'object' && value !== null && marks.some(mark => mark in value)
}

function definition(file: string, value: unknown, where: Whereabouts | undefined): GameDefinition {
  const isObject = typeof value === 'object'
  try {
    if (isObject && !('create' in value!)) validateScenario(value)
    const found = definitionOf(value as Parameters<typeof definitionOf>[0])
    if (found.scenario !== undefined) return found
    const named = isObject ? found : { ...found, id: idOf(found, where) }
    validateDefinition(named)
    return named
  } catch (error) {
    // The name that is wrong goes along: its line can be found in the file.
    if (error instanceof TypeError) {
      throw Object.assign(new FileError(file, error.message), { written: writtenIn(error) })
    }
    throw error
  }
}

/** What the game is called that a function makes. */
function idOf(found: GameDefinition, where: Whereabouts | undefined): string {
  const game: unknown = (where === undefined ? found : watchHooks(found, where)).create()
  demandGame('the game that the function makes', game, false)
  return game.id
}

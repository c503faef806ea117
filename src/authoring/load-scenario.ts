// Brings a user's scenario file to life: bundles it, imports the bundle, and finds the scenario or game among its exports.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { definitionOf } from '../envs/check-game.ts'
import type { GameDefinition } from '../envs/game-definition.ts'
import { validateScenario } from '../envs/validate-scenario.ts'
import { ConfigError, FileError } from '../errors.ts'
import { type Bundle, bundleScenario, hashOf } from './bundle.ts'
import { noteUserFiles, placeOf } from './error-place.ts'

export interface LoadedScenario {
  readonly definition: GameDefinition
  readonly bundle: Bundle
}

/**
 * Loads a scenario from a TypeScript or JavaScript file that imports `marlstrom` by name, wherever it lies.
 * @throws ConfigError when there is no such file, FileError with file and line when it does not compile, throws while it is
 * loaded, or exports no scenario.
 */
export async function loadScenario(file: string | URL): Promise<LoadedScenario> {
  const bundle = await bundleScenario(typeof file === 'string' ? file : fileURLToPath(file))
  return { definition: await importBundle(bundle), bundle }
}

/** The file behind a run's scenario. */
export interface KeptSource {
  /** Where the author has it. */
  readonly file: string
  /** What the run keeps of it. */
  readonly code: string
  /** What has become of the file since the run began, as a sentence; null: nothing. */
  readonly note: string | null
}

/** Loads the copy that a run kept of a scenario file, and looks whether the file is still the same. */
export async function reloadScenario(
  kept: string,
  file: string,
): Promise<{ definition: GameDefinition; source: KeptSource }> {
  const { definition } = await loadScenario(kept)
  const code = readFileSync(kept, 'utf8')
  const goesOn = `the run goes on with its own copy, ${kept}`
  if (!existsSync(file)) return { definition, source: { file, code, note: `${file} is gone; ${goesOn}` } }
  const now = await bundleScenario(file).catch(() => null)
  const same = now !== null && hashOf(code) === now.hash
  return { definition, source: { file, code, note: same ? null : `${file} has changed since; ${goesOn}` } }
}

/** Runs a bundle and finds the game in it. */
export async function importBundle({ file, code, hash, inputs }: Omit<Bundle, 'kept'>): Promise<GameDefinition> {
  // Errors shall name lines of the source.
  process.setSourceMapsEnabled(true)
  noteUserFiles(inputs)
  const folder = mkdtempSync(join(tmpdir(), 'marlstrom-'))
  const name = join(folder, `${basename(file).replace(/\W+/g, '-')}-${hash}.mjs`)
  let exports: Record<string, unknown>
  try {
    writeFileSync(name, code)
    exports = (await import(pathToFileURL(name).href)) as Record<string, unknown>
  } catch (error) {
    throw new FileError(placeOf(error) ?? file, `cannot be loaded: ${(error as Error)?.message ?? error}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return located(file, findGame(file, exports))
}

/** The default export, or the only export that is a scenario, a game definition or a function. */
function findGame(file: string, exports: Record<string, unknown>): GameDefinition {
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

/** The same game; what goes wrong while one is built names the file. */
function located(file: string, definition: GameDefinition): GameDefinition {
  return {
    ...definition,
    create(given) {
      try {
        return definition.create(given)
      } catch (error) {
        if (error instanceof ConfigError) throw error
        throw new FileError(placeOf(error) ?? file, error instanceof Error ? error.message : String(error))
      }
    },
  }
}

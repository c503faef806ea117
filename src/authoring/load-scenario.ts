// Brings a user's scenario file to life: bundles it, imports the bundle, and finds the scenario or game among its exports.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { GameDefinition } from '../envs/game-definition.ts'
import { ConfigError, FileError } from '../errors.ts'
import { type Bundle, bundleScenario, hashOf } from './bundle.ts'
import { noteUserFiles, placeOf } from './error-place.ts'
import { gameIn } from './exported-game.ts'

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
  return located(file, gameIn(file, exports))
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

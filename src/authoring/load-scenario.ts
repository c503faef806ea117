// Brings a user's scenario file to life: bundles it, imports the bundle, and finds the scenario or game among its exports.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { demanding, demandingSteps } from '../envs/demanding-game.ts'
import type { GameDefinition } from '../envs/game-definition.ts'
import { type Whereabouts, watchHooks } from '../envs/watched-hooks.ts'
import { ConfigError, FileError, GameError, writtenIn } from '../errors.ts'
import { type Bundle, bundleScenario, hashOf } from './bundle.ts'
import { noteUserFiles, placeOf, placeOfName } from './error-place.ts'
import { gameIn } from './exported-game.ts'
import { beforeStuckEnd } from './played-here.ts'

export interface LoadedScenario {
  readonly definition: GameDefinition
  readonly bundle: Bundle
}

/**
 * Loads a scenario from a TypeScript or JavaScript file that imports `marlstrom` by name, wherever it lies.
 * @throws ConfigError when there is no such file, FileError with file and line when it does not compile, throws while it is
 * loaded, or exports no scenario. `where`: kept up to date while it is loaded and whenever one of its hooks runs.
 */
export async function loadScenario(file: string | URL, where?: Whereabouts): Promise<LoadedScenario> {
  const bundle = await bundleScenario(typeof file === 'string' ? file : fileURLToPath(file))
  const definition = await importBundle(bundle, where)
  const played = where === undefined ? demanding(definition) : demandingSteps(watchHooks(definition, where))
  return { definition: located(bundle.file, played), bundle }
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
  where?: Whereabouts,
): Promise<{ definition: GameDefinition; source: KeptSource }> {
  const { definition } = await loadScenario(kept, where)
  const code = readFileSync(kept, 'utf8')
  const goesOn = `the run goes on with its own copy, ${kept}`
  if (!existsSync(file)) return { definition, source: { file, code, note: `${file} is gone; ${goesOn}` } }
  const now = await bundleScenario(file).catch(() => null)
  const same = now !== null && hashOf(code) === now.hash
  return { definition, source: { file, code, note: same ? null : `${file} has changed since; ${goesOn}` } }
}

/** Runs a bundle and finds the game in it; what it creates has not been looked at yet. `where`: kept up to date until then. */
export async function importBundle(
  { file, code, hash, inputs, sources }: Omit<Bundle, 'kept'>,
  where?: Whereabouts,
): Promise<GameDefinition> {
  // Errors shall name lines of the source.
  process.setSourceMapsEnabled(true)
  noteUserFiles(file, [...inputs, ...sources])
  const folder = mkdtempSync(join(tmpdir(), 'marlstrom-'))
  const name = join(folder, `${basename(file).replace(/\W+/g, '-')}-${hash}.mjs`)
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const forget = beforeStuckEnd(remove)
  let exports: Record<string, unknown>
  try {
    writeFileSync(name, code)
    if (where !== undefined) where.hook = 'loading'
    exports = (await import(pathToFileURL(name).href)) as Record<string, unknown>
  } catch (error) {
    throw new FileError(placeOf(error) ?? file, `cannot be loaded: ${(error as Error)?.message ?? error}`)
  } finally {
    if (where !== undefined) where.hook = ''
    forget()
    remove()
  }
  try {
    return located(file, gameIn(file, exports, where))
  } catch (error) {
    throw inFile(file, error)
  }
}

/** The same game; what goes wrong while one is built names the file. */
function located(file: string, definition: GameDefinition): GameDefinition {
  return {
    ...definition,
    create(given) {
      try {
        return definition.create(given)
      } catch (error) {
        throw inFile(file, error)
      }
    },
  }
}

function inFile(file: string, error: unknown): unknown {
  const written = placeOfName(writtenIn(error), [file]) ?? placeOfName(writtenIn(error))
  if (written !== undefined && !(error instanceof GameError)) {
    return new FileError(written, (error as Error).message.replace(`${file}: `, ''))
  }
  // It says already what ran, and its place is found when it is told.
  if (error instanceof ConfigError || error instanceof FileError || error instanceof GameError) return error
  return new FileError(placeOf(error) ?? file, error instanceof Error ? error.message : String(error))
}

// Loads a user's scenario file: bundles it, imports the bundle, and finds the scenario or game among its exports.
import { fileURLToPath } from 'node:url'
import { demanding, demandingSteps } from '../envs/demanding-game.ts'
import type { GameDefinition } from '../envs/game-definition.ts'
import { type Whereabouts, watchHooks } from '../envs/watched-hooks.ts'
import { ConfigError, FileError, GameError, writtenIn } from '../errors.ts'
import { type Bundle, bundleFile } from './bundle.ts'
import { placeOf, placeOfName } from './error-place.ts'
import { gameIn } from './exported-game.ts'
import { importModule } from './import-module.ts'
import { type KeptSource, keptSource } from './kept-source.ts'

/** A user's scenario or game: what its file defines, and the code that it was bundled into. */
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
  const bundle = await bundleFile(typeof file === 'string' ? file : fileURLToPath(file))
  return { definition: await definitionIn(bundle, where), bundle }
}

/** The game in a bundle as `loadScenario` gives it. */
export async function definitionIn(bundle: Omit<Bundle, 'kept'>, where?: Whereabouts): Promise<GameDefinition> {
  const definition = await importBundle(bundle, where)
  const played = where === undefined ? demanding(definition) : demandingSteps(watchHooks(definition, where))
  return located(bundle.file, played)
}

/** Loads the copy that a run kept of a scenario file, and looks whether the file is still the same. */
export async function reloadScenario(
  kept: string,
  file: string,
  where?: Whereabouts,
): Promise<LoadedScenario & { source: KeptSource }> {
  return { ...(await loadScenario(kept, where)), source: await keptSource(kept, file) }
}

/** Runs a bundle and finds the game in it; what it creates has not been looked at yet. `where`: kept up to date until then. */
export async function importBundle(bundle: Omit<Bundle, 'kept'>, where?: Whereabouts): Promise<GameDefinition> {
  const { file } = bundle
  const exports = await importModule(bundle, where)
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

// Games of the scenarios that a recording names: those that ship with marlstrom, and users' by the code that the recording holds.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadScenario } from '../authoring/load-scenario.ts'
import { allowHooks, playedHere } from '../authoring/played-here.ts'
import type { GameDefinition } from '../envs/game-definition.ts'
import { FileError } from '../errors.ts'
import type { Opening } from '../experiment/show.ts'
import type { RecordedGame } from '../recording/format.ts'
import type { GameMaker } from '../recording/resimulate.ts'
import { games, versionOf } from '../run/run.ts'

/** Makes games of a recording; each code is loaded once. `file` is named where something is wrong. */
export function recordedGames(file: string): GameMaker {
  const loaded = new Map<string, Promise<GameDefinition>>()
  return async (opening, { source }) => {
    const key = source?.code ?? opening.scenario
    const found = loaded.get(key) ?? definitionOf(file, opening, source)
    loaded.set(key, found)
    const definition = await found
    const version = versionOf(definition, opening.options)
    if (version !== opening.version) {
      throw new FileError(
        file,
        `was recorded with version ${opening.version} of ${opening.scenario}, which is at ${version} here: ` +
          'another version may move otherwise, so use the marlstrom that recorded it',
      )
    }
    return definition.create(opening.options)
  }
}

/** @throws FileError where there is no such scenario here, or its code cannot be loaded */
export async function definitionOf(
  file: string,
  { scenario }: Opening,
  source: RecordedGame['source'],
): Promise<GameDefinition> {
  if (source === null) {
    if (Object.hasOwn(games, scenario)) return games[scenario]!
    throw new FileError(file, `is of scenario '${scenario}', which this marlstrom does not have`)
  }
  const folder = mkdtempSync(join(tmpdir(), 'marlstrom-recorded-'))
  try {
    const code = join(folder, `${scenario.replace(/\W+/g, '-')}.mjs`)
    writeFileSync(code, source.code)
    allowHooks()
    return (await loadScenario(code, playedHere)).definition
  } catch (error) {
    throw new FileError(file, `holds a scenario that cannot be loaded: ${(error as Error).message}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

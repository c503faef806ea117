// Games for a page: of a trained run and of a scenario by name in threads of their own, of a program's own definition in this one.
import type { KeptSource } from '../authoring/kept-source.ts'
import { type GameDefinition, particleDefinition } from '../envs/game-definition.ts'
import type { Scenario } from '../envs/scenario.ts'
import { baselineSetup, baselinesOf } from '../exhibition/baseline-setup.ts'
import { createExhibition } from '../exhibition/exhibition.ts'
import { initialSession } from '../experiment/initial-session.ts'
import { createSession, type Session } from '../experiment/session.ts'
import type { Show } from '../experiment/show.ts'
import { startLiveGame } from '../live/live.ts'
import type { About } from '../recording/format.ts'
import { resolveConfig } from '../run/config/config.ts'
import { demandPictures, findGame } from '../run/run.ts'
import { openTrainedRun } from '../starting/open-run.ts'
import { tellPast } from './session-news.ts'
import type { Watching } from './watching.ts'

export interface ShownGame {
  readonly session: Session
  readonly show: Show
  readonly config: About['config']
  readonly source: KeptSource | null
  close(): void | Promise<void>
}

/** The game of a run, played by a checkpoint. @throws ConfigError, FileError */
export async function showRunFolder(path: string, options: Watching): Promise<ShownGame> {
  const gameOptions = options.gameOptions()
  const { note = () => {}, checkpoint = 'last' } = options
  const { run, folder } = await openTrainedRun(path, note, { checkpoint, scenario: gameOptions })
  const { config, source } = run
  const seed = options.seed ?? config.run.seed
  demandPictures(run.createGame())
  const identity = {
    scenario: run.definition.id,
    algorithm: run.who,
    seed,
    preset: config.run.preset,
    folder: path,
  }
  const session = createSession(initialSession(identity, 'playing', run, null))
  tellPast(session, run, folder.readMetrics())
  // The game is played in its own thread, by a run that is opened there.
  run.dispose()
  const { exhibition } = await startLiveGame(session, { kind: 'run', folder: path, checkpoint, options: gameOptions })
  return { session, show: exhibition, config: { ...config }, source, close: () => exhibition.close() }
}

/** A scenario by its id or file, played by a baseline. @throws ConfigError */
export async function showScenario(id: string, { overrides, policy }: Watching): Promise<ShownGame> {
  const { definition, source } = await findGame(id)
  const config = resolveConfig(overrides(id), definition)
  const { id: _, ...given } = config.scenario
  const session = sessionOf(definition, given, config.run, policy)
  const { exhibition } = await startLiveGame(session, { kind: 'scenario', id, options: given, policy })
  return { session, show: exhibition, config: { ...config }, source, close: () => exhibition.close() }
}

/** A game that only this program has, played by a baseline. @throws ConfigError */
export function showDefinition(what: GameDefinition | Scenario, { overrides, policy }: Watching): ShownGame {
  const definition = 'create' in what ? what : particleDefinition(what)
  const config = resolveConfig(overrides(definition.id), definition)
  const { id: _, ...given } = config.scenario
  const session = sessionOf(definition, given, config.run, policy)
  const show = createExhibition(baselineSetup(definition, given, config.run.seed, policy), session)
  return { session, show, config: { ...config }, source: null, close() {} }
}

function sessionOf(
  definition: GameDefinition,
  given: Readonly<Record<string, unknown>>,
  { seed, preset }: { readonly seed: number; readonly preset: string },
  policy: Watching['policy'],
): Session {
  const game = definition.create(given)
  demandPictures(game)
  const identity = { scenario: game.id, algorithm: policy ?? baselinesOf(game)[0]!, seed, preset, folder: null }
  return createSession(initialSession(identity, 'playing', game, null))
}

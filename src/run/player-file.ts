// Players in users' files: an algorithm by which a team learns, or a policy written by hand, brought to life and kept by runs.
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { baselines } from '../agents/baseline-policies.ts'
import { algorithms, shortNames } from '../algorithms/index.ts'
import { type Bundle, bundleFile, isCodeFile } from '../authoring/bundle.ts'
import { placeOf, placeOfName } from '../authoring/error-place.ts'
import { isPlayer } from '../authoring/exported-game.ts'
import { importModule } from '../authoring/import-module.ts'
import { type KeptSource, keptSource } from '../authoring/kept-source.ts'
import { playedHere } from '../authoring/played-here.ts'
import { ConfigError, FileError, writtenIn } from '../errors.ts'
import type { Algorithm } from '../learning/algorithm.ts'
import type { Overrides } from './config/config.ts'
import { validatePlayer } from './validate-player.ts'
import type { PolicyDefinition } from './written-policy.ts'

/** A user's file that says how a team is played. */
export interface PlayerFile {
  readonly player: Algorithm | PolicyDefinition
  readonly source: KeptSource
}

/** By team. */
export type PlayerFiles = ReadonlyMap<string, PlayerFile>

/** Where a run keeps its copies of such files. */
export interface KeptPlayers {
  /** Of the file that a team is played by; undefined: it is played by none, or the run has kept none. */
  playerFile?(team: string): string | undefined
}

/** Names that mean something else wherever players are named. */
const taken: readonly string[] = [...baselines, 'latest', 'best']

/** One object for the same code of the same files, so that teams that learn by it learn by one algorithm. */
const loaded = new Map<string, Algorithm | PolicyDefinition>()

/**
 * Loads an algorithm or a policy from the default export of a TypeScript or JavaScript file.
 * @param setting What the file was given for, `team.adversary`.
 * @param kept A run's own copy, which is taken in its place.
 * @throws ConfigError when there is no such file, FileError with file and line when it does not compile, throws while it is loaded, or
 * exports no player
 */
export async function loadPlayerFile(path: string, setting: string, kept?: string): Promise<PlayerFile> {
  const file = resolve(path)
  const bundle = await bundleFile(kept ?? file, setting)
  const player = await playerIn(bundle)
  const source = kept === undefined ? { file, code: bundle.kept, note: null } : await keptSource(kept, file)
  return { player, source }
}

/** The player in a file; null: it is about something else, as a scenario. @throws ConfigError, FileError as `loadPlayerFile` */
export async function playerInFile(path: string): Promise<PlayerFile['player'] | null> {
  const bundle = await bundleFile(path, 'list')
  const { default: exported } = await importModule(bundle)
  return isPlayer(exported) ? await playerIn(bundle) : null
}

/** Loads the algorithm that is the default export of a file. @throws ConfigError, FileError */
export async function loadAlgorithm(file: string | URL): Promise<Algorithm> {
  const { player, source } = await loadPlayerFile(pathOf(file), 'algorithm')
  if (isAlgorithm(player)) return player
  throw new FileError(
    source.file,
    `exports the policy '${player.id}', expected an algorithm; loadPolicy loads policies`,
  )
}

/** Loads the policy that is the default export of a file. @throws ConfigError, FileError */
export async function loadPolicy(file: string | URL): Promise<PolicyDefinition> {
  const { player, source } = await loadPlayerFile(pathOf(file), 'policy')
  if (!isAlgorithm(player)) return player
  throw new FileError(
    source.file,
    `exports the algorithm '${player.id}', expected a policy; loadAlgorithm loads algorithms`,
  )
}

/** Whether a player learns. */
export function isAlgorithm(player: Algorithm | PolicyDefinition): player is Algorithm {
  return 'createLearner' in player
}

/** The same settings with the files of players in full, as run folders name them. */
export function withWholePaths(given: Overrides): Overrides {
  const whole = (who: unknown) => (typeof who === 'string' && isCodeFile(who) ? resolve(who) : who)
  const record = (said: unknown): said is Readonly<Record<string, unknown>> =>
    typeof said === 'object' && said !== null && !Array.isArray(said)
  const inRecord = (said: Readonly<Record<string, unknown>>) =>
    Object.hasOwn(said, 'algorithm') ? { ...said, algorithm: whole(said.algorithm) } : said
  const { learner, team } = given
  return {
    ...given,
    ...(record(learner) ? { learner: inRecord(learner) } : {}),
    ...(record(team)
      ? {
          team: Object.fromEntries(
            Object.entries(team).map(([name, said]) => [name, record(said) ? inRecord(said) : whole(said)]),
          ),
        }
      : {}),
  }
}

/** Whether settings name a file for any team: only with it can be told which settings there are. */
export function namesPlayerFile({ learner, team }: Overrides): boolean {
  const names = [learner?.algorithm, ...Object.values(team ?? {})].map(said =>
    typeof said === 'object' && said !== null ? (said as { readonly algorithm?: unknown }).algorithm : said,
  )
  return names.some(name => typeof name === 'string' && isCodeFile(name))
}

/** @throws ConfigError at `path` for a name that a player of marlstrom's own has */
export function refuseTakenId(id: string, path: string): void {
  if (![algorithms, shortNames].some(known => Object.hasOwn(known, id)) && !taken.includes(id)) return
  throw new ConfigError(path, `the id '${id}' is taken by marlstrom itself; choose another one`)
}

async function playerIn(bundle: Bundle): Promise<Algorithm | PolicyDefinition> {
  const key = [bundle.hash, ...bundle.sources].join('\n')
  const known = loaded.get(key)
  if (known !== undefined) return known
  const { default: exported, ...others } = await importModule(bundle, playedHere)
  const { file, sources } = bundle
  try {
    validatePlayer(exported, Object.keys(others))
    refuseTakenId(exported.id, file)
    loaded.set(key, exported)
    return exported
  } catch (error) {
    if (error instanceof ConfigError) throw new FileError(file, error.message.slice(error.path.length + 2))
    const place = placeOf(error) ?? placeOfName(writtenIn(error), [file, ...sources]) ?? file
    throw new FileError(place, error instanceof Error ? error.message : String(error))
  }
}

function pathOf(file: string | URL): string {
  return typeof file === 'string' ? file : fileURLToPath(file)
}

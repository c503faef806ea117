// Summary of a run without reading its networks: from config.json, the end of metrics.jsonl, and its newest checkpoint's header.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readCheckpoint } from '../experiment/checkpoint.ts'
import { type Length, reached, wasDone } from '../experiment/done.ts'
import { isTraining, trainerOf } from '../experiment/trainer-mark.ts'
import { translated } from '../run/config/old-keys.ts'
import { settingsByPath } from '../run/config/settings-by-path.ts'
import { bytesIn, type FoundFolder } from './find-runs.ts'
import { lastLine } from './last-line.ts'

export interface KnownRun {
  readonly folder: string
  /** running: a process trains it; finished: has all its episodes and has learnt from them; stopped: has not, and nobody is at it. */
  readonly status: 'running' | 'finished' | 'stopped'
  readonly scenario: string
  /** `maddpg`, or team by team. */
  readonly algorithm: string
  readonly preset: string
  readonly seed: number
  /** Training episodes finished, as far as a checkpoint or a line says; and those that are wanted. */
  readonly episodes: number
  /** null: the run is `plannedSteps` environment steps long. */
  readonly plannedEpisodes: number | null
  readonly plannedSteps: number | null
  /** By `section.key`. */
  readonly settings: ReadonlyMap<string, unknown>
  /** The last line of metrics.jsonl; empty before the first. */
  readonly metrics: Readonly<Record<string, number>>
  /** By team: training return at that line, mean over its agents. */
  readonly returns: Readonly<Record<string, number>>
  /** On disk. */
  readonly bytes: number
}

export interface DamagedRun {
  readonly folder: string
  readonly status: 'damaged'
  readonly problem: string
  readonly bytes: number
}

/** What folders do not say of themselves. */
export interface CatalogueContext {
  /** Settings of `section.key` that a run of an older version did not know, and how it was without them. */
  readonly defaults: ReadonlyMap<string, unknown>
  /** The same of the settings of an algorithm; empty: nobody knows it. */
  learnerDefaults(algorithm: string): ReadonlyMap<string, unknown>
  /** Which team each agent belongs to, by id, by the settings of the scenario; null: not known. */
  teamsOf(scenario: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> | null
}

/** Sums a run folder up. Whatever is wrong with it becomes a damaged run with a reason. */
export function summarizeRun(found: FoundFolder, context: CatalogueContext): KnownRun | DamagedRun {
  const { folder, unreadable } = found
  const bytes = bytesIn(folder)
  try {
    if (unreadable !== undefined) throw new Error(unreadable)
    return { ...known(found, context), bytes }
  } catch (error) {
    return { folder, status: 'damaged', problem: (error as Error).message, bytes }
  }
}

function known(
  { folder, names }: FoundFolder,
  { defaults, learnerDefaults, teamsOf }: CatalogueContext,
): Omit<KnownRun, 'bytes'> {
  if (!names.has('config.json')) throw new Error('config.json is missing')
  const config = translated(
    sectionsOf(inFile('config.json', () => JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')))),
  )
  const said = new Map([...defaults, ...settingsByPath(config)])
  // Where teams learn in several ways nobody can tell from here whose a setting would be.
  const isOne = Object.keys(config.team ?? {}).length === 0
  const own = isOne ? learnerDefaults(String(said.get('learner.algorithm'))) : new Map<string, unknown>()
  const settings = new Map([...defaults, ...own, ...said])
  const metrics = names.has('metrics.jsonl')
    ? inFile('metrics.jsonl', () => lastLine(join(folder, 'metrics.jsonl')) ?? {})
    : {}
  const checkpoint = names.has('checkpoints') ? newestCheckpoint(folder) : null
  const episodes = Math.max(metrics.episodes ?? 0, checkpoint?.episodes ?? 0)
  const plannedSteps = settings.get('run.steps') == null ? null : expected('number', settings, 'run.steps')
  const plannedEpisodes = plannedSteps === null ? expected('number', settings, 'run.episodes') : null
  const planned = { episodes: plannedEpisodes, steps: plannedSteps }
  const trainer = names.has('trainer.pid') ? trainerOf(folder) : null
  const teams = teamsOf(config.scenario ?? {})
  return {
    folder,
    status:
      trainer !== null && trainer.pid !== process.pid && isTraining(folder, trainer)
        ? 'running'
        : reached(planned, episodes, metrics.envSteps ?? 0) && (checkpoint === null || isOfEnd(checkpoint, planned))
          ? 'finished'
          : 'stopped',
    scenario: expected('string', settings, 'scenario.id'),
    algorithm: algorithmOf(settings, config.team ?? {}, teams),
    preset: expected('string', settings, 'run.preset'),
    seed: expected('number', settings, 'run.seed'),
    episodes,
    plannedEpisodes,
    plannedSteps,
    settings,
    metrics,
    returns: returnsByTeam(metrics, teams),
  }
}

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** The sections of a config; what is none says nothing about settings. */
function sectionsOf(config: unknown): Sections {
  if (!isRecord(config)) throw new Error('config.json: expected an object')
  return Object.fromEntries(Object.entries(config).filter(([, section]) => isRecord(section))) as Sections
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @throws Error that names the file. */
function inFile<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`)
  }
}

interface Types {
  number: number
  string: string
}

function expected<T extends keyof Types>(type: T, settings: ReadonlyMap<string, unknown>, key: string): Types[T] {
  const value = settings.get(key)
  const found: string = typeof value
  if (found === type) return value as Types[T]
  throw new Error(`config.json: ${key}: expected a ${type}, got ${JSON.stringify(value) ?? 'none'}`)
}

interface Checkpoint {
  readonly file: string
  /** That it is named after. */
  readonly episodes: number
}

/** null: there is none. */
function newestCheckpoint(folder: string): Checkpoint | null {
  const all = readdirSync(join(folder, 'checkpoints')).flatMap(name => {
    const episodes = /^(\d+)\.safetensors$/.exec(name)?.[1]
    return episodes === undefined ? [] : [{ file: join(folder, 'checkpoints', name), episodes: Number(episodes) }]
  })
  return all.reduce<Checkpoint | null>((newest, one) => (one.episodes > (newest?.episodes ?? -1) ? one : newest), null)
}

/** Whether the run was done at a checkpoint; where that cannot be read, its name counts. */
function isOfEnd({ file, episodes }: Checkpoint, planned: Length): boolean {
  if (planned.episodes !== null && episodes < planned.episodes) return false
  try {
    return wasDone(
      readCheckpoint(file, () => false),
      planned,
    )
  } catch {
    return true
  }
}

function algorithmOf(
  settings: ReadonlyMap<string, unknown>,
  players: Readonly<Record<string, unknown>>,
  teams: ReadonlyMap<string, string> | null,
): string {
  const usual = expected('string', settings, 'learner.algorithm')
  const names = teams === null ? Object.keys(players) : [...new Set(teams.values())]
  const playerOf = (said: unknown) => (isRecord(said) ? (said.algorithm ?? usual) : (said ?? usual))
  const playing = names.map(team => [team, shown(String(playerOf(players[team])))] as const)
  if (teams === null && names.length > 0) playing.push(['others', shown(usual)])
  if (playing.every(([, player]) => player === playing[0]![1])) return playing[0]?.[1] ?? shown(usual)
  return playing.map(([team, player]) => `${team}: ${player}`).join(', ')
}

/** A player in a user's file by the name of that file: what it calls itself its code alone can tell. */
function shown(player: string): string {
  return /\.[cm]?[jt]s$/.test(player) ? basename(player) : player
}

/** Where nobody knows the team of `guard_2`, it is `guard`. */
function returnsByTeam(
  metrics: Readonly<Record<string, number>>,
  teams: ReadonlyMap<string, string> | null,
): Record<string, number> {
  const byTeam = new Map<string, number[]>()
  for (const [key, value] of Object.entries(metrics)) {
    if (!key.startsWith('return/') || typeof value !== 'number') continue
    const id = key.slice('return/'.length)
    const team = teams?.get(id) ?? id.replace(/_\d+$/, '')
    byTeam.set(team, [...(byTeam.get(team) ?? []), value])
  }
  return Object.fromEntries([...byTeam].map(([team, all]) => [team, all.reduce((sum, x) => sum + x, 0) / all.length]))
}

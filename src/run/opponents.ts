// Opponents from earlier runs: a team that was trained before plays on unchanged; what it needs travels with the new run.
import { join } from 'node:path'
import { isCodeFile } from '../authoring/bundle.ts'
import { type GameDefinition, versionOf } from '../envs/game-definition.ts'
import { ConfigError, FileError } from '../errors.ts'
import { openRunFolder, type RunFolder } from '../experiment/run-folder.ts'
import type { OptionTable } from '../settings/option.ts'
import type { AgentSpec, Saved } from '../types.ts'
import { type Overrides, type RunConfig, resolveConfig } from './config/config.ts'
import { selfPlayNamed } from './config/self-play-name.ts'
import { playerNamed } from './config/team-settings.ts'
import { findGame, gameOf } from './find-game.ts'
import { isAlgorithm, type KeptPlayers, loadPlayerFile, type PlayerFile, type PlayerFiles } from './player-file.ts'
import { isBaseline } from './policies.ts'

/** A team as an earlier run left it. */
export interface Opponent {
  readonly team: string
  /** The settings that it was trained with. */
  readonly config: RunConfig
  /** What its checkpoint says, of the learners those of the team alone. */
  readonly saved: { readonly [name: string]: Saved }
  /** Users' files that it, and others of its run, were played by. */
  readonly files: PlayerFiles
}

/** Where a run keeps a copy of the team that it plays against. */
export interface KeptOpponents extends KeptPlayers {
  opponentFolder(team: string): string | undefined
}

/** The game that a team is asked to play. */
export interface OpponentGame {
  readonly definition: Pick<GameDefinition, 'id' | 'version'>
  readonly config: Pick<RunConfig, 'scenario'>
  readonly agents: readonly AgentSpec[]
}

/**
 * The team of an earlier run, ready to play in this game: as that run trained it, or as that run's own opponent.
 * @throws ConfigError at `team.<team>` naming the first difference between the games, or why that run has no such actors;
 * FileError when its checkpoint is damaged.
 */
export async function readOpponent(path: string, team: string, opponentGame: OpponentGame): Promise<Opponent> {
  const { folder, config: stored } = openRunFolder(path)
  const { id, ...options } = (stored as Overrides).scenario ?? {}
  const { definition: found } = await findGame(String(id), folder.scenarioFile)
  const config = resolveConfig({ ...(stored as Overrides), scenario: { id, ...options } }, found)
  const definition = { ...found, version: versionOf(found, options) }
  const files = await filesOf(folder, config, team)
  if (isUntaught({ config, files }, team)) {
    const { player } = files.get(team) ?? {}
    const who = player?.id ?? playerNamed(config, team)
    throw new ConfigError(`team.${team}`, `${path} has no trained ${team}: there the team was played by '${who}'`)
  }
  const saved = readLearners(path, folder.readCheckpoint)
  const agents = gameOf(config, definition)().agents
  const difference = differenceOf(
    { definition: { ...definition, version: savedVersion(saved, definition) }, config, agents },
    opponentGame,
  )
  if (difference !== null) throw new ConfigError(`team.${team}`, `${path} was trained in another game: ${difference}`)
  const kept = folder.opponentFolder(team)
  if (kept !== undefined) return await readKeptOpponent(kept, team)
  const ofTeam = new Set(agents.filter(agent => agent.team === team).map(agent => agent.id))
  const learners = Object.fromEntries(
    Object.entries(saved.learners as Record<string, Saved>).filter(([id]) => ofTeam.has(id)),
  )
  return { team, config, saved: { ...saved, learners }, files }
}

/** The copy of a team that a run keeps; it fitted when it was kept. */
export async function readKeptOpponent(path: string, team: string): Promise<Opponent> {
  const { folder, config: stored } = openRunFolder(path)
  const config = resolveConfig(stored as Overrides)
  const files = await filesOf(folder, config, team)
  return { team, config, saved: readLearners(path, folder.readCheckpoint), files }
}

/** Whether a team of the run of an opponent was played by somebody who learnt nothing. */
export function isUntaught({ config, files }: Pick<Opponent, 'config' | 'files'>, team: string): boolean {
  const file = files.get(team)
  if (file !== undefined) return !isAlgorithm(file.player)
  const who = playerNamed(config, team)
  return isBaseline(who) || selfPlayNamed(who)?.kind === 'past'
}

/** The team whose policies play a team: its own, or those that it is the same as. */
export function policyTeam(config: Pick<RunConfig, 'team' | 'learner'>, team: string): string {
  const self = selfPlayNamed(playerNamed(config, team))
  return self?.kind === 'same' ? self.of : team
}

/** The files by which the team was played, and others that are named. */
async function filesOf(folder: RunFolder, config: RunConfig, team: string): Promise<PlayerFiles> {
  const files = new Map<string, PlayerFile>()
  for (const name of new Set([team, policyTeam(config, team), ...Object.keys(config.team)])) {
    const who = playerNamed(config, name)
    if (!isCodeFile(who)) continue
    files.set(name, await loadPlayerFile(who, `team.${name}`, folder.playerFile(name)))
  }
  return files
}

/**
 * How the game that a run was trained in differs from another one, as far as its actors would notice: scenario, version, rules,
 * agents and what they see and do. Null: not at all.
 */
export function differenceOf(trained: OpponentGame, wanted: OpponentGame): string | null {
  const facts = ({ definition, config, agents }: OpponentGame): [string, unknown][] => [
    ['scenario', definition.id],
    ['version', definition.version],
    ['scenario.rules', config.scenario.rules],
    ['agents', agents.map(({ id }) => id)],
    ...agents.flatMap(({ id, team, observationParts, actionSpace }): [string, unknown][] => [
      [`team of ${id}`, team],
      [`observation of ${id}`, observationParts.map(({ name, size }) => `${name} ${size}`)],
      [`actions of ${id}`, actionSpace],
    ]),
  ]
  const [expected, got] = [facts(wanted), facts(trained)]
  for (const [index, [name, value]] of expected.entries()) {
    const other = got[index]?.[1]
    if (show(value) !== show(other)) return `expected ${name} ${show(value)}, got ${show(other)}`
  }
  return null
}

/** How the options of two scenarios differ, defaults filled in; null: not at all. */
export function optionDifference(
  options: OptionTable,
  trained: Pick<RunConfig, 'scenario'>,
  wanted: Pick<RunConfig, 'scenario'>,
): string | null {
  for (const [name, option] of Object.entries(options)) {
    const [expected, got] = [wanted, trained].map(({ scenario }) => show(scenario[name] ?? option.default))
    if (expected !== got) return `expected scenario.${name} ${expected}, got ${got}`
  }
  return null
}

/** The version of the scenario that a run was trained in; that of today where its checkpoint does not say. */
export function trainedVersion(folder: RunFolder, definition: Pick<GameDefinition, 'version'>): number {
  return savedVersion(folder.readCheckpoint(() => false) as Opponent['saved'], definition)
}

/** What a run's checkpoint keeps of its learners, and when and in which version of the scenario they had come so far. */
function readLearners(path: string, read: (wanted: (path: string) => boolean) => Saved): { [name: string]: Saved } {
  const { learners, envSteps, scenarioVersion } = (read(name => name.startsWith('learners/')) ?? {}) as Record<
    string,
    Saved
  >
  if (learners === undefined)
    throw new FileError(join(path, 'checkpoints'), 'no learners were saved in it; train longer')
  return { learners, envSteps: envSteps ?? 0, scenarioVersion: scenarioVersion ?? null }
}

/** Checkpoints of old do not say it. */
function savedVersion({ scenarioVersion }: Opponent['saved'], { version }: Pick<GameDefinition, 'version'>): number {
  return typeof scenarioVersion === 'number' ? scenarioVersion : version
}

function show(value: unknown): string {
  if (Array.isArray(value) && value.every(item => typeof item === 'string')) return value.join(', ')
  return value === undefined ? 'none' : typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
}

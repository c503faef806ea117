// From settings to a plan: the game, who plays it, and every value; nothing is built yet and nothing is trained.

import { shortNames } from '../algorithms/index.ts'
import type { KeptSource } from '../authoring/kept-source.ts'
import { allowHooks, playedHere } from '../authoring/played-here.ts'
import { agentsOf } from '../envs/game-agents.ts'
import { type GameDefinition, versionOf } from '../envs/game-definition.ts'
import { ConfigError } from '../errors.ts'
import { refuseWrongBest } from '../experiment/keep-best.ts'
import type { Algorithm } from '../learning/algorithm.ts'
import { refuseUnfitActors, withGamesForActors } from './actors/fitting-actors.ts'
import { type Overrides, presetNamed, type RunConfig, refuseWrongSections, resolveConfig } from './config/config.ts'
import { oldKeysIn, translated } from './config/old-keys.ts'
import { spelledOut, withoutShortNames } from './config/short-names.ts'
import {
  type Described,
  pathOf,
  refusePresetForOthers,
  refuseUnknownSettings,
  type SettingsByTeam,
  settingsOf,
  settled,
  withSetting,
} from './config/team-settings.ts'
import { defaultCapacity, readsState, refuseTooSmall } from './experience.ts'
import { type FoundGame, findGame, gameOf, optionsIn } from './find-game.ts'
import { withFittingCritics } from './fitting-critics.ts'
import type { KeptOpponents } from './opponents.ts'
import { namesPlayerFile, type PlayerFiles, refuseTakenId, withWholePaths } from './player-file.ts'
import { algorithms, filesOf, learnersOf, type Players, playersOf, writtenOf } from './players.ts'
import { pastPlay } from './self-play.ts'

/** What a run folder keeps of what came from elsewhere. */
export interface Kept extends KeptOpponents {
  readonly scenarioFile: string | undefined
}

export interface RunPlan {
  /** Complete but for options of the game, in the one form that equal settings have: see `settled`. */
  readonly config: RunConfig
  /** Its `version` is that of the game with these options. */
  readonly definition: GameDefinition
  /** Where the scenario came from when it is a user's file; null: it ships with marlstrom. */
  readonly source: KeptSource | null
  /** The code of that file as it is played. */
  readonly bundle: FoundGame['bundle']
  readonly players: Players
  /** Keys of older versions in what was given, which was read by their names of today. */
  readonly oldKeys: readonly string[]
  /** What there is to say of values that follow from the game; null: nothing. */
  readonly remark: string | null
  /** By team, of those that learn: the value of each option of its algorithm. */
  readonly teamSettings: SettingsByTeam
  /** Users' files that teams are played by. */
  readonly files: PlayerFiles
  /** All that settings of teams may be of: those that play first. */
  readonly described: readonly Described[]
}

/** Algorithms by their ids. */
export type Algorithms = Readonly<Record<string, Algorithm>>

/** Every setting with its value by section and key, the options of the scenario included. */
export type CompleteSettings = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/**
 * Finds the game and the players and settles every value: for each team the defaults of its algorithm, what the preset says of that
 * algorithm, what is given for all learners, what is given for the team. `known`: the algorithms that there are, by id; `short`: short names
 * of them.
 * @throws ConfigError with the path of the first wrong setting, FileError when the file of the scenario, of a player or an opponent cannot
 * be loaded.
 */
export async function planRun(
  given: Overrides,
  kept?: Kept,
  known: Algorithms = algorithms,
  short = shortNames,
): Promise<RunPlan> {
  refuseUnfounded(given, known)
  const { scenario, run } = resolveConfig(given)
  const { id, definition: found, source, bundle } = await findGame(scenario.id, kept?.scenarioFile, run.hookSeconds)
  playedHere.seed = run.seed
  const own = withWholePaths(translated(given))
  const resolved = resolveConfig({ ...own, scenario: { ...own.scenario, id } }, found)
  const named = withGamesForActors(resolved, [own, presetNamed(own.run?.preset).settings])
  const game = gameOf(named, found)()
  const definition = { ...found, version: versionOf(found, optionsIn(named)) }
  const agents = agentsOf(game)
  const asGiven = withoutShortNames(named, [...new Set(agents.map(({ team }) => team))], short)
  if (namesPlayerFile(own)) {
    allowHooks(run.hookSeconds)
    playedHere.agentIds?.(agents.map(agent => agent.id))
  }
  const players = await playersOf(definition, game, asGiven, kept, known)
  const learning = learnersOf(players)
  const preset = presetNamed(run.preset)
  const written = writtenOf(players)
  const described = [...new Set<Described>([...learning.values(), ...written.values(), ...Object.values(known)])]
  const algorithmsKnown = described.filter(one => ![...written.values()].includes(one))
  const settledWhole = { ...asGiven, ...settled(asGiven, learning, algorithmsKnown, preset, written) }
  // A run that began otherwise stays what it is.
  const fits = kept !== undefined || game.stateParts === undefined
  const { config: whole, remark } = fits
    ? { config: settledWhole, remark: null }
    : withFittingCritics(agents, players, settledWhole, spelledOut(own, short))
  const asked = own.replay?.capacity ?? preset.settings.replay?.capacity
  const settingsIn = (of: RunConfig) =>
    new Map([...learning].map(([team, algorithm]) => [team, settingsOf(algorithm, of, team)]))
  const stateParts = readsState(settingsIn(whole)) ? game.stateParts : undefined
  const capacity = asked === undefined ? defaultCapacity(agents, players, whole, stateParts) : whole.replay.capacity
  const waits = [own, preset.settings].some(saysUpdateAfter) || asked !== undefined
  const config = waits ? withCapacity(whole, capacity) : filledFirst(withCapacity(whole, capacity))
  const teamSettings = settingsIn(config)
  const files = filesOf(players)
  const plan = {
    config,
    definition,
    source,
    bundle,
    players,
    teamSettings,
    files,
    described,
    oldKeys: oldKeysIn(given),
    remark,
  }
  refuseSharedDraws(plan)
  refuseUnfitActors(plan)
  // What an earlier run was trained with can still be evaluated.
  if (kept === undefined) {
    refusePresetForOthers(run.preset, preset, learning)
    refuseUntrainable(plan)
  }
  return plan
}

function withCapacity(config: RunConfig, capacity: number): RunConfig {
  return { ...config, replay: { ...config.replay, capacity } }
}

/** Where nobody says otherwise, the first update round does not wait for more transitions than 2 GB hold. */
function filledFirst(config: RunConfig): RunConfig {
  const { capacity } = config.replay
  return Number(config.learner.updateAfter) > capacity ? withSetting(config, 'updateAfter', capacity) : config
}

function saysUpdateAfter({ learner = {}, team = {} }: Overrides): boolean {
  return [learner, ...Object.values(team)].some(said => Object.hasOwn(Object(said), 'updateAfter'))
}

/**
 * What can be told of settings before their game is known. Which settings there are the file of a player alone can tell.
 * @throws ConfigError with the path of the first wrong one; that there is no scenario is said last
 */
export function refuseUnfounded(given: Overrides, known: Algorithms = algorithms): void {
  refuseWrongSections(given)
  if (!namesPlayerFile(given)) refuseUnknownSettings(translated(given), [...Object.values(known), pastPlay])
}

/** Those that ship and those of a program. @throws ConfigError at `algorithms.<id>` for an id that is taken, or not the algorithm's own */
export function withOwn(beside: Algorithms): Algorithms {
  for (const [id, algorithm] of Object.entries(beside)) {
    refuseTakenId(id, `algorithms.${id}`)
    if (algorithm.id === id) continue
    throw new ConfigError(`algorithms.${id}`, `expected the algorithm under its own id, '${algorithm.id}'`)
  }
  return { ...algorithms, ...beside }
}

/** @throws ConfigError for settings with which nothing could be learnt, or no best actors be chosen */
export function refuseUntrainable(plan: Pick<RunPlan, 'config' | 'definition' | 'teamSettings'>): void {
  refuseTooSmall(plan)
  refuseWrongBest(plan.config.run, gameOf(plan.config, plan.definition)().agents)
}

/** The settings of a plan with nothing left unsaid: laid over the layers that they came from, they give the same plan. */
export function completeSettings({ config, definition }: Pick<RunPlan, 'config' | 'definition'>): CompleteSettings {
  const { id, ...options } = config.scenario
  const standard = Object.entries(definition.options).map(([name, option]) => [name, option.default] as const)
  return { ...config, scenario: { id, ...Object.fromEntries(standard), ...options } }
}

/** A sub-policy learns from what it did itself: there is no batch for all of a round. */
function refuseSharedDraws({ config, teamSettings }: Pick<RunPlan, 'config' | 'teamSettings'>): void {
  for (const [team, { subPolicies = 1, draws = 'agent' }] of teamSettings) {
    if (subPolicies === 1 || draws === 'agent') continue
    throw new ConfigError(
      pathOf(config, team, 'draws'),
      `expected 'agent' with ${pathOf(config, team, 'subPolicies')} ${subPolicies}, whose sub-policies learn from batches of their ` +
        `own, got '${draws}'`,
    )
  }
}

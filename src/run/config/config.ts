// RunConfig: every setting of a run by the section that it belongs to, and how layers of settings are laid over one another.
import { type GameDefinition, knownOptions } from '../../envs/game-definition.ts'
import { ConfigError, unknownName } from '../../errors.ts'
import { type OptionTable, type OptionValues, refuseIllegal, text } from '../../settings/option.ts'
import { translated } from './old-keys.ts'
import { type Preset, presets, trainingDefaults } from './presets.ts'
import { type networkOptions, type replayOptions, type runOptions, sectionOptions } from './section-options.ts'

/** What is said of one team: who plays it, and values of that algorithm's settings for it alone. */
export interface TeamSettings {
  /** Absent: learner.algorithm. */
  readonly algorithm?: string
  readonly [option: string]: unknown
}

/** Every setting of a run. That of a plan is complete: see `planRun`. */
export interface RunConfig {
  /** The options of the game beside its id are checked by the game itself. */
  readonly scenario: { readonly id: string; readonly [option: string]: unknown }
  /**
   * Who plays a team, by its name: an algorithm, `random`, `noop`, `scripted`, the folder of a run whose actors play on unchanged, or a
   * file with an algorithm or a policy; or a record with settings for that team alone.
   */
  readonly team: Readonly<Record<string, string | TeamSettings>>
  /** How all teams learn of which `team` says nothing, and settings of every team whose algorithm has them. */
  readonly learner: { readonly algorithm: string; readonly [option: string]: unknown }
  readonly replay: OptionValues<typeof replayOptions>
  readonly network: OptionValues<typeof networkOptions>
  readonly run: OptionValues<typeof runOptions>
}

export const sections = ['scenario', 'learner', 'team', 'replay', 'network', 'run'] as const
export type Section = (typeof sections)[number]
/** Some settings, by section and key; of a team also by name, key and key. */
export type Overrides = { readonly [S in Section]?: Readonly<Record<string, unknown>> }

/** How agents learn where nothing is said. */
export const usualAlgorithm = text('maddpg', 'how agents learn: see the list of algorithms; or a file with one')

/**
 * The config: defaults, then those of training runs and of the preset, then the overrides. What the first two say about the scenario
 * counts where `game` has such an option. Settings of `learner` and `team` stay as they are given: which there are, and what they are by
 * default, is for the algorithms of a game's teams to say (`planRun`).
 * @throws ConfigError with the path of the first wrong key, and the nearest known name.
 */
export function resolveConfig(given: Overrides, game?: Pick<GameDefinition, 'options'>): RunConfig {
  refuseWrongSections(given)
  const own = translated(given)
  const preset = presetNamed(own.run?.preset)
  const below = layer(trainingDefaults, preset.settings)
  const scenario = game === undefined ? below.scenario : knownOptions(game, below.scenario ?? {})
  const { learner: _, ...base } = below
  const settings = layer({ ...base, ...(scenario === undefined ? {} : { scenario }) }, own)
  const usual = preset.algorithms?.[0] ?? usualAlgorithm.default
  const learner = withoutUndefined({ algorithm: usual, ...withoutUndefined(settings.learner ?? {}) })
  refuseIllegal(usualAlgorithm, learner.algorithm, 'learner.algorithm')
  const found = {
    learner: learner as RunConfig['learner'],
    team: teamsOf(settings.team ?? {}),
    replay: sectionOf('replay', settings),
    network: sectionOf('network', settings),
    run: withLength(settings.run ?? {}, own.run ?? {}),
  }
  return { scenario: scenarioOf(settings.scenario ?? {}), ...found } as RunConfig
}

/**
 * How many episodes a run is long.
 * @throws ConfigError where its length is given in steps: for whoever counts in episodes
 */
export function episodesOf({ run }: Pick<RunConfig, 'run'>): number {
  if (run.episodes !== null) return run.episodes
  throw new ConfigError('run.steps', 'the length is counted in episodes here; say run.episodes in its place')
}

/** @throws ConfigError naming the nearest known one */
export function presetNamed(name: unknown = 'openai'): Preset {
  if (Object.hasOwn(presets, String(name))) return presets[String(name)]!
  throw new ConfigError('run.preset', unknownName('preset', String(name), Object.keys(presets)))
}

/**
 * `overrides` laid over `base`, section by section, keys of old as those of today. A player's name replaces all that was said of its team;
 * a record is laid over it. The length of a run is one number: run.steps or run.episodes, whichever is given last.
 */
export function layer(base: Overrides, overrides: Overrides): Overrides {
  const [below, above] = [translated(base), translated(overrides)]
  const names = new Set([...Object.keys(below), ...Object.keys(above)]) as Set<Section>
  return Object.fromEntries([...names].map(name => [name, merge(name, below[name], above[name])]))
}

/** Parses `key=value` settings, `learner.gamma=0.9`; values are JSON where they can be, else text. */
export function parseSettings(settings: readonly string[]): Overrides {
  return settings.map(parseSetting).reduce(layer, {})
}

/** One of them, under the name that it is given. @throws ConfigError where it is none */
export function parseSetting(setting: string): Overrides {
  const match = /^([^.=]+\.[^=]+)=(.*)$/s.exec(setting)
  if (match !== null) return settingAt(match[1]!, parseValue(match[2]!))
  throw new ConfigError('--set', `expected section.key=value like learner.gamma=0.9, got '${setting}'`)
}

/** One setting by its path, `learner.gamma`, `team.agent.gamma`, `network.critic.hidden`; of a team and of a kind of network, what follows the last dot is the key. */
export function settingAt(path: string, value: unknown): Overrides {
  const dot = path.indexOf('.')
  const [section, key] = [path.slice(0, dot), path.slice(dot + 1)]
  const last = section === 'team' || section === 'network' ? key.lastIndexOf('.') : -1
  const inner = last < 0 ? [[key, value]] : [[key.slice(0, last), Object.fromEntries([[key.slice(last + 1), value]])]]
  return Object.fromEntries([[section, Object.fromEntries(inner)]])
}

function merge(section: Section, base: unknown, over: unknown): never {
  if (over === undefined) return base as never
  // Sections that are no records are left to be refused.
  if (!isRecord(base) || !isRecord(over)) return over as never
  if (section === 'team') return mergeTeams(base, over) as never
  const merged = section === 'network' ? mergeParts(base, over) : { ...base, ...over }
  if (section !== 'run') return merged as never
  const given = (key: string) => over[key] !== undefined && over[key] !== null
  if (given('steps') && !given('episodes')) return { ...merged, episodes: null } as never
  return (given('episodes') && !given('steps') ? { ...merged, steps: null } : merged) as never
}

/** What is said of a kind of network is laid over what was said of it. */
function mergeParts(base: Readonly<Record<string, unknown>>, over: Readonly<Record<string, unknown>>) {
  const parts = Object.entries(over).map(([key, said]) => {
    return [key, isRecord(said) && isRecord(base[key]) ? { ...base[key], ...said } : said]
  })
  return { ...base, ...Object.fromEntries(parts) }
}

function mergeTeams(base: Readonly<Record<string, unknown>>, over: Readonly<Record<string, unknown>>) {
  const teams = Object.entries(over).map(([team, said]) => {
    const before = Object.hasOwn(base, team) ? base[team] : undefined
    if (said === undefined) return [team, before]
    if (!isRecord(said)) return [team, said]
    return [team, { ...(isRecord(before) ? before : typeof before === 'string' ? { algorithm: before } : {}), ...said }]
  })
  return Object.fromEntries([...Object.entries(base), ...teams])
}

/**
 * What can be told of settings without their game: sections, keys that no game and no algorithm brings, and names of JavaScript's own.
 * @throws ConfigError with the path of the first wrong one
 */
export function refuseWrongSections(given: Overrides): void {
  refusePrototypeKeys(given, [])
  const own = translated(given)
  for (const [section, keys] of Object.entries(own)) {
    if (!sections.includes(section as Section))
      throw new ConfigError(section, unknownName('section', section, sections))
    if (keys !== undefined && !isRecord(keys))
      throw new ConfigError(section, `expected a record of settings, got ${show(keys)}`)
    if (Object.hasOwn(sectionOptions, section)) sectionOf(section as keyof typeof sectionOptions, own)
  }
  teamsOf(own.team ?? {})
}

/** The complete values of a section. */
function sectionOf(section: keyof typeof sectionOptions, given: Overrides): Record<string, unknown> {
  const table: OptionTable = sectionOptions[section]
  const values = given[section] ?? {}
  const unknown = Object.keys(values).find(key => !Object.hasOwn(table, key))
  if (unknown !== undefined) {
    throw new ConfigError(`${section}.${unknown}`, unknownName('key', unknown, Object.keys(table)))
  }
  return Object.fromEntries(
    Object.entries(table).map(([key, option]) => {
      const value = values[key] === undefined ? option.default : values[key]
      refuseIllegal(option, value, `${section}.${key}`)
      return [key, value]
    }),
  )
}

/** The run's own settings, of whose two lengths one is null. */
function withLength(settings: Readonly<Record<string, unknown>>, given: Readonly<Record<string, unknown>>) {
  const run = sectionOf('run', { run: settings })
  if (given.steps != null && given.episodes != null) {
    throw new ConfigError('run.steps', 'expected run.steps or run.episodes, got both; leave one out')
  }
  if (run.steps === null && run.episodes === null) {
    throw new ConfigError('run.episodes', 'expected a whole number of at least 1, or run.steps in its place, got null')
  }
  return run.steps === null ? run : { ...run, episodes: null }
}

function teamsOf(given: Readonly<Record<string, unknown>>): RunConfig['team'] {
  const teams = Object.entries(given).filter(([, said]) => said !== undefined)
  for (const [team, said] of teams) {
    const isPlayer = typeof said === 'string' || (isRecord(said) && /^(string|undefined)$/.test(typeof said.algorithm))
    if (isPlayer) continue
    const inRecord = isRecord(said)
    throw new ConfigError(
      inRecord ? `team.${team}.algorithm` : `team.${team}`,
      `expected ${inRecord ? 'the name of an algorithm' : 'a player, or a record of settings of the team'}, got ${show(inRecord ? said.algorithm : said)}`,
    )
  }
  return Object.fromEntries(
    teams.map(([team, said]) => [team, isRecord(said) ? withoutUndefined(said) : said]),
  ) as RunConfig['team']
}

/** Said last: what else is wrong with settings says more about them. */
function scenarioOf(scenario: Readonly<Record<string, unknown>>): RunConfig['scenario'] {
  if (typeof scenario.id === 'string') return withoutUndefined(scenario) as RunConfig['scenario']
  throw new ConfigError('scenario.id', `expected the id of a scenario or a file, got ${show(scenario.id)}`)
}

function withoutUndefined(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}

function parseValue(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

/** The names of JavaScript's own objects: records drop them silently, or pass them on to the next merge. */
function refusePrototypeKeys(value: unknown, path: readonly string[]): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    if (/^(__proto__|constructor|prototype)$/.test(key)) {
      const at = [...path, key].join('.')
      throw new ConfigError(at, `unknown key '${key}'; leave it out`)
    }
    refusePrototypeKeys(inner, [...path, key])
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'none'
}

// The settings of each team: which values of an algorithm's options hold for it, where they stand in a config, and where they came from.

import { ConfigError, unknownName } from '../../errors.ts'
import { type OptionTable, refuseIllegal } from '../../settings/option.ts'
import { canonicalJson } from '../../text/canonical-json.ts'
import type { Overrides, RunConfig, TeamSettings } from './config.ts'
import type { Preset } from './presets.ts'
import { selfPlayNamed } from './self-play-name.ts'

/** What settings need to know of an algorithm. */
export interface Described {
  readonly id: string
  readonly options: OptionTable
}

/** A value for each of an algorithm's options. */
export type Settings = Readonly<Record<string, unknown>>

/** Who plays a team by name: an algorithm, `random`, the folder of a run. */
export function playerNamed({ team, learner }: Pick<RunConfig, 'team' | 'learner'>, name: string): string {
  const said = Object.hasOwn(team, name) ? team[name]! : {}
  return typeof said === 'string' ? said : (said.algorithm ?? learner.algorithm)
}

/** What a config says of one team alone. */
export function ownSettings({ team }: Pick<RunConfig, 'team'>, name: string): Settings {
  const said = Object.hasOwn(team, name) ? team[name]! : {}
  if (typeof said === 'string') return {}
  const { algorithm: _, ...own } = said
  return own
}

/**
 * The values of an algorithm's options for a team: what the config says of the team, else of all (`learner`), else what `below` says, else
 * the algorithm's default.
 * @throws ConfigError at `team.<team>.<option>` or `learner.<option>` for a value that is not legal
 */
export function settingsOf(
  { options }: Described,
  config: Pick<RunConfig, 'team' | 'learner'>,
  team: string,
  below: Settings = {},
): Settings {
  const own = ownSettings(config, team)
  const places: readonly [string, Settings][] = [
    [`team.${team}`, own],
    ['learner', config.learner],
    ['learner', below],
  ]
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => {
      const found = places.find(([, record]) => valueIn(record, name) !== undefined)
      const value = found === undefined ? option.default : found[1][name]
      refuseIllegal(option, value, `${found?.[0] ?? 'learner'}.${name}`)
      return [name, value]
    }),
  )
}

/** A config in which nothing is said but of each team alone. */
export function ownAlone({ team, learner }: Pick<RunConfig, 'team' | 'learner'>): Pick<RunConfig, 'team' | 'learner'> {
  return { team, learner: { algorithm: learner.algorithm } }
}

/** The complete settings of teams that learn, by their names. */
export type SettingsByTeam = ReadonlyMap<string, Settings>

/** Where the value of a learner's setting stands in a complete config: `learner.gamma` or `team.agent.gamma`. */
export function pathOf(config: Pick<RunConfig, 'team'>, team: string, name: string): string {
  return Object.hasOwn(ownSettings(config, team), name) ? `team.${team}.${name}` : `learner.${name}`
}

/** The config with another value of a setting for every team that has it. */
export function withSetting(config: RunConfig, name: string, value: unknown): RunConfig {
  const team = Object.entries(config.team).map(([team, said]) => {
    return [team, typeof said !== 'string' && Object.hasOwn(said, name) ? { ...said, [name]: value } : said]
  })
  const learner = Object.hasOwn(config.learner, name) ? { ...config.learner, [name]: value } : config.learner
  return { ...config, learner, team: Object.fromEntries(team) }
}

function valueIn(record: Settings, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

/**
 * The settings of learners in their one form: a value stands in `learner` where all teams that have such a setting agree, else with each of
 * those teams. Each is complete.
 * @param learners How teams learn, by name.
 * @param known All algorithms.
 * @param written Policies that users wrote, by the team that they play: all of their settings stand with the team.
 * @throws ConfigError for a setting that no team's algorithm has, naming those that have it, and for values that are not legal
 */
export function settled(
  config: Pick<RunConfig, 'team' | 'learner'>,
  learners: ReadonlyMap<string, Described>,
  known: readonly Described[],
  preset: Preset,
  written: ReadonlyMap<string, Described> = new Map(),
): Pick<RunConfig, 'team' | 'learner'> {
  refuseForeign(config, learners, known, written)
  const values = [...learners].map(([team, algorithm]) => {
    try {
      const own = settingsOf(algorithm, config, team, presetFor(preset, algorithm))
      refuseWithoutNeeded(algorithm, own, config, team)
      return [team, own] as const
    } catch (error) {
      // Another team's algorithm may have such a setting with other bounds.
      if (!(error instanceof ConfigError) || new Set(learners.values()).size === 1) throw error
      const sentence = error.message.slice(error.path.length + 2)
      throw new ConfigError(error.path, `${sentence} (by which ${algorithm.id} of team ${team} learns)`)
    }
  })
  const names = new Set(values.flatMap(([, own]) => Object.keys(own)))
  const learner: Record<string, unknown> = { algorithm: config.learner.algorithm }
  const apart = new Map<string, Settings>()
  for (const name of names) {
    const having = values.filter(([, own]) => Object.hasOwn(own, name))
    if (new Set(having.map(([, own]) => canonicalJson(own[name]))).size === 1) learner[name] = having[0]![1][name]
    else for (const [team, own] of having) apart.set(team, { ...apart.get(team), [name]: own[name] })
  }
  for (const [team, policy] of written) {
    const values = settingsOf(policy, ownAlone(config), team)
    if (Object.keys(values).length > 0) apart.set(team, values)
  }
  const named = new Set([...Object.keys(config.team), ...learners.keys()])
  const team = [...named].flatMap((name): [string, string | TeamSettings][] => {
    const said = Object.hasOwn(config.team, name) ? config.team[name]! : {}
    const algorithm = typeof said === 'string' ? said : said.algorithm
    const own = apart.get(name)
    if (own === undefined) return algorithm === undefined ? [] : [[name, algorithm]]
    return [[name, { ...(algorithm === undefined ? {} : { algorithm }), ...own }]]
  })
  return { team: Object.fromEntries(team), learner: learner as RunConfig['learner'] }
}

/** What a preset says of learners by this algorithm. */
export function presetFor({ algorithms, settings }: Preset, { id }: Described): Settings {
  return algorithms === null || algorithms.includes(id) ? (settings.learner ?? {}) : {}
}

/** @throws ConfigError where a preset is for algorithms by which no team learns */
export function refusePresetForOthers(
  name: string,
  { algorithms }: Preset,
  learners: ReadonlyMap<string, Described>,
): void {
  const used = [...new Set([...learners.values()].map(({ id }) => id))]
  if (algorithms === null || used.some(id => algorithms.includes(id))) return
  throw new ConfigError(
    'run.preset',
    `${name} is for ${algorithms.join(', ')}, by which no team learns (${used.join(', ')}); choose that algorithm, or leave the preset out`,
  )
}

/** @throws ConfigError for a flag that is true and changes nothing, as the one that it needs is false */
function refuseWithoutNeeded(
  { options }: Described,
  values: Settings,
  config: Pick<RunConfig, 'team'>,
  team: string,
): void {
  for (const [name, { needs }] of Object.entries(options)) {
    if (needs === undefined || values[name] !== true || values[needs] === true) continue
    const isOwn = [name, needs].some(each => Object.hasOwn(ownSettings(config, team), each))
    const needed = `${isOwn ? `team.${team}` : 'learner'}.${needs}`
    throw new ConfigError(
      pathOf(config, team, name),
      `expected ${needed}=true beside it, got false, with which it changes nothing; set that too, or leave '${name}' out`,
    )
  }
}

/** Settings that nobody's algorithm has. */
function refuseForeign(
  config: Pick<RunConfig, 'team' | 'learner'>,
  learners: ReadonlyMap<string, Described>,
  known: readonly Described[],
  written: ReadonlyMap<string, Described>,
): void {
  const used = [...new Set(learners.values())]
  for (const [name, value] of Object.entries(config.learner)) {
    if (name === 'algorithm' || value === undefined || used.some(has(name))) continue
    throw foreign(`learner.${name}`, name, used, known)
  }
  for (const team of Object.keys(config.team)) {
    const algorithm = learners.get(team) ?? written.get(team)
    for (const name of Object.keys(ownSettings(config, team))) {
      if (algorithm === undefined) {
        const who = playerNamed(config, team)
        const as = selfPlayNamed(who)?.of
        throw new ConfigError(
          `team.${team}.${name}`,
          as === undefined
            ? `the team is played by ${who}, which does not learn here; leave '${name}' out`
            : `the team is played by the policies of ${as}; say team.${as}.${name}, or leave '${name}' out`,
        )
      }
      if (!has(name)(algorithm)) throw foreign(`team.${team}.${name}`, name, [algorithm], known)
    }
  }
}

const has =
  (name: string) =>
  ({ options }: Described): boolean =>
    Object.hasOwn(options, name)

/** `ppo has no tau; maddpg, ddpg, masac have` */
function foreign(path: string, name: string, used: readonly Described[], known: readonly Described[]): ConfigError {
  const who = used.map(({ id }) => id)
  const having = known.filter(has(name)).map(({ id }) => id)
  if (having.length > 0) {
    const [no, yes] = [who.length === 1 ? 'has' : 'have', having.length === 1 ? 'has' : 'have']
    return new ConfigError(path, `${who.join(', ')} ${no} no '${name}'; ${having.join(', ')} ${yes}`)
  }
  const names = [...new Set(used.flatMap(({ options }) => Object.keys(options)))]
  return new ConfigError(path, unknownName('key', name, ['algorithm', ...names]))
}

/**
 * Settings of learners of which it can be told without a game that no algorithm has them.
 * @throws ConfigError naming the nearest that one has
 */
export function refuseUnknownSettings(given: Overrides, known: readonly Described[]): void {
  const places: [string, unknown][] = [
    ['learner', given.learner],
    ...Object.entries(given.team ?? {}).map(([team, said]): [string, unknown] => [`team.${team}`, said]),
  ]
  for (const [place, said] of places) {
    if (typeof said !== 'object' || said === null) continue
    const unknown = Object.keys(said).find(name => name !== 'algorithm' && !known.some(has(name)))
    if (unknown !== undefined) throw foreign(`${place}.${unknown}`, unknown, known, known)
  }
}

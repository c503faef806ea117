// Layers of settings, the later winning: where each value of a config came from, and where a wrong one stands.

import { ConfigError } from '../../errors.ts'
import type { CompleteSettings, RunPlan } from '../plan.ts'
import { learnersOf, writtenOf } from '../players.ts'
import { layer, type Overrides } from './config.ts'
import { oldPaths, translated } from './old-keys.ts'
import { presets, trainingDefaults } from './presets.ts'
import { spelledOut } from './short-names.ts'
import { presetFor } from './team-settings.ts'

/** Some settings, and where they came from. */
export interface Layer {
  /** As it is shown: `file conf.yaml`, `--seed`, `--set`. */
  readonly source: string
  readonly overrides: Overrides
  /** `conf.yaml:3:5`: where the longest known part of a path stands in a file; undefined: nowhere. */
  place?(path: readonly string[]): string | undefined
}

/** Layers as one. */
export function flatten(layers: readonly Layer[]): Overrides {
  return layers.reduce<Overrides>((below, { overrides }) => layer(below, overrides), {})
}

/** By section and key, of what is said of one team by its keys too: where a value came from. */
export type Sources = Readonly<Record<string, Readonly<Record<string, string | Readonly<Record<string, string>>>>>>

/**
 * Where every value came from: the last layer that names it, else `preset modern`, else `default of training`, else `default`, of a
 * learner's setting `default of masac`. Where teams agree on a value for different reasons, all of them.
 */
export function sourcesOf(
  settings: CompleteSettings,
  { config, players }: Pick<RunPlan, 'config' | 'players'>,
  layers: readonly Layer[],
): Sources {
  const { preset: name } = config.run
  const preset = presets[name]!
  const asSaid = layers.map(({ source, overrides }) => ({ source, overrides: translated(overrides) }))
  const given = asSaid.map(({ source, overrides }) => ({ source, overrides: spelledOut(overrides) }))
  const { learner: _, ...ofPreset } = preset.settings
  const usual = preset.algorithms === null ? {} : { learner: { algorithm: preset.algorithms[0] } }
  const named = [
    { source: 'default of training', overrides: trainingDefaults as Overrides },
    { source: `preset ${name}`, overrides: { ...ofPreset, ...usual } as Overrides },
    ...given,
  ]
  const learners = learnersOf(players)
  const written = writtenOf(players)
  const sourceAt = (...path: string[]) =>
    named.findLast(({ overrides }) => valueAt(overrides, path) !== undefined)?.source ?? 'default'
  const learnerSource = (team: string, key: string): string => {
    const algorithm = learners.get(team) ?? written.get(team)!
    // A player's name in a later layer puts an end to what earlier ones said of the team.
    const since = given.slice(
      Math.max(
        0,
        asSaid.findLastIndex(({ overrides }) => isName(valueAt(overrides, ['team', team]))),
      ),
    )
    const own = since.findLast(({ overrides }) => valueAt(overrides, ['team', team, key]) !== undefined)
    if (own !== undefined) return own.source
    // What is said of all learners is nothing to a policy that a user wrote.
    if (written.has(team)) return `default of ${algorithm.id}`
    // A short name of learner.algorithm speaks of those alone who learn by it.
    const isNamed = given.some(({ overrides }) => valueAt(overrides, ['team', team, 'algorithm']) !== undefined)
    const isPlayer = isNamed || asSaid.some(({ overrides }) => isName(valueAt(overrides, ['team', team])))
    const ofAll = (isPlayer ? asSaid : given).findLast(
      ({ overrides }) => valueAt(overrides, ['learner', key]) !== undefined,
    )
    if (ofAll !== undefined) return ofAll.source
    return Object.hasOwn(presetFor(preset, algorithm), key) ? `preset ${name}` : `default of ${algorithm.id}`
  }
  const together = (key: string): string => {
    const having = [...learners].filter(([, { options }]) => Object.hasOwn(options, key))
    const sources = new Set(having.map(([team]) => learnerSource(team, key)))
    return [...sources].join(', ').replaceAll(', default of ', ', ')
  }
  const ofTeam = (team: string, said: unknown) => {
    const player = named.findLast(({ overrides }) => {
      const value = valueAt(overrides, ['team', team])
      return isName(value) || valueAt(overrides, ['team', team, 'algorithm']) !== undefined
    })
    const source = player?.source ?? 'default'
    if (typeof said !== 'object' || said === null) return source
    return Object.fromEntries(
      Object.keys(said).map(key => [key, key === 'algorithm' ? source : learnerSource(team, key)]),
    )
  }
  const sourceOf = (section: string, key: string, value: unknown) => {
    if (section === 'team') return ofTeam(key, value)
    if (section === 'learner' && key !== 'algorithm') return together(key)
    // Who gives a run one of its two lengths takes the other away.
    const other = section === 'run' && value === null ? { episodes: 'steps', steps: 'episodes' }[key] : undefined
    const own = sourceAt(section, key)
    return other !== undefined && own !== 'default' ? sourceAt(section, other) : own
  }
  return Object.fromEntries(
    Object.entries(settings).map(([section, keys]) => [
      section,
      Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, sourceOf(section, key, value)])),
    ]),
  )
}

/** Runs `attempt`; a ConfigError about a setting of a file says file, line and column too. */
export async function placed<T>(layers: readonly Layer[], attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    // A file may call it as an older version did.
    for (const path of [error.path, ...oldPaths(error.path)].map(path => path.split('.'))) {
      const named = path.slice(0, path[0] === 'team' ? 3 : 2)
      const origin = layers.findLast(({ overrides }) => has(overrides, named)) ?? lastThatNames(layers, named)
      const place = origin?.place?.(path)
      if (place !== undefined) throw new ConfigError(place, error.message)
    }
    throw error
  }
}

/** The layer with the last word on who plays a team of which a setting is wrong. */
function lastThatNames(layers: readonly Layer[], [section, team, key]: readonly string[]): Layer | undefined {
  if (section !== 'team' || key === undefined) return undefined
  return layers.findLast(({ overrides }) => has(overrides, [section, team!]))
}

function has(overrides: Overrides, path: readonly string[]): boolean {
  return path.length === 1 ? Object.hasOwn(overrides, path[0]!) : valueAt(overrides, path) !== undefined
}

/** The value that a layer gives for a path, its own or none. */
function valueAt(overrides: Overrides, path: readonly string[]): unknown {
  return path.reduce<unknown>((record, key) => {
    const isRecord = typeof record === 'object' && record !== null && !Array.isArray(record)
    return isRecord && Object.hasOwn(record, key) ? (record as Record<string, unknown>)[key] : undefined
  }, overrides)
}

function isName(value: unknown): boolean {
  return typeof value === 'string'
}

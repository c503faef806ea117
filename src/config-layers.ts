// Layers of settings, the later winning: where each value of a config came from, and where a wrong one stands.
import { layer, type Overrides, presets, type Section } from './config.ts'
import { ConfigError } from './errors.ts'
import type { CompleteSettings, RunPlan } from './plan.ts'
import { algorithmsOf, defaultsApart } from './players.ts'

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

/**
 * Where every value came from, by section and key: the last layer that names it, else `preset openai`, else `algorithm masac`, else
 * `default`.
 */
export function sourcesOf(
  settings: CompleteSettings,
  { config, players }: Pick<RunPlan, 'config' | 'players'>,
  layers: readonly Layer[],
): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const { preset } = config.run
  const named: readonly Layer[] = [
    ...algorithmsOf(players).map(algorithm => ({
      source: `algorithm ${algorithm.id}`,
      overrides: defaultsApart(algorithm) as Overrides,
    })),
    { source: `preset ${preset}`, overrides: presets[preset]! },
    ...layers,
  ]
  const sourceOf = (section: Section, key: string) =>
    named.findLast(({ overrides }) => valueIn(overrides, section, key) !== undefined)?.source ?? 'default'
  return Object.fromEntries(
    Object.entries(settings).map(([section, keys]) => [
      section,
      Object.fromEntries(Object.keys(keys).map(key => [key, sourceOf(section as Section, key)])),
    ]),
  )
}

/** Runs `attempt`; a ConfigError about a setting of a file says file, line and column too. */
export async function placed<T>(layers: readonly Layer[], attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const [section = '', key] = error.path.split('.')
    const guilty = layers.findLast(({ overrides }) =>
      key === undefined ? Object.hasOwn(overrides, section) : valueIn(overrides, section as Section, key) !== undefined,
    )
    const place = guilty?.place?.(error.path.split('.'))
    if (place === undefined) throw error
    throw new ConfigError(place, error.message)
  }
}

/** The value that a layer gives for a setting, its own or none. */
function valueIn(overrides: Overrides, section: Section, key: string): unknown {
  const keys = Object.hasOwn(overrides, section) ? overrides[section] : undefined
  return keys !== undefined && keys !== null && Object.hasOwn(keys, key) ? keys[key] : undefined
}

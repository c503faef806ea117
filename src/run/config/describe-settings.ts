// Every setting by its path, as it is described where it is defined: for help texts, lists, and what may change it.

import type { Change, Option } from '../../settings/option.ts'
import { algorithms } from '../players.ts'
import { usualAlgorithm } from './config.ts'
import { sectionOptions } from './section-options.ts'
import type { Described } from './team-settings.ts'

/** A setting as it is listed. */
export interface DescribedSetting {
  /** `learner.gamma` */
  readonly key: string
  /** Of a setting of learners, as the default algorithm is meant to be run if it has it, else as most that have it are. */
  readonly default: unknown
  readonly description: string
  /** The algorithms that have it; absent: it belongs to none. */
  readonly algorithms?: readonly string[]
}

/** Every setting of learners, replay buffer, networks and run. */
export function describeSettings(known: readonly Described[] = Object.values(algorithms)): DescribedSetting[] {
  const { default: usual, description } = usualAlgorithm
  return [
    { key: 'learner.algorithm', default: usual, description },
    ...[...new Set(known.flatMap(({ options }) => Object.keys(options)))].map(name => {
      const having = known.filter(({ options }) => Object.hasOwn(options, name))
      const option = usualOption(name, having)
      return {
        key: `learner.${name}`,
        default: option.default,
        description: option.description,
        algorithms: having.map(({ id }) => id),
      }
    }),
    ...Object.entries(sectionOptions).flatMap(([section, options]) =>
      Object.entries(options).map(([name, option]: [string, Option<unknown>]) => ({
        key: `${section}.${name}`,
        default: option.default,
        description: option.description,
      })),
    ),
  ]
}

/** So many algorithms are few. */
const few = 4

/** Of an algorithm's settings, those that few others have or that are otherwise by default. */
export function ownSettingsOf(
  { options }: Described,
  known: readonly Described[] = Object.values(algorithms),
): DescribedSetting[] {
  return Object.entries(options).flatMap(([name, { default: standard, description }]) => {
    const having = known.filter(other => Object.hasOwn(other.options, name))
    const key = `learner.${name}`
    if (having.length <= few) return [{ key, default: standard, description }]
    const usual = usualOption(name, having).default
    if (JSON.stringify(usual) === JSON.stringify(standard)) return []
    return [{ key, default: standard, description: `${description} (elsewhere ${JSON.stringify(usual)})` }]
  })
}

/** With the default of the algorithm that is used where nobody says which, else with the one that most of these give it. */
function usualOption(name: string, having: readonly Described[]): Option<unknown> {
  const usual = having.find(({ id }) => id === usualAlgorithm.default)
  if (usual !== undefined) return usual.options[name] as Option<unknown>
  const all = having.map(({ options }) => options[name] as Option<unknown>)
  const alike = (option: Option<unknown>) =>
    all.filter(other => JSON.stringify(other.default) === JSON.stringify(option.default)).length
  return all.reduce((best, option) => (alike(option) > alike(best) ? option : best))
}

/** What is known of a setting by its path, `run.seed`, `learner.gamma`, `team.agent.gamma`; undefined: nothing, as of options of games. */
export function optionAt(
  path: string,
  known: readonly Described[] = Object.values(algorithms),
): Option<unknown> | undefined {
  const [section = '', ...rest] = path.split('.')
  const name = rest.at(-1) ?? ''
  if (Object.hasOwn(sectionOptions, section)) {
    const options = sectionOptions[section as keyof typeof sectionOptions]
    return Object.hasOwn(options, name) ? options[name as keyof typeof options] : undefined
  }
  if (section !== 'learner' && !(section === 'team' && rest.length > 1)) return undefined
  const having = known.find(({ options }) => Object.hasOwn(options, name))
  return having?.options[name]
}

/** What may change a setting once a run has begun. Who plays, and in which game, is what the run is. */
export function changeOf(path: string, known?: readonly Described[]): Change {
  if (path === 'scenario.id' || path === 'learner.algorithm' || /^team\.[^.]*$/.test(path)) return 'never'
  const option = optionAt(path, known)
  return option === undefined && path.startsWith('team.') ? 'never' : (option?.changes ?? 'fork')
}

/** All settings that a run may change when it is resumed. */
export function changeableSettings(known?: readonly Described[]): string[] {
  return describeSettings(known)
    .map(({ key }) => key)
    .filter(key => changeOf(key, known) === 'resume')
}

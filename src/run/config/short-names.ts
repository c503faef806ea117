// Short names of algorithms with settings, `mappo`: what they stand for, as configs are stored.
import { type ShortName, shortNames } from '../../algorithms/index.ts'
import { ConfigError } from '../../errors.ts'
import type { Overrides, RunConfig, TeamSettings } from './config.ts'

type Known = Readonly<Record<string, ShortName>>
type Settings = Readonly<Record<string, unknown>>

/**
 * The config with algorithms by their ids, and what short names stand for said of the teams that they are for: a short name of
 * `learner.algorithm` speaks of no team that learns by another one. It counts more than a preset.
 * @throws ConfigError where a setting contradicts a short name
 */
export function withoutShortNames<C extends Pick<RunConfig, 'team' | 'learner'>>(
  config: C,
  teams: readonly string[],
  known: Known = shortNames,
): C {
  const { learner } = config
  const ofAll = named(learner.algorithm, known)
  if (ofAll !== null) refuseContradiction(learner.algorithm, ofAll, learner, 'learner')
  const names = new Set([...Object.keys(config.team), ...teams])
  const team = [...names].flatMap((name): [string, string | TeamSettings][] => {
    const isSaid = Object.hasOwn(config.team, name)
    const said = isSaid ? config.team[name]! : {}
    const record = typeof said === 'string' ? { algorithm: said } : said
    const own = record.algorithm === undefined ? ofAll : named(record.algorithm, known)
    if (own === null) return isSaid ? [[name, said]] : []
    refuseContradiction(record.algorithm ?? learner.algorithm, own, record, `team.${name}`)
    const algorithm = record.algorithm === undefined ? {} : { algorithm: own.algorithm }
    return [[name, { ...record, ...own.settings, ...algorithm }]]
  })
  return {
    ...config,
    learner: ofAll === null ? learner : { ...learner, algorithm: ofAll.algorithm },
    team: Object.fromEntries(team),
  }
}

/** Settings in which what a short name stands for is said beside it: where values come from. */
export function spelledOut({ learner, team, ...others }: Overrides, known: Known = shortNames): Overrides {
  const spelled = (said: unknown): unknown => {
    if (typeof said === 'string') {
      const short = named(said, known)
      return short === null ? said : { ...short.settings, algorithm: short.algorithm }
    }
    if (typeof said !== 'object' || said === null || !('algorithm' in said)) return said
    const short = named(said.algorithm, known)
    return short === null ? said : { ...said, ...short.settings, algorithm: short.algorithm }
  }
  return {
    ...others,
    ...(learner === undefined ? {} : { learner: spelled(learner) as Settings }),
    ...(typeof team !== 'object' || team === null
      ? {}
      : { team: Object.fromEntries(Object.entries(team).map(([name, said]) => [name, spelled(said)])) }),
  }
}

/** `ppo with critic=joint` */
export function describeShortName({ algorithm, settings }: ShortName): string {
  return `${algorithm} with ${listed(settings)}`
}

function named(name: unknown, known: Known): ShortName | null {
  return typeof name === 'string' && Object.hasOwn(known, name) ? known[name]! : null
}

function refuseContradiction(name: string, short: ShortName, said: Settings, place: string): void {
  for (const [key, value] of Object.entries(short.settings)) {
    const other = said[key]
    if (other === undefined || other === null || other === value) continue
    throw new ConfigError(
      `${place}.${key}`,
      `expected ${String(value)}, as ${name} is short for ${describeShortName(short)}, got ${JSON.stringify(other)}; ` +
        `say ${short.algorithm} in place of ${name}, or leave '${key}' out`,
    )
  }
}

function listed(settings: Settings): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(', ')
}

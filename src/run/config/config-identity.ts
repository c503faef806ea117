// What makes two configs the same: which settings matter to what is learnt, how two differ, and one hash for all that matters.
import { createHash } from 'node:crypto'
import { hashOf } from '../../authoring/bundle.ts'
import { canonicalJson } from '../../text/canonical-json.ts'
import type { CompleteSettings, RunPlan } from '../plan.ts'
import type { PlayerFiles } from '../player-file.ts'
import { optionAt } from './describe-settings.ts'
import { settingsByPath } from './settings-by-path.ts'
import type { Described } from './team-settings.ts'

/** Settings by section and key. */
type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/**
 * Whether a setting, `learner.gamma`, can matter to what is learnt. Checkpoints do where a run goes back to them. `described`: what
 * settings of teams may be of.
 */
export function isMaterial(
  key: string,
  settings: { readonly [section: string]: Readonly<Record<string, unknown>> | undefined },
  described?: readonly Described[],
): boolean {
  const { immaterial } = optionAt(key, described) ?? {}
  if (immaterial === undefined) return true
  if (immaterial === true) return false
  const section = settings[key.slice(0, key.indexOf('.'))] ?? {}
  return Object.entries(immaterial.unless).every(([name, value]) => section[name] === value)
}

/** One setting that differs; values as JSON, undefined: not given. */
export interface SettingDifference {
  readonly key: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/**
 * How two configs differ, in the order of the later one. Where one says of all teams (`learner.gamma`) what the other says team by team, it
 * is compared team by team.
 */
export function differences(before: Settings, after: Settings): SettingDifference[] {
  const [old, now] = [entries(before), entries(after)]
  const keys = [...new Set([...now.keys(), ...old.keys()])]
  const teamKeys = keys.filter(key => key.startsWith('team.'))
  const ofAll = (key: string) => `learner.${nameOf(key)}`
  const byTeam = new Set(teamKeys.map(ofAll))
  const value = (from: ReadonlyMap<string, string>, key: string) =>
    from.get(key) ?? (key.startsWith('team.') ? from.get(ofAll(key)) : undefined)
  return keys
    .filter(key => !byTeam.has(key) || (old.has(key) && now.has(key)))
    .map(key => ({ key, before: value(old, key), after: value(now, key) }))
    .filter(({ before, after }) => before !== after)
}

/** `learner.gamma 0.95 -> 0.9, run.seed 1 -> 2` */
export function describeDifferences(found: readonly SettingDifference[]): string {
  return found.map(({ key, before = 'none', after = 'none' }) => `${key} ${before} -> ${after}`).join(', ')
}

/** What a run was trained as. */
export interface ConfigIdentity {
  /**
   * SHA-256, in hexadecimal, of the other three as canonical JSON: keys in the order of their UTF-16 code units, no white space, numbers
   * and strings as JSON.stringify writes them, UTF-8.
   */
  readonly sha256: string
  readonly scenarioVersion: number
  /** First 16 digits of the SHA-256 of the bundled code of a scenario file; null: the scenario ships with marlstrom. */
  readonly scenarioCode: string | null
  /** The same of the files that teams are played by, by team; absent: there are none. */
  readonly playerCode?: Readonly<Record<string, string>>
  /** Every setting that matters to what is learnt, defaults included. */
  readonly settings: Settings
}

/** The identity of a run by all that matters to what it learns. Files of scenarios and players count by their code, not by their paths. */
export function identityOf({
  settings,
  definition,
  source,
  files,
  described,
}: Pick<RunPlan, 'definition' | 'source' | 'files' | 'described'> & {
  readonly settings: CompleteSettings
}): ConfigIdentity {
  const material = Object.fromEntries(
    Object.entries(settings).map(([section, keys]) => [
      section,
      Object.fromEntries(Object.entries(keys).filter(([key]) => isMaterial(`${section}.${key}`, settings, described))),
    ]),
  )
  const identity = {
    scenarioVersion: definition.version,
    scenarioCode: source === null ? null : hashOf(source.code),
    ...(files.size === 0
      ? {}
      : { playerCode: Object.fromEntries([...files].map(([team, { source }]) => [team, hashOf(source.code)])) }),
    settings: { ...withIds(material, files), scenario: { ...material.scenario, id: definition.id } },
  }
  return { sha256: sha256(canonicalJson(identity)), ...identity }
}

/** Settings that name players in files by the ids that those give them. */
export function withIds(settings: Settings, files: PlayerFiles): Settings {
  if (files.size === 0) return settings
  const { learner = {}, team = {}, ...others } = settings
  const ids = new Map([...files.values()].map(({ player, source }) => [source.file, player.id]))
  const idOf = (who: unknown) => (typeof who === 'string' ? (ids.get(who) ?? who) : who)
  const named = Object.entries(team).map(([name, said]) => [
    name,
    typeof said === 'object' && said !== null && 'algorithm' in said
      ? { ...said, algorithm: idOf(said.algorithm) }
      : idOf(said),
  ])
  return { ...others, learner: { ...learner, algorithm: idOf(learner.algorithm) }, team: Object.fromEntries(named) }
}

/** Whether an identity that was read from a file is as it was written. */
export function isIntact({ sha256: found, ...identity }: ConfigIdentity): boolean {
  return found === sha256(canonicalJson(identity))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** All settings by path, values as JSON. */
function entries(config: Settings): Map<string, string> {
  return new Map([...settingsByPath(config)].map(([path, value]) => [path, canonicalJson(value)]))
}

/** What follows the last dot. */
function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1)
}

// Keys of older versions: what they are called now, so that old files and run folders go on meaning what they meant.
import { ConfigError } from '../../errors.ts'

type Sections = Readonly<Record<string, unknown>>

/** Keys of the replay buffer that belong to learners. */
const moved: Readonly<Record<string, string>> = {
  steps: 'returnSteps',
  priority: 'priority',
  importance: 'importance',
  draws: 'draws',
}

/** The path of today of a path, `replay.steps`; undefined: it is of today. */
export function renamed(path: string): string | undefined {
  const [section = '', key = ''] = path.split('.')
  if (section === 'algorithm') return key === '' ? 'learner' : `learner.${key}`
  return section === 'replay' && Object.hasOwn(moved, key) ? `learner.${moved[key]}` : undefined
}

/** What a path of today may be called in files of old. */
export function oldPaths(path: string): string[] {
  const [section, key] = path.split('.')
  if (section !== 'learner' || key === undefined) return []
  const inReplay = Object.keys(moved).find(name => moved[name] === key)
  return [`algorithm.${key}`, ...(inReplay === undefined ? [] : [`replay.${inReplay}`])]
}

/** The old keys in settings, `replay.steps`. */
export function oldKeysIn(settings: Sections): string[] {
  return ['algorithm', 'replay'].flatMap(section =>
    Object.keys(recordIn(settings, section) ?? {})
      .map(key => `${section}.${key}`)
      .filter(path => renamed(path) !== undefined),
  )
}

/** A sentence for old keys: what they are called now; null: there are none. */
export function describeOldKeys(keys: readonly string[]): string | null {
  if (keys.length === 0) return null
  const verb = keys.length === 1 ? 'is' : 'are'
  return `${keys.join(', ')} ${verb} of an older version, and read as ${keys.map(renamed).join(', ')}`
}

/**
 * Settings with the keys of today. An old value holds for every team that has such a setting, as it did.
 * @throws ConfigError where a setting is given under both names
 */
export function translated<T extends Sections>(given: T): T {
  const settings = withTimeLimit(given)
  const keys = oldKeysIn(settings)
  const isRecordOrNone = (section: string) => !Object.hasOwn(settings, section) || recordIn(settings, section)
  if (recordIn(settings, 'algorithm') === undefined && keys.length === 0) return settings
  if (!isRecordOrNone('learner')) return settings
  const learner = new Map(Object.entries(recordIn(settings, 'learner') ?? {}))
  for (const path of keys) {
    const [section, key] = split(path)
    const now = split(renamed(path)!)[1]
    const value = recordIn(settings, section)![key]
    if (value === undefined) continue
    if (learner.get(now) !== undefined) {
      throw new ConfigError(path, `is now learner.${now}, which is given too; leave ${path} out`)
    }
    learner.set(now, value)
  }
  const { algorithm: _, ...others } = settings as Sections
  const replay = Object.entries(recordIn(settings, 'replay') ?? {}).filter(([key]) => !Object.hasOwn(moved, key))
  return {
    ...others,
    ...(keys.length === 0 ? {} : { learner: Object.fromEntries(learner) }),
    ...(recordIn(settings, 'replay') === undefined ? {} : { replay: Object.fromEntries(replay) }),
  } as unknown as T
}

/** The `bootstrap` of reinforce, which is `timeLimit` now: true was what that calls bootstrap, false is what reinforce does by itself. */
function withTimeLimit<T extends Sections>(settings: T): T {
  const [learner, team] = [recordIn(settings, 'learner'), recordIn(settings, 'team') ?? {}]
  const isOf = (who: unknown) =>
    who === 'reinforce' ||
    (typeof who === 'object' && who !== null && 'algorithm' in who && who.algorithm === 'reinforce')
  if (!isOf(learner) && !Object.values(team).some(isOf)) return settings
  const today = <V>(value: V): V => {
    if (typeof value !== 'object' || value === null || typeof (value as Sections).bootstrap !== 'boolean') return value
    const { bootstrap, ...others } = value as Sections
    return (bootstrap === true ? { timeLimit: 'bootstrap', ...others } : others) as V
  }
  return {
    ...settings,
    ...(learner === undefined ? {} : { learner: today(learner) }),
    ...(Object.hasOwn(settings, 'team') && {
      team: Object.fromEntries(Object.entries(team).map(([name, who]) => [name, today(who)])),
    }),
  }
}

function split(path: string): [string, string] {
  const dot = path.indexOf('.')
  return [path.slice(0, dot), path.slice(dot + 1)]
}

function recordIn(settings: Sections, section: string): Readonly<Record<string, unknown>> | undefined {
  if (!Object.hasOwn(settings, section)) return undefined
  const keys = settings[section]
  return typeof keys === 'object' && keys !== null && !Array.isArray(keys) ? (keys as Sections) : undefined
}

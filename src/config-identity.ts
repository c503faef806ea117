// What makes two configs the same: which settings matter to what is learnt, how two differ, and one hash for all that matters.
import { createHash } from 'node:crypto'
import { hashOf } from './authoring/bundle.ts'
import type { CompleteSettings, RunPlan } from './plan.ts'

/** Settings by section and key. */
type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Settings that change nothing that is learnt: how far, how fast and how often is written; and a name for other settings. */
const immaterial: ReadonlySet<string> = new Set([
  'run.episodes',
  'run.threads',
  'run.logEvery',
  'run.logSteps',
  'run.checkpointEvery',
  'run.checkpointSteps',
  'run.checkpointMinutes',
  'run.evaluateEvery',
  'run.evaluateEpisodes',
  'run.evaluateMode',
  'run.summaryEpisodes',
  'run.tensorboard',
  'run.keepCheckpoints',
  'run.keepBest',
  'run.hookSeconds',
  'run.preset',
])

/** Whether a setting, `learner.gamma`, can matter to what is learnt. Checkpoints do where a run goes back to them. */
export function isMaterial(key: string, settings: { readonly run?: Readonly<Record<string, unknown>> }): boolean {
  if (key === 'run.checkpointEvery' || key === 'run.checkpointSteps') return settings.run?.divergence === 'rollback'
  return !immaterial.has(key)
}

/** One setting that differs; values as JSON, undefined: not given. */
export interface Difference {
  readonly key: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** How two configs differ, in the order of the later one. */
export function differences(before: Settings, after: Settings): Difference[] {
  const [old, now] = [entries(before), entries(after)]
  return [...new Set([...now.keys(), ...old.keys()])]
    .map(key => ({ key, before: old.get(key), after: now.get(key) }))
    .filter(({ before, after }) => before !== after)
}

/** `learner.gamma 0.95 -> 0.9, run.seed 1 -> 2` */
export function describeDifferences(found: readonly Difference[]): string {
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
  /** Every setting that matters to what is learnt, defaults included. */
  readonly settings: Settings
}

/** The identity of a run by all that matters to what it learns. A scenario file counts by its code, not by its path. */
export function identityOf({
  settings,
  definition,
  source,
}: Pick<RunPlan, 'definition' | 'source'> & { readonly settings: CompleteSettings }): ConfigIdentity {
  const material = Object.fromEntries(
    Object.entries(settings).map(([section, keys]) => [
      section,
      Object.fromEntries(Object.entries(keys).filter(([key]) => isMaterial(`${section}.${key}`, settings))),
    ]),
  )
  const identity = {
    scenarioVersion: definition.version,
    scenarioCode: source === null ? null : hashOf(source.code),
    settings: { ...material, scenario: { ...material.scenario, id: definition.id } },
  }
  return { sha256: sha256(canonicalJson(identity)), ...identity }
}

/** Whether an identity that was read from a file is as it was written. */
export function isIntact({ sha256: found, ...identity }: ConfigIdentity): boolean {
  return found === sha256(canonicalJson(identity))
}

/** JSON with one spelling for equal values; keys without a value are left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const kept = Object.entries(value).filter(([, inner]) => inner !== undefined)
  const sorted = kept.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** `section.key` to its value as JSON. */
function entries(config: Settings): Map<string, string> {
  return new Map(
    Object.entries(config).flatMap(([section, keys]) =>
      Object.entries(keys).map(([key, value]) => [`${section}.${key}`, canonicalJson(value)] as const),
    ),
  )
}

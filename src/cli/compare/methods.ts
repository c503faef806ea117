// What is compared: algorithms, short names, presets and files of algorithms, each with all of its settings.
import { basename, extname } from 'node:path'
import { isCodeFile } from '../../authoring/bundle.ts'
import { ConfigError, FileError, unknownName } from '../../errors.ts'
import { layer, type Overrides } from '../../run/config/config.ts'
import { differences, isMaterial } from '../../run/config/config-identity.ts'
import { presets } from '../../run/config/presets.ts'
import { endsUnlearnt } from '../../run/experience.ts'
import { completeSettings, planRun, type RunPlan } from '../../run/plan.ts'
import { algorithms, shortNames } from '../../run/players.ts'
import { safeFileNames } from '../../text/safe-name.ts'
import { overridesOf } from '../options/settings.ts'

/** One of the things that are compared. */
export interface Method {
  /** As it was asked for: `ppo`, `mappo`, `preset:mappo`; of a file, its name. */
  readonly name: string
  /** Begins the names of its run folders. */
  readonly folder: string
  readonly given: Overrides
  readonly plan: RunPlan
}

export interface MethodOptions {
  readonly algorithms: readonly string[]
  readonly steps: number
  readonly config?: readonly string[]
  readonly team?: readonly string[]
  readonly games?: number
  readonly threads?: number
  /** `section.key=value` for all, `ppo:section.key=value` for one. */
  readonly set?: readonly string[]
}

const presetMark = 'preset:'

/** What is settled by the comparison itself, and the option that says it. */
const settledBy: Readonly<Record<string, string>> = {
  'learner.algorithm': '--algorithms',
  'run.preset': '--algorithms preset:<name>',
  'run.seed': '--seeds',
  'run.steps': '--steps',
  'run.episodes': '--steps',
}

/**
 * Plans every method.
 * @throws ConfigError naming the method, for one that is unknown, there twice, refuses the game or would learn nothing
 */
export async function methodsOf(scenario: string, options: MethodOptions): Promise<Method[]> {
  const { algorithms: asked, set = [], ...others } = options
  refuseUnknown(asked)
  const names = asked.map(nameOf)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    throw new ConfigError('--algorithms', `expected each method once, got '${twice}' twice; leave one out`)
  }
  const settings = set.map(setting => splitOff(setting, asked))
  const folders = safeFileNames(names)
  const methods: Method[] = []
  for (const [index, algorithm] of asked.entries()) {
    const own = settings.filter(({ of }) => of === null || of === algorithm).map(({ setting }) => setting)
    const who = algorithm.startsWith(presetMark) ? { preset: algorithm.slice(presetMark.length) } : { algorithm }
    methods.push(
      await about(names[index]!, async () => {
        const given = layer({ run: { threads: 1 } }, overridesOf({ ...others, ...who, set: own }, scenario))
        const plan = await planRun(given)
        const unlearnt = endsUnlearnt(plan, completeSettings(plan).scenario!)
        if (unlearnt !== null) throw new ConfigError('--steps', unlearnt)
        return { name: names[index]!, folder: folders[index]!, given, plan }
      }),
    )
  }
  refuseEqual(methods)
  return methods
}

/** Does something for a method; what is wrong with its settings is said of it. */
export async function about<T>(name: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make()
  } catch (error) {
    if (error instanceof ConfigError) {
      const ofSteps = error.path === '--steps'
      const words = ofSteps ? error.message.slice('--steps: '.length) : error.message
      throw new ConfigError(ofSteps ? '--steps' : '--algorithms', `${name}: ${words}`)
    }
    throw error instanceof FileError ? new ConfigError('--algorithms', error.message) : error
  }
}

function refuseUnknown(asked: readonly string[]): void {
  for (const algorithm of asked) {
    if (isCodeFile(algorithm)) continue
    if (algorithm.startsWith(presetMark)) {
      const preset = algorithm.slice(presetMark.length)
      if (Object.hasOwn(presets, preset)) continue
      throw new ConfigError('--algorithms', unknownName('preset', preset, Object.keys(presets)))
    }
    const known = [...Object.keys(algorithms), ...Object.keys(shortNames)]
    if (known.includes(algorithm)) continue
    throw new ConfigError(
      '--algorithms',
      `${unknownName('algorithm', algorithm, known)}; or preset:<name>, or a file with an algorithm of your own`,
    )
  }
}

/** Methods of other names whose runs would be the same. */
function refuseEqual(methods: readonly Method[]): void {
  for (const [index, method] of methods.entries()) {
    const same = methods.slice(0, index).find(other => isEqual(other.plan, method.plan))
    if (same === undefined) continue
    throw new ConfigError(
      '--algorithms',
      `expected methods that differ, got '${same.name}' and '${method.name}', which have the same settings here; leave one out`,
    )
  }
}

function isEqual(one: RunPlan, other: RunPlan): boolean {
  const codeOf = ({ files }: RunPlan) => JSON.stringify([...files].map(([team, { source }]) => [team, source.code]))
  const settings = completeSettings(other)
  return (
    codeOf(one) === codeOf(other) &&
    differences(completeSettings(one), settings).every(({ key }) => !isMaterial(key, settings, other.described))
  )
}

/** `ppo:learner.epochs=4` without the method that it is for. @throws ConfigError for what the comparison settles itself */
function splitOff(setting: string, asked: readonly string[]): { of: string | null; setting: string } {
  const of = asked.find(name => setting.startsWith(`${name}:`)) ?? null
  const rest = of === null ? setting : setting.slice(of.length + 1)
  const stranger = /^([\w:]+):[^.=]+\.[^=]+=/.exec(rest)
  if (stranger !== null) {
    throw new ConfigError('--set', `expected a method of --algorithms (${asked.join(', ')}), got '${stranger[1]}'`)
  }
  const key = rest.slice(0, rest.indexOf('='))
  if (!Object.hasOwn(settledBy, key)) return { of, setting: rest }
  throw new ConfigError(
    '--set',
    `${key} is the same for all or what is compared; expected ${settledBy[key]}, got '${setting}'`,
  )
}

/** Of a file, its name without folders and ending. */
function nameOf(algorithm: string): string {
  return isCodeFile(algorithm) ? basename(algorithm, extname(algorithm)) : algorithm
}

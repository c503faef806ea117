// Options that several subcommands share, and how they become overrides of the config.
import { type Command, InvalidArgumentError } from 'commander'
import { ConfigError } from '../../errors.ts'
import { type Overrides, parseSetting, type Section } from '../../run/config/config.ts'
import { readConfigFile } from '../../run/config/config-file.ts'
import { flatten, type Layer } from '../../run/config/config-layers.ts'
import { presets } from '../../run/config/presets.ts'
import { type GameOptions, gameOptions } from '../../run/in-game.ts'
import { refuseUnfounded } from '../../run/plan.ts'
import { algorithms, shortNames } from '../../run/players.ts'
import { noteOldKeys } from '../../starting/old-keys-note.ts'
import { printNote } from '../terminal/print.ts'

/** Options that describe a run. */
export interface SettingOptions {
  readonly config?: readonly string[]
  readonly algorithm?: string
  readonly team?: readonly string[]
  readonly preset?: string
  readonly seed?: number
  readonly episodes?: number
  readonly steps?: number
  readonly games?: number
  readonly actors?: number
  readonly backend?: string
  readonly threads?: number
  readonly set?: readonly string[]
  /** What a program asks for, above all else. */
  readonly overrides?: Overrides
}

/** Adds the options of `SettingOptions`. */
export function addSettingOptions(command: Command): Command {
  return addConfigOption(command)
    .option(
      '--algorithm <id>',
      `how agents learn: ${[...Object.keys(algorithms), ...Object.keys(shortNames)].join(', ')}; or a file with an algorithm of your own`,
    )
    .option(
      '--team <team=player>',
      'who plays a team: an algorithm, random, noop, scripted, same:<team>, past:<team>, the folder of a run, or a file of your own; repeatable',
      (value, all: string[] = []) => [...all, value],
    )
    .option('--preset <name>', `named settings: ${Object.keys(presets).join(', ')}`)
    .option('--seed <n>', 'every random number follows from it', wholeNumber)
    .option('--episodes <n>', 'training episodes', wholeNumber)
    .option('--steps <n>', 'environment steps to train for, like 200000 or 1e6, in place of episodes', numberOfSteps)
    .option('--games <n>', 'games stepped side by side', wholeNumber)
    .option(
      '--actors <n>',
      'actors that play the games while the learners learn; default: none, they take turns',
      wholeNumber,
    )
    .option('--backend <name>', 'what runs the networks: simd, tfjs')
    .option('--threads <n>', 'threads that share the work; default: one per core', wholeNumber)
    .option('--blas <file>', 'the library of run.kernels=blas, as MARLSTROM_BLAS in the environment', chooseBlas)
    .option('--set <key=value>', 'any setting of `marlstrom list`, repeatable', (value, all: string[] = []) => [
      ...all,
      value,
    ])
}

/** Names the library for this process and those that it starts: never a file that is read, since what it names is executed. */
export function chooseBlas(file: string): string {
  process.env.MARLSTROM_BLAS = file
  process.env.MARLSTROM_BLAS_BY = '--blas'
  return file
}

/** Adds `--set` to a command that plays trained runs: options of the scenario. */
export function addGameOption(command: Command): Command {
  return command.option(
    '--set <key=value>',
    'an option of the scenario that differs from the training, like scenario.agents=5; repeatable',
    (value, all: string[] = []) => [...all, value],
  )
}

/** What `--set` changes of the game. @throws ConfigError for settings that are not the scenario's */
export function gameOptionsOf({ set = [] }: Pick<SettingOptions, 'set'>): GameOptions {
  return gameOptions(flatten(set.map(setting => ({ source: '--set', overrides: parseSetting(setting) }))))
}

/** Adds `--config`. */
export function addConfigOption(command: Command): Command {
  return command.option(
    '--config <file>',
    'settings from a YAML or JSON file, such as the config.json of a run; repeatable, later ones win',
    (value, all: string[] = []) => [...all, value],
  )
}

/**
 * What the options say, as overrides; files come first, `--set` comes last and wins.
 * @throws ConfigError for settings that no game and no algorithm could have
 */
export function overridesOf(options: SettingOptions, scenario?: string): Overrides {
  const layers = layersOf(options, scenario)
  noteOldKeys(layers, printNote)
  const overrides = flatten(layers)
  refuseUnfounded(overrides)
  return overrides
}

/** What the options say, one by one: files, the argument, options in their order here, `--set`. */
export function layersOf(options: SettingOptions, scenario?: string): Layer[] {
  const { algorithm, team, ...ofRun } = options
  refuseTwoLengths(options)
  const run = (['preset', 'seed', 'episodes', 'steps', 'games', 'actors', 'backend', 'threads'] as const).map(key =>
    layerOf(`--${key}`, 'run', key, ofRun[key]),
  )
  return [
    ...(options.config ?? []).map(readConfigFile),
    ...layerOf('argument', 'scenario', 'id', scenario),
    ...layerOf('--algorithm', 'learner', 'algorithm', algorithm),
    ...(team === undefined ? [] : [{ source: '--team', overrides: { team: teamsOf(team) } }]),
    ...run.flat(),
    ...(options.set ?? []).map(setting => ({ source: '--set', overrides: parseSetting(setting) })),
    ...(options.overrides === undefined ? [] : [{ source: 'program', overrides: options.overrides }]),
  ]
}

/** The command line may give another length than a file does, but not two of its own. */
function refuseTwoLengths({ episodes, steps, set = [] }: SettingOptions): void {
  const says = (key: string) => set.some(setting => setting.startsWith(`run.${key}=`) && !setting.endsWith('=null'))
  if ((steps === undefined && !says('steps')) || (episodes === undefined && !says('episodes'))) return
  throw new ConfigError('run.steps', 'expected --steps or --episodes, got both; leave one out')
}

/** One option as a layer; none where it was not given. */
function layerOf(source: string, section: Section, key: string, value: unknown): Layer[] {
  return value === undefined ? [] : [{ source, overrides: { [section]: { [key]: value } } }]
}

/** `adversary=ddpg` as a record. @throws ConfigError for anything else, and for a team that is named twice */
function teamsOf(settings: readonly string[]): Record<string, string> {
  const teams: Record<string, string> = {}
  for (const setting of settings) {
    const [, team, player] = /^([^=]+)=(.+)$/s.exec(setting) ?? []
    if (team === undefined || player === undefined) {
      throw new ConfigError('--team', `expected team=player like adversary=ddpg, got '${setting}'`)
    }
    if (Object.hasOwn(teams, team)) throw new ConfigError('--team', `${team} is named twice`)
    teams[team] = player
  }
  return teams
}

/** A whole number from the command line. */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`Expected a whole number, got '${text}'.`)
  return Number(text)
}

/** Environment steps from the command line. */
export function numberOfSteps(text: string): number {
  const steps = /^\d+(\.\d+)?(e\d+)?$/i.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(steps) && steps >= 1) return steps
  throw new InvalidArgumentError(`Expected a whole number of at least 1, like 200000 or 1e6, got '${text}'.`)
}

/** A whole number of at least 1 from the command line. */
export function positiveNumber(text: string): number {
  const number = wholeNumber(text)
  if (number < 1) throw new InvalidArgumentError(`Expected at least 1, got ${text}.`)
  return number
}

/** A TCP port from the command line; absent (`--watch` alone): true. */
export function portNumber(text: string): number {
  const port = wholeNumber(text)
  if (port > 65_535) throw new InvalidArgumentError(`Expected a port up to 65535, got ${text}.`)
  return port
}

/** One of some words from the command line. */
export function choiceOf(...words: readonly string[]): (text: string) => string {
  return text => {
    if (!words.includes(text)) throw new InvalidArgumentError(`Expected one of ${words.join(', ')}.`)
    return text
  }
}

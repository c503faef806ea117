// marlstrom list: scenarios with their options and agents, algorithms, presets and settings; all of them, or those of one name.
import type { Command } from 'commander'
import pc from 'picocolors'
import { isScenarioPath } from '../../authoring/bundle.ts'
import type { GameDefinition } from '../../envs/game-definition.ts'
import { ConfigError, unknownName } from '../../errors.ts'
import type { AgentSpec, Algorithm, PolicyDefinition } from '../../index.ts'
import { resolveConfig } from '../../run/config/config.ts'
import { type DescribedSetting, describeSettings, ownSettingsOf } from '../../run/config/describe-settings.ts'
import { presets } from '../../run/config/presets.ts'
import { describeShortName } from '../../run/config/short-names.ts'
import { findGame, gameOf, games, optionsOf } from '../../run/find-game.ts'
import { isAlgorithm, playerInFile } from '../../run/player-file.ts'
import { algorithms, shortNames } from '../../run/players.ts'
import { plainText } from '../../text/plain-text.ts'
import { print, printEvent } from '../terminal/print.ts'
import { agentRows, sectionText, widest, wrapped } from './list-text.ts'

interface ListOptions {
  readonly scenarios?: boolean
  readonly algorithms?: boolean
  readonly presets?: boolean
  readonly settings?: boolean
  readonly json?: boolean
}

/** What is listed. */
interface Listed {
  readonly scenarios: readonly GameDefinition[]
  readonly algorithms: readonly Algorithm[]
  /** Short names of algorithms. */
  readonly short: readonly string[]
  /** Of users' files alone. */
  readonly policies: readonly PolicyDefinition[]
  readonly presets: readonly string[]
  readonly settings: readonly DescribedSetting[]
}

const kinds = ['scenarios', 'algorithms', 'presets', 'settings'] as const

export function addListCommand(program: Command): void {
  program
    .command('list')
    .argument(
      '[name]',
      'of a scenario, an algorithm, a preset, of settings (learner, learner.gamma), or a file of your own',
    )
    .option('--scenarios', 'scenarios alone')
    .option('--algorithms', 'algorithms alone')
    .option('--presets', 'presets alone')
    .option('--settings', 'settings alone')
    .option('--json', 'one JSON object per line')
    .action(async (name: string | undefined, options: ListOptions) => {
      const listed = name === undefined ? everything(options) : await named(name, options)
      if (options.json) printJson(listed)
      else if (name === undefined) printTables(listed)
      else printDetails(listed)
    })
}

function everything(options: ListOptions): Listed {
  const all = {
    scenarios: Object.values(games),
    algorithms: Object.values(algorithms),
    short: Object.keys(shortNames),
    policies: [],
    presets: Object.keys(presets),
    settings: describeSettings(),
  }
  if (!kinds.some(kind => options[kind])) return all
  const chosen = kinds.filter(kind => options[kind]).map(kind => [kind, all[kind]])
  return { ...none, ...Object.fromEntries(chosen), ...(options.algorithms ? { short: all.short } : {}) }
}

const none: Listed = { scenarios: [], algorithms: [], short: [], policies: [], presets: [], settings: [] }

/** @throws ConfigError for a name that nothing has, and for one together with a kind */
async function named(name: string, options: ListOptions): Promise<Listed> {
  const kind = kinds.find(kind => options[kind])
  if (kind !== undefined) throw new ConfigError('list', `expected a name or --${kind}, got both`)
  const player = isScenarioPath(name) ? await playerInFile(name) : null
  if (player !== null) return isAlgorithm(player) ? { ...none, algorithms: [player] } : { ...none, policies: [player] }
  if (Object.hasOwn(games, name) || isScenarioPath(name))
    return { ...none, scenarios: [(await findGame(name)).definition] }
  if (Object.hasOwn(algorithms, name)) return { ...none, algorithms: [algorithms[name]!] }
  // Some presets have the short name of an algorithm.
  const short = Object.hasOwn(shortNames, name) ? [name] : []
  if (Object.hasOwn(presets, name)) return { ...none, short, presets: [name] }
  if (short.length > 0) return { ...none, short }
  const settings = describeSettings().filter(({ key }) => key === name || key.startsWith(`${name}.`))
  if (settings.length > 0) return { ...none, settings }
  const sections = [...new Set(describeSettings().map(({ key }) => key.split('.')[0]!))]
  const players = [...Object.keys(algorithms), ...Object.keys(shortNames)]
  const known = [...Object.keys(games), ...players, ...Object.keys(presets), ...sections]
  throw new ConfigError('list', unknownName('name', name, known))
}

/** Everything, each kind in tables of its own. */
function printTables({ scenarios, algorithms, short, presets, settings }: Listed): void {
  const ids = (things: readonly { readonly description: string }[], name: (index: number) => string) =>
    things.map(({ description }, index) => [name(index), description])
  table(
    'Scenarios',
    ['id', 'description'],
    ids(scenarios, i => `${scenarios[i]!.id} v${scenarios[i]!.version}`),
  )
  for (const scenario of scenarios) optionsTable(scenario)
  table(
    'Algorithms',
    ['id', 'description'],
    ids(algorithms, i => algorithms[i]!.id),
  )
  shortNamesTable(short)
  for (const algorithm of algorithms) settingsOfAlgorithm(algorithm, ownSettingsOf(algorithm))
  presetTable(presets)
  settingsTable(settings)
}

/** One thing with all that is known of it. */
function printDetails({ scenarios, algorithms, short, policies, presets, settings }: Listed): void {
  for (const scenario of scenarios) {
    heading(`${scenario.id} v${scenario.version}`, scenario.description)
    optionsTable(scenario)
    const agents = agentsOf(scenario)
    const teams = new Set(agents.map(({ team }) => team)).size
    const title = `${counted(agents.length, 'agent')} in ${counted(teams, 'team')} by default`
    table(title, ['team', 'agents', 'sees', 'acts with'], agentRows(agents))
  }
  for (const algorithm of algorithms) {
    heading(algorithm.id, algorithm.description)
    const all = optionsOf(algorithm).map(({ key, ...setting }) => ({ key: `learner.${key}`, ...setting }))
    settingsOfAlgorithm(algorithm, all)
  }
  shortNamesTable(short)
  for (const policy of policies) {
    heading(policy.id, policy.description)
    settingsOfAlgorithm(
      policy,
      optionsOf(policy).map(({ key, ...setting }) => ({ key: `team.<team>.${key}`, ...setting })),
    )
  }
  presetTable(presets)
  settingsTable(settings)
}

function printJson({ scenarios, algorithms, short, policies, presets: names, settings }: Listed): void {
  for (const scenario of scenarios) {
    const { id, version, description } = scenario
    const agents = agentsOf(scenario).map(({ id, team, observationSize, actionSpace }) => ({
      id,
      team,
      observationSize,
      actionSpace,
    }))
    printEvent('scenario', { id, version, description, options: optionsOf(scenario), agents })
  }
  for (const algorithm of algorithms) {
    const { id, description } = algorithm
    printEvent('algorithm', { id, description, options: optionsOf(algorithm) })
  }
  for (const name of short) printEvent('shortName', { name, ...shortNames[name] })
  for (const policy of policies) {
    const { id, description } = policy
    printEvent('policy', { id, description, options: optionsOf(policy) })
  }
  for (const id of names) printEvent('preset', { id, ...presets[id] })
  for (const setting of settings) printEvent('setting', setting)
}

/** The agents as a run with default settings has them. */
function agentsOf(scenario: GameDefinition): readonly AgentSpec[] {
  return gameOf(resolveConfig({ scenario: { id: scenario.id } }, scenario), scenario)().agents
}

function optionsTable(scenario: GameDefinition): void {
  const rows = optionsOf(scenario).map(({ key, default: value, description }) => [
    `scenario.${key}`,
    text(value),
    description,
  ])
  table(`Options of ${scenario.id}`, ['--set', 'default', 'meaning'], rows)
}

function shortNamesTable(names: Listed['short']): void {
  table(
    'Short names of algorithms',
    ['name', 'short for'],
    names.map(name => [name, describeShortName(shortNames[name]!)]),
  )
}

function settingsOfAlgorithm({ id }: Pick<Algorithm, 'id'>, settings: readonly DescribedSetting[]): void {
  const rows = settings.map(({ key, default: value, description }) => [key, text(value), description])
  table(`Settings of ${id}`, ['--set', 'default', 'meaning'], rows)
}

function presetTable(names: readonly string[]): void {
  const rows = names.flatMap(name => {
    const { algorithms, settings } = presets[name]!
    const lines = Object.entries(settings).flatMap(([section, keys]) =>
      Object.entries(keys).map(([key, value]) => [`${section}.${key}`, text(value)]),
    )
    const all = lines.length === 0 ? [['the defaults', '']] : lines
    return all.map(([key, value]) => [name, algorithms?.join(', ') ?? 'all', key!, value!])
  })
  table('Presets', ['name', 'algorithms', 'setting', 'value'], rows)
}

/** A setting that few algorithms have names them. */
function settingsTable(settings: Listed['settings']): void {
  const every = Object.keys(algorithms).length
  const rows = settings.map(({ key, default: value, description, algorithms: having }) => [
    key,
    text(value),
    having === undefined || having.length === every ? description : `${description} (${having.join(', ')})`,
  ])
  table('Settings', ['--set', 'default', 'meaning'], rows)
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  if (rows.length > 0) print(sectionText(title, head, rows))
}

function heading(name: string, description: string): void {
  print(pc.bold(plainText(name)))
  print(`${wrapped(plainText(description), widest).join('\n')}\n`)
}

function counted(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

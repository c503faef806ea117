// marlstrom runs: lists, filters, compares and exports the runs below some folders.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { differingSettings } from '../../catalogue/differences.ts'
import { findRuns } from '../../catalogue/find-runs.ts'
import { type CatalogueContext, type KnownRun, summarizeRun } from '../../catalogue/run-summary.ts'
import { select } from '../../catalogue/selection.ts'
import { tableOfLines, tableOfRuns } from '../../catalogue/tables.ts'
import type { CataloguedRun } from '../../catalogue/values.ts'
import { ConfigError } from '../../errors.ts'
import { type Overrides, resolveConfig } from '../../run/config/config.ts'
import { describeSettings } from '../../run/config/describe-settings.ts'
import { gameOf, games } from '../../run/find-game.ts'
import { algorithms } from '../../run/players.ts'
import { describeCount } from '../../text/describe-count.ts'
import { print } from '../terminal/print.ts'
import { comparisonText, jsonLines, lineEvents, listText } from './runs-text.ts'

interface RunsOptions {
  readonly filter: readonly string[]
  readonly sort?: string
  readonly compare?: boolean
  readonly metrics?: boolean
  readonly csv?: string
  readonly parquet?: string
  readonly json?: boolean
}

export function addRunsCommand(program: Command): void {
  program
    .command('runs')
    .argument('[folders...]', 'run folders, or folders with run folders below them', [])
    .option(
      '--filter <condition>',
      "runs with e.g. learner.algorithm=maddpg, 'return.agent>-150', status!=damaged; repeatable: all must hold",
      (value, all: readonly string[]) => [...all, value],
      [],
    )
    .option('--sort <key>', 'by a figure, a setting or a metric; -key: the largest first')
    .option('--compare', 'show only the settings in which the runs differ, and their returns')
    .option('--metrics', 'export every line of metrics.jsonl, not one row for each run')
    .option('--csv <file>', 'write a table as CSV')
    .option('--parquet <file>', 'write a table as Parquet')
    .option('--json', 'one JSON object per line')
    .action(runsCommand)
}

async function runsCommand(folders: readonly string[], options: RunsOptions): Promise<void> {
  const { csv, parquet, json = false, compare = false, metrics = false } = options
  if (metrics && csv === undefined && parquet === undefined && !json) {
    throw new ConfigError('--metrics', 'says what is exported; add --csv FILE, --parquet FILE or --json')
  }
  if (metrics && compare) throw new ConfigError('--compare', 'compares runs, not the lines that --metrics exports')
  const all = readRuns(folders)
  const runs = select(all, { filters: options.filter, sort: options.sort })
  const table = () => (metrics ? tableOfLines(runs) : tableOfRuns(runs))
  for (const [file, writer] of [
    [csv, 'writeCsv'],
    [parquet, 'writeParquet'],
  ] as const) {
    if (file === undefined) continue
    // Loaded by those who export alone: a list comes sooner without it.
    const rows = (await import('../../catalogue/write-table.ts'))[writer](file, table())
    if (json) print(JSON.stringify({ event: 'file', file, rows }))
    else print(`${describeCount(rows)} ${metrics ? 'line' : 'run'}${rows === 1 ? '' : 's'} written to ${file}`)
  }
  const known = runs.filter((run): run is KnownRun => run.status !== 'damaged')
  const keys = compare ? differingSettings(known) : null
  if (json) for (const event of metrics ? lineEvents(known) : jsonLines(runs, keys)) print(JSON.stringify(event))
  else if (keys !== null) print(comparisonText(known, keys))
  else if (csv === undefined && parquet === undefined) {
    print(all.length === 0 ? `no runs below ${rootsOf(folders).join(', ')}` : listText(runs, all.length))
  }
}

/** Every run below the folders, each once. */
function readRuns(folders: readonly string[]): CataloguedRun[] {
  for (const folder of folders) {
    if (!existsSync(folder)) throw new ConfigError('folder', `${folder} does not exist; expected a folder with runs`)
  }
  const context = contextOfGames()
  const seen = new Set<string>()
  return rootsOf(folders)
    .filter(root => existsSync(root))
    .flatMap(root => [...findRuns(root)])
    .filter(({ folder }) => !seen.has(resolve(folder)) && seen.add(resolve(folder)))
    .map(found => summarizeRun(found, context))
}

function rootsOf(folders: readonly string[]): readonly string[] {
  return folders.length === 0 ? ['runs'] : folders
}

/** Teams are asked of the scenarios that ship with marlstrom; the code of others is not run for a list. */
function contextOfGames(): CatalogueContext {
  const teams = new Map<string, ReadonlyMap<string, string> | null>()
  return {
    defaults: new Map(
      describeSettings()
        .filter(setting => setting.algorithms === undefined)
        .map(setting => [setting.key, setting.default]),
    ),
    learnerDefaults(id) {
      const options = Object.hasOwn(algorithms, id) ? algorithms[id]!.options : {}
      return new Map(Object.entries(options).map(([name, option]) => [`learner.${name}`, option.default]))
    },
    teamsOf(scenario) {
      const key = JSON.stringify(scenario)
      if (!teams.has(key)) teams.set(key, teamsIn(scenario))
      return teams.get(key)!
    },
  }
}

function teamsIn(scenario: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> | null {
  if (!Object.hasOwn(games, String(scenario.id))) return null
  try {
    const { agents } = gameOf(resolveConfig({ scenario } as Overrides))()
    return new Map(agents.map(({ id, team }) => [id, team]))
  } catch {
    // Options that this version of the scenario does not have.
    return null
  }
}

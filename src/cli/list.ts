// marlstrom list: scenarios with their options, algorithms, presets and settings.
import Table from 'cli-table3'
import type { Command } from 'commander'
import pc from 'picocolors'
import { describeSettings, presets } from '../config.ts'
import { games, optionsOf } from '../find-game.ts'
import type { Algorithm } from '../index.ts'
import { algorithms } from '../players.ts'

interface ListOptions {
  readonly json?: boolean
}

export function addListCommand(program: Command): void {
  program
    .command('list')
    .option('--json', 'one JSON object per line')
    .action((options: ListOptions) => {
      if (options.json) printJson()
      else printTables()
    })
}

function printTables(): void {
  section(
    'Scenarios',
    ['id', 'description'],
    Object.values(games).map(s => [`${s.id} v${s.version}`, s.description]),
  )
  for (const scenario of Object.values(games)) {
    const rows = optionsOf(scenario).map(option => [`scenario.${option.key}`, text(option.default), option.description])
    section(`Options of ${scenario.id}`, ['--set', 'default', 'meaning'], rows)
  }
  section(
    'Algorithms',
    ['id', 'description'],
    Object.values(algorithms).map(a => [a.id, a.description]),
  )
  for (const algorithm of Object.values(algorithms)) {
    const rows = [...ownSettings(algorithm), ...changedDefaults(algorithm)]
    if (rows.length > 0) section(`Settings of ${algorithm.id}`, ['--set', 'default', 'meaning'], rows)
  }
  section(
    'Presets',
    ['name', 'settings'],
    Object.entries(presets).map(([name, layer]) => [name, JSON.stringify(layer)]),
  )
  const settings = describeSettings().map(setting => [setting.key, text(setting.default), setting.description])
  section('Settings', ['--set', 'default', 'meaning'], settings)
}

function printJson(): void {
  const lines = [
    ...Object.values(games).map(scenario => ({
      event: 'scenario',
      id: scenario.id,
      version: scenario.version,
      description: scenario.description,
      options: optionsOf(scenario),
    })),
    ...Object.values(algorithms).map(algorithm => ({
      event: 'algorithm',
      id: algorithm.id,
      description: algorithm.description,
      options: optionsOf(algorithm),
      defaults: algorithm.defaults,
    })),
    ...Object.entries(presets).map(([id, settings]) => ({ event: 'preset', id, settings })),
    ...describeSettings().map(setting => ({ event: 'setting', ...setting })),
  ]
  for (const line of lines) console.log(JSON.stringify(line))
}

function ownSettings(algorithm: Algorithm): string[][] {
  return optionsOf(algorithm).map(option => [`algorithm.${option.key}`, text(option.default), option.description])
}

/** Settings of every algorithm that have another default under this one. */
function changedDefaults({ defaults }: Algorithm): string[][] {
  const paths = Object.entries(defaults).flatMap(([section, keys]) =>
    Object.entries(keys).map(([key, value]) => ({ path: `${section}.${key}`, value })),
  )
  return paths.map(({ path, value }) => {
    const usual = describeSettings().find(({ key }) => key === path)!
    return [path, text(value), `${usual.description} (elsewhere ${text(usual.default)})`]
  })
}

function section(title: string, head: string[], rows: string[][]): void {
  const table = new Table({ head, style: { head: [], border: pc.isColorSupported ? ['dim'] : [] }, wordWrap: true })
  table.push(...rows)
  console.log(`${pc.bold(title)}\n${table.toString()}\n`)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

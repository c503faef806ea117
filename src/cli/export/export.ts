// marlstrom export: writes the trained actors of a run for TensorFlow.js, ONNX, Python, plain JavaScript or a page to play in.
import { join } from 'node:path'
import type { Command } from 'commander'
import { exportActors } from '../../export/export-actors.ts'
import { exportFormats } from '../../export/formats.ts'
import { type CheckpointChoice, ConfigError } from '../../index.ts'
import { untaughtName } from '../../run/policies.ts'
import { playedAgents } from '../../run/run.ts'
import { openTrainedRun } from '../../starting/open-run.ts'
import { wrapped } from '../list/list-text.ts'
import { addCheckpointOption } from '../options/checkpoint-option.ts'
import { wholeNumber } from '../options/settings.ts'
import { print, printNote } from '../terminal/print.ts'
import { exportPage } from './export-page.ts'

const page = 'one HTML file in which the agents play, offline: <scenario>.html, for any browser'

interface ExportOptions {
  readonly format: string
  readonly out?: string
  readonly checkpoint?: CheckpointChoice
  readonly agent?: readonly string[]
  readonly subPolicy?: number
  readonly json?: boolean
}

export function addExportCommand(program: Command): void {
  const formats = Object.entries({ ...exportFormats, page: { description: page } }).map(
    ([name, { description }]) => `  ${name.padEnd(12)} ${wrapped(description, 78).join(`\n${' '.repeat(15)}`)}`,
  )
  addCheckpointOption(program.command('export'))
    .argument('<run>', 'a run folder')
    .requiredOption('--format <name>', `one of ${Object.keys(exportFormats).join(', ')}, page`)
    .option('--out <folder>', 'where the files go; default <run>/export')
    .option('--agent <id>', 'this agent only, repeatable', (id, all: string[] = []) => [...all, id])
    .option('--sub-policy <k>', 'which policy of an ensemble, counted from 0', wholeNumber)
    .option('--json', 'one JSON object per line')
    .addHelpText('after', `\nFormats:\n${formats.join('\n')}`)
    .action(exportCommand)
}

async function exportCommand(path: string, options: ExportOptions): Promise<void> {
  if (options.format === 'page') refuseForPage(options)
  const out = options.out ?? join(path, 'export')
  const { run, folder } = await openTrainedRun(path, printNote, options)
  const played = (index: number) => {
    const { baseline } = run.parts[index]!
    return baseline === null ? null : untaughtName(baseline)
  }
  try {
    if (options.format === 'page') return sayPage(await exportPage(run, folder, out), options)
    for (const [index, { id }] of run.agents.entries()) {
      if (options.agent?.includes(id) && played(index) !== null)
        throw new ConfigError('--agent', `${id} is played by '${played(index)}': it has no actor to export`)
    }
    const exported = await exportActors({
      agents: playedAgents(run),
      actors: run.roster.map(learner => learner.actor),
      origin: {
        scenario: run.definition.id,
        algorithm: run.who,
        seed: String(run.config.run.seed),
      },
      format: options.format,
      folder: out,
      only: options.agent ?? run.agents.filter((_, index) => played(index) === null).map(({ id }) => id),
      ...(options.subPolicy === undefined ? {} : { subPolicy: options.subPolicy }),
    })
    for (const { agent, file, difference } of exported) {
      if (options.json) {
        print(JSON.stringify({ event: 'export', format: options.format, agent, file: join(out, file), difference }))
        continue
      }
      const checked =
        difference === null
          ? `not run here: ${exportFormats[options.format]!.missing}`
          : `run and compared with the actor: largest difference ${difference.toExponential(1)}`
      print(`${join(out, file)}   (${checked})`)
    }
  } finally {
    run.dispose()
  }
}

/** A page holds all agents and all their policies. */
function refuseForPage({ agent, subPolicy }: ExportOptions): void {
  const sentence = 'a page holds all agents with all their policies; leave it out'
  if (agent !== undefined) throw new ConfigError('--agent', sentence)
  if (subPolicy !== undefined) throw new ConfigError('--sub-policy', sentence)
}

function sayPage({ file, bytes }: { readonly file: string; readonly bytes: number }, { json }: ExportOptions): void {
  if (json) print(JSON.stringify({ event: 'export', format: 'page', file, bytes }))
  else print(`${file}   (${Math.round(bytes / 1000)} kB; open it in a browser)`)
}

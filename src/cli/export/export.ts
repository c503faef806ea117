// marlstrom export: writes the trained actors of a run for TensorFlow.js, ONNX, Python, plain JavaScript or a page to play in.
import type { Command } from 'commander'
import { exportFormats } from '../../export/formats.ts'
import { type CheckpointChoice, exportRun } from '../../index.ts'
import { wrapped } from '../list/list-text.ts'
import { addCheckpointOption } from '../options/checkpoint-option.ts'
import { wholeNumber } from '../options/settings.ts'
import { print, printNote } from '../terminal/print.ts'

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
  const { format, json } = options
  for (const { file, agent, difference, bytes } of await exportRun(path, { ...options, note: printNote })) {
    if (agent === null) {
      if (json) print(JSON.stringify({ event: 'export', format, file, bytes }))
      else print(`${file}   (${Math.round(bytes! / 1000)} kB; open it in a browser)`)
    } else if (json) print(JSON.stringify({ event: 'export', format, agent, file, difference }))
    else {
      const checked =
        difference === null
          ? `not run here: ${exportFormats[format]!.missing}`
          : `run and compared with the actor: largest difference ${difference.toExponential(1)}`
      print(`${file}   (${checked})`)
    }
  }
}

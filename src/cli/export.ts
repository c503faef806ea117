// marlstrom export: writes the trained actors of a run for TensorFlow.js, ONNX, Python or plain JavaScript.
import { join } from 'node:path'
import type { Command } from 'commander'
import { exportActors } from '../export/export-actors.ts'
import { exportFormats } from '../export/formats.ts'
import { openTrainedRun } from './open-run.ts'

interface ExportOptions {
  readonly format: string
  readonly out?: string
  readonly agent?: readonly string[]
  readonly json?: boolean
}

export function addExportCommand(program: Command): void {
  const formats = Object.entries(exportFormats).map(([name, { description }]) => `  ${name.padEnd(12)} ${description}`)
  program
    .command('export')
    .description('write the trained actors of a run for other programs')
    .argument('<run>', 'a run folder')
    .requiredOption('--format <name>', `one of ${Object.keys(exportFormats).join(', ')}`)
    .option('--out <folder>', 'where the files go; default <run>/export')
    .option('--agent <id>', 'this agent only, repeatable', (id, all: string[] = []) => [...all, id])
    .option('--json', 'one JSON object per line')
    .addHelpText('after', `\nFormats:\n${formats.join('\n')}`)
    .action(exportCommand)
}

async function exportCommand(path: string, options: ExportOptions): Promise<void> {
  const folder = options.out ?? join(path, 'export')
  const { run } = await openTrainedRun(path)
  try {
    const exported = await exportActors({
      agents: run.agents,
      actors: run.roster.map(learner => learner.actor),
      origin: {
        scenario: run.definition.id,
        algorithm: run.config.learner.algorithm,
        seed: String(run.config.run.seed),
      },
      format: options.format,
      folder,
      ...(options.agent === undefined ? {} : { only: options.agent }),
    })
    for (const { agent, file, difference } of exported) {
      if (options.json) {
        console.log(
          JSON.stringify({ event: 'export', format: options.format, agent, file: join(folder, file), difference }),
        )
        continue
      }
      const checked =
        difference === null
          ? 'not run here: no ONNX runtime is part of marlstrom'
          : `run and compared with the actor: largest difference ${difference.toExponential(1)}`
      console.log(`${join(folder, file)}   (${checked})`)
    }
  } finally {
    run.dispose()
  }
}

// marlstrom conformance: replays recorded traces of the reference worlds.
import type { Command } from 'commander'
import { print } from '../terminal/print.ts'
import { conformance } from './conformance.ts'

export function addConformanceCommand(program: Command): void {
  program
    .command('conformance')
    .argument('<folder>', 'folder with traces of format mpe-conformance/1')
    .option('--scenario <id>', 'only this scenario')
    .option('--json', 'one JSON object per line')
    .action(async (folder: string, options: { scenario?: string; json?: boolean }) => {
      process.exitCode = await conformance(folder, { ...options, write: line => print(line) })
    })
}

// marlstrom bench: measures this machine; every comparison is a ratio within one run.
import { availableParallelism } from 'node:os'
import type { Command } from 'commander'
import { benchmarks } from '../../../bench/index.ts'
import { ConfigError, unknownName } from '../../errors.ts'
import { processorName } from '../../experiment/processor.ts'
import { chooseBlas } from '../options/settings.ts'
import { print } from '../terminal/print.ts'

export function addBenchCommand(program: Command): void {
  program
    .command('bench')
    .argument(
      '[name]',
      `one benchmark, or its figures that begin so: ${benchmarks.map(benchmark => benchmark.name).join(', ')}`,
    )
    .option('--blas <file>', 'the library of kernels=blas, in update and on-policy', chooseBlas)
    .option('--json', 'one JSON object per line')
    .action(benchCommand)
}

async function benchCommand(name: string | undefined, options: { json?: boolean }): Promise<void> {
  const names = benchmarks.map(benchmark => benchmark.name)
  const chosen = benchmarks.filter(benchmark => name === undefined || name.split('/')[0] === benchmark.name)
  if (chosen.length === 0) throw new ConfigError('bench', unknownName('benchmark', name!, names))
  const machine = { processor: processorName(), cores: availableParallelism(), node: process.versions.node }
  if (options.json) print(JSON.stringify({ event: 'machine', ...machine }))
  else print(`machine: ${machine.processor}; ${machine.cores} cores; Node ${machine.node}`)
  for (const benchmark of chosen) {
    if (!options.json) print(`${benchmark.name}: ${benchmark.description}`)
    await benchmark.run(
      figure => {
        if (options.json) print(JSON.stringify({ event: 'bench', ...figure }))
        else print(`  ${line(figure)}`)
      },
      text => {
        if (!options.json) print(text)
      },
      part => name === undefined || part.startsWith(name) || name.startsWith(`${part}/`),
    )
  }
}

function line({
  name,
  value,
  unit,
  against,
  ratio,
}: Parameters<Parameters<(typeof benchmarks)[0]['run']>[0]>[0]): string {
  const figure = `${name.padEnd(36)} ${value.toLocaleString('en-US', { maximumSignificantDigits: 4 }).padStart(12)} ${unit}`
  return against === undefined ? figure : `${figure}, ${ratio!.toFixed(2)} times ${against}`
}

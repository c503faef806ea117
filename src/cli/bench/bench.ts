// marlstrom bench: measures this machine; every comparison is a ratio within one run.
import type { Command } from 'commander'
import { benchmarks } from '../../../bench/index.ts'
import { ConfigError, unknownName } from '../../errors.ts'
import { describeLibrary } from '../../run/kernels.ts'
import { choiceOf, chooseBlas } from '../options/settings.ts'
import { print, printNote } from '../terminal/print.ts'

export function addBenchCommand(program: Command): void {
  program
    .command('bench')
    .argument('[name]', `one benchmark: ${benchmarks.map(benchmark => benchmark.name).join(', ')}`)
    .option('--kernels <name>', 'of update: standard, relaxed or blas', choiceOf('standard', 'relaxed', 'blas'))
    .option('--blas <file>', 'the library of --kernels blas', chooseBlas)
    .option('--json', 'one JSON object per line')
    .action(benchCommand)
}

async function benchCommand(name: string | undefined, options: { json?: boolean; kernels?: string }): Promise<void> {
  const names = benchmarks.map(benchmark => benchmark.name)
  const chosen = benchmarks.filter(benchmark => name === undefined || name.split('/')[0] === benchmark.name)
  if (chosen.length === 0) throw new ConfigError('bench', unknownName('benchmark', name!, names))
  const { kernels } = options
  if (kernels === 'blas') printNote(describeLibrary())
  for (const benchmark of chosen) {
    if (!options.json) print(`${benchmark.name}: ${benchmark.description}`)
    await benchmark.run(
      figure => {
        if (options.json) print(JSON.stringify({ event: 'bench', ...figure }))
        else print(`  ${line(figure)}`)
      },
      kernels === undefined ? {} : { kernels },
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

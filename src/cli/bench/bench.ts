// marlstrom bench: measures this machine; every comparison is a ratio within one run.
import type { Command } from 'commander'
import type { BenchOptions } from '../../../bench/figure.ts'
import { benchmarks } from '../../../bench/index.ts'
import { ConfigError, unknownName } from '../../errors.ts'
import { print } from '../terminal/print.ts'

export function addBenchCommand(program: Command): void {
  program
    .command('bench')
    .argument('[name]', `one benchmark: ${benchmarks.map(benchmark => benchmark.name).join(', ')}`)
    .option('--games <counts>', 'steps: games side by side, as 32,256,4096', countsOf)
    .option('--json', 'one JSON object per line')
    .action(benchCommand)
}

function countsOf(text: string): number[] {
  const counts = text.split(',').map(Number)
  if (counts.every(count => Number.isInteger(count) && count >= 1)) return counts
  throw new ConfigError('--games', `expected whole numbers of at least 1, as 32,256,4096, got '${text}'`)
}

async function benchCommand(name: string | undefined, options: BenchOptions & { json?: boolean }): Promise<void> {
  const names = benchmarks.map(benchmark => benchmark.name)
  const chosen = benchmarks.filter(benchmark => name === undefined || name.split('/')[0] === benchmark.name)
  if (chosen.length === 0) throw new ConfigError('bench', unknownName('benchmark', name!, names))
  for (const benchmark of chosen) {
    if (!options.json) print(`${benchmark.name}: ${benchmark.description}`)
    await benchmark.run(figure => {
      if (options.json) print(JSON.stringify({ event: 'bench', ...figure }))
      else print(`  ${line(figure)}`)
    }, options)
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

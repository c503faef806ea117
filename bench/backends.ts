// What one MADDPG update round costs on each backend: every kind of kernels, every carrier of TensorFlow.js, and the round as one writes it
// for native TensorFlow without marlstrom.
import { sectionOptions } from '../src/run/config/section-options.ts'
import { contest, milliseconds, ratio, type Standing, table } from './contest.ts'
import type { Benchmark } from './figure.ts'
import type { Contender } from './peers/contender.ts'
import { startRounds, startStockRound } from './peers/round-process.ts'
import type { RoundShape } from './update-round.ts'

const shapes: readonly RoundShape[] = [64, 256, 512].map(hidden => ({ agents: 3, hidden, transitions: 30_000 }))

export const backends: Benchmark = {
  name: 'backends',
  description: 'one update round of 3 agents on one thread: kernels of the simd backend and carriers of tfjs',
  async run(report, note, wanted) {
    const asked = shapes.filter(({ hidden }) => wanted(`backends/${hidden}`))
    const missing = new Set<string>()
    const rows = new Map<string, (Standing | undefined)[]>()
    for (const [column, shape] of asked.entries()) {
      const starts: readonly (readonly [string, Promise<Contender | string>])[] = [
        ...sectionOptions.run.kernels.choices!.map(
          kernels =>
            [`simd, kernels ${kernels}`, startRounds({ shape, threads: 1, settings: { run: { kernels } } })] as const,
        ),
        // Plain JavaScript takes a minute for a round of 512-512.
        ...['tensorflow', 'wasm', ...(shape.hidden === 64 ? ['cpu'] : [])].map(
          tfjs =>
            [
              `tfjs on ${tfjs}`,
              startRounds({ shape, threads: 1, settings: { run: { backend: 'tfjs', tfjs } } }),
            ] as const,
        ),
        ['native TensorFlow, a plain program', startStockRound(shape, 'tensorflow')],
      ]
      const contenders: (readonly [string, Contender])[] = []
      for (const [name, start] of starts) {
        const contender = await start
        if (typeof contender === 'string') missing.add(`${name}: ${contender}`)
        else contenders.push([name, contender])
      }
      const standings = await contest(
        contenders.map(([, contender]) => contender),
        0.3,
        30,
      )
      for (const [i, [name, contender]] of contenders.entries()) {
        contender.end()
        const row = rows.get(name) ?? []
        row[column] = standings[i]
        rows.set(name, row)
      }
    }
    for (const reason of missing) note(`not compared: ${reason}`)
    const standard = rows.get('simd, kernels standard')
    if (standard === undefined) return
    const cell = (standing: Standing | undefined, column: number) =>
      standing === undefined
        ? ''
        : `${milliseconds(standing.cost.cpu)} ms (${ratio(standard[column]!, standing, 'cpu').toFixed(2)})`
    note(
      table(
        ['3 agents', ...asked.map(({ hidden }) => `${hidden}-${hidden}`)],
        [...rows].map(([name, standings]) => [name, ...asked.map((_, column) => cell(standings[column], column))]),
      ),
    )
    note('Processor time of a round on one thread, and in brackets how many times that of standard kernels it is.')
    for (const [name, standings] of rows) {
      standings.forEach((standing, column) => {
        if (standing === undefined) return
        const figure = {
          name: `backends/${asked[column]!.hidden}/${name}`,
          value: standing.cost.cpu * 1000,
          unit: 'ms',
        }
        report({ ...figure, against: 'standard kernels', ratio: ratio(standing, standard[column]!, 'cpu') })
      })
    }
  },
}

// What one MADDPG update round costs, drawn from a full replay buffer: with every kind of kernels and in PyTorch where PYTHON has it, from
// 3 agents of 64 units to 12 of 512, on one thread and two; then against stock TensorFlow.js and two processes that share nothing.
import { availableParallelism } from 'node:os'
import { sectionOptions } from '../src/run/config/section-options.ts'
import { contest, milliseconds, ratio, type Standing, table } from './contest.ts'
import { type Benchmark, type Figure, takeTurns } from './figure.ts'
import { type Contender, type Cost, startPython } from './peers/contender.ts'
import { startRounds, tfjsOptions } from './peers/round-process.ts'
import { createRound, type RoundShape } from './update-round.ts'

type Report = (figure: Figure) => void
type Note = (line: string) => void

const threadCounts = availableParallelism() > 1 ? [1, 2] : [1]
const shapes: readonly RoundShape[] = [3, 6, 12].flatMap(agents =>
  [64, 128, 256, 512].map(hidden => ({ agents, hidden, transitions: agents === 12 ? 30_000 : 100_000 })),
)

export const update: Benchmark = {
  name: 'update',
  description: 'one update round: every agent draws, gathers, and steps critic, actor and targets',
  async run(report, note, wanted) {
    for (const threads of threadCounts) {
      const asked = shapes.filter(shape => wanted(nameOf(threads, shape)))
      if (asked.length > 0) await againstTorch(threads, asked, report, note)
    }
    if (wanted('update/tfjs')) await againstTfjs(report)
    if (threadCounts.length > 1 && wanted('update/two-processes')) await againstProcesses(report)
  },
}

/** One thread is compared by processor time; several, which wait for each other, by wall time: it wants idle cores. */
async function againstTorch(threads: number, asked: readonly RoundShape[], report: Report, note: Note): Promise<void> {
  const kind: keyof Cost = threads === 1 ? 'cpu' : 'wall'
  const kernels: readonly string[] = sectionOptions.run.kernels.choices!
  const missing = new Set<string>()
  const rows: Map<string, Standing>[] = []
  for (const shape of asked) {
    const standings = await standingsOf(shape, threads, kernels, missing)
    rows.push(standings)
    const name = nameOf(threads, shape)
    const torch = standings.get('PyTorch')
    for (const [contender, standing] of standings) {
      const figure = { name: `${name}/${contender}`, value: standing.cost[kind] * 1000, unit: `ms (${kind})` }
      const against = { against: `${torch?.name} on ${threads} thread${threads > 1 ? 's' : ''}` }
      report(
        torch === undefined || torch === standing
          ? figure
          : { ...figure, ...against, ratio: ratio(standing, torch, kind) },
      )
    }
  }
  for (const reason of missing) note(`not compared: ${reason}`)
  const found = [...kernels, 'PyTorch'].filter(name => rows.some(row => row.has(name)))
  const [ours, torch] = [found.filter(name => name !== 'PyTorch'), found.includes('PyTorch')]
  const pairs = [
    ...ours.slice(1).map(name => [name, 'standard'] as const),
    ...(torch ? ours.map(name => [name, 'PyTorch'] as const) : []),
  ]
  note(
    table(
      [`threads: ${threads}`, ...found.map(name => `${name}, ms`), ...pairs.map(([one, other]) => `${one} : ${other}`)],
      rows.map((row, i) => [
        `${asked[i]!.agents} agents, ${asked[i]!.hidden}-${asked[i]!.hidden}`,
        ...found.map(name => milliseconds(row.get(name)!.cost[kind])),
        ...pairs.map(([one, other]) => ratio(row.get(one)!, row.get(other)!, kind).toFixed(2)),
      ]),
    ),
  )
  note(`By ${kind === 'cpu' ? 'processor' : 'wall'} time; a : b says how many times faster a is.`)
}

function nameOf(threads: number, { agents, hidden }: RoundShape): string {
  return `update/threads-${threads}/${agents}-agents/${hidden}-${hidden}`
}

/** By name; reasons of those that this machine cannot run are added to `missing`. */
async function standingsOf(shape: RoundShape, threads: number, kernels: readonly string[], missing: Set<string>) {
  const { agents, hidden, transitions } = shape
  const starting: (readonly [string, Promise<Contender | string>])[] = [
    ...kernels.map(name => [name, startRounds({ shape, threads, settings: { run: { kernels: name } } })] as const),
    ['PyTorch', startPython('torch_update_round.py', { threads, agents, hidden, replay: transitions }, threads)],
  ]
  const contenders = new Map<string, Contender>()
  for (const [name, start] of starting) {
    const contender = await start
    if (typeof contender === 'string') missing.add(`${name}: ${contender}`)
    else contenders.set(name, contender)
  }
  const standings = await contest([...contenders.values()], 0.2, 6)
  for (const contender of contenders.values()) contender.end()
  return new Map([...contenders.keys()].map((name, i) => [name, standings[i]!]))
}

const spread: RoundShape = { agents: 3, hidden: 64, transitions: 100_000 }
const turns = 15

async function againstTfjs(report: Report): Promise<void> {
  const name = 'update/tfjs'
  const ours = []
  for (const threads of threadCounts) ours.push(await createRound(spread, threads))
  const peers = await createPeers(spread)
  const seconds = await takeTurns(turns, [...ours.map(round => round.run), ...peers.map(peer => peer.round)])
  threadCounts.forEach((threads, i) => {
    peers.forEach((peer, p) => {
      const against = { against: peer.name, ratio: seconds[ours.length + p]! / seconds[i]! }
      report({
        name: `${name}/threads-${threads}/${peer.name.replaceAll(' ', '-')}`,
        value: seconds[i]! * 1000,
        unit: 'ms',
        ...against,
      })
    })
  })
  for (const peer of peers) peer.dispose()
  for (const round of ours) round.dispose()
}

/** What two threads make of two cores, against two processes of one thread each at the same time. */
async function againstProcesses(report: Report): Promise<void> {
  const rounds = 3
  const together = await createRound(spread, 2)
  const apart = await Promise.all([0, 1].map(() => startRounds({ shape: spread, threads: 1 })))
  const processes = apart.filter(process => typeof process !== 'string')
  const [ours, theirs] = (await takeTurns(2 * turns, [
    () => {
      for (let i = 0; i < rounds; i++) together.run()
    },
    async () => {
      await Promise.all(processes.map(process => process.work(rounds)))
    },
  ])) as [number, number]
  for (const process of processes) process.end()
  together.dispose()
  report({
    name: 'update/two-processes',
    value: (ours / rounds) * 1000,
    unit: 'ms',
    against: 'two processes of one thread',
    ratio: theirs / 2 / ours,
  })
}

/** TensorFlow.js on wasm doing the same round: as one writes it, and with all but the products by hand. None where it is missing. */
async function createPeers(shape: RoundShape) {
  try {
    const { createTfjsStockRound } = await import('./peers/tfjs-stock-round.ts')
    const { createTfjsUpdateRound } = await import('./peers/tfjs-update-round.ts')
    const options = tfjsOptions(shape)
    return [await createTfjsStockRound(options), await createTfjsUpdateRound(options)]
  } catch (error) {
    console.error(`no comparison with TensorFlow.js: ${(error as Error).message}`)
    return []
  }
}

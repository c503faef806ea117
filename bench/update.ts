// Milliseconds of one MADDPG update round, drawn from a full replay buffer: on one thread and two, against stock TensorFlow.js,
// against two processes that share nothing, and against PyTorch where it is installed.
import { availableParallelism } from 'node:os'
import type { Overrides } from '../src/run/config/config.ts'
import { type Benchmark, type Figure, takeTurns } from './figure.ts'
import { pythonRound } from './peers/python-round.ts'
import { startRoundProcess } from './peers/round-process.ts'
import { createRound, type RoundShape } from './update-round.ts'

type Report = (figure: Figure) => void

interface Contest {
  /** Begins the names of its figures. */
  readonly name: string
  readonly shape: RoundShape
  /** Fewer where a round of the slowest contender takes a second. */
  readonly turns: number
}

/** The shape that everything is compared in, and how the cost grows from there. */
const spread: Contest = {
  name: 'update/simple_spread',
  shape: { agents: 3, hidden: 64, transitions: 1_000_000 },
  turns: 25,
}
const larger: readonly Contest[] = [
  { name: 'update/simple_spread/agents-6', shape: { agents: 6, hidden: 64, transitions: 500_000 }, turns: 8 },
  { name: 'update/simple_spread/agents-12', shape: { agents: 12, hidden: 64, transitions: 200_000 }, turns: 4 },
  { name: 'update/simple_spread/hidden-256', shape: { agents: 3, hidden: 256, transitions: 500_000 }, turns: 6 },
]
const threadCounts = availableParallelism() > 1 ? [1, 2] : [1]

export const update: Benchmark = {
  name: 'update',
  description: 'one update round: every agent draws, gathers, and steps critic, actor and targets',
  async run(report, { kernels = 'standard' } = {}) {
    const settings = { run: { kernels } }
    await againstTorch(report, settings)
    for (const contest of [spread, ...larger]) {
      await againstTfjs(contest, report, settings)
      if (threadCounts.length > 1) await againstProcesses(contest, report)
    }
  },
}

async function againstTfjs({ name, shape, turns }: Contest, report: Report, settings: Overrides): Promise<void> {
  const ours = []
  for (const threads of threadCounts) ours.push(await createRound(shape, threads, settings))
  const peers = await createPeers(shape)
  const seconds = await takeTurns(turns, [...ours.map(round => round.run), ...peers.map(peer => peer.round)])
  threadCounts.forEach((threads, i) => {
    const figure = { name: `${name}/simd-${threads}`, value: seconds[i]! * 1000, unit: 'ms' }
    if (peers.length === 0) report(figure)
    peers.forEach((peer, p) => {
      const against = p === 0 ? figure.name : `${figure.name}/against-${peer.name.replaceAll(' ', '-')}`
      report({ ...figure, name: against, against: peer.name, ratio: seconds[ours.length + p]! / seconds[i]! })
    })
  })
  peers.forEach((peer, p) => {
    const value = seconds[ours.length + p]! * 1000
    report({ name: `${name}/${peer.name.replaceAll(' ', '-')}`, value, unit: 'ms' })
    peer.dispose()
  })
  for (const round of ours) round.dispose()
}

/** PyTorch is another process: each is measured right before and after the other, in turns of its own. */
async function againstTorch(report: Report, settings: Overrides): Promise<void> {
  const { name, shape } = spread
  for (const threads of threadCounts) {
    const milliseconds = pythonRound(shape, threads)
    if (milliseconds === undefined) return
    const round = await createRound(shape, threads, settings)
    const [seconds] = (await takeTurns(20, [round.run])) as [number]
    round.dispose()
    const value = seconds * 1000
    report({
      name: `${name}/simd-${threads}/against-torch`,
      value,
      unit: 'ms',
      against: `PyTorch on ${threads} thread${threads > 1 ? 's' : ''}`,
      ratio: milliseconds / value,
    })
    report({ name: `${name}/torch-${threads}`, value: milliseconds, unit: 'ms' })
  }
}

/** What two threads make of two cores, against two processes of one thread each at the same time. */
async function againstProcesses({ name, shape, turns }: Contest, report: Report): Promise<void> {
  const rounds = 3
  const together = await createRound(shape, 2)
  const apart = [await startRoundProcess(shape), await startRoundProcess(shape)]
  const [threads, processes] = (await takeTurns(2 * turns, [
    () => {
      for (let i = 0; i < rounds; i++) together.run()
    },
    async () => {
      await Promise.all(apart.map(process => process.run(rounds)))
    },
  ])) as [number, number]
  for (const process of apart) process.end()
  together.dispose()
  report({ name: `${name}/two-processes`, value: (processes / rounds / 2) * 1000, unit: 'ms' })
  report({
    name: `${name}/simd-2/against-two-processes`,
    value: (threads / rounds) * 1000,
    unit: 'ms',
    against: 'two processes of one thread',
    ratio: processes / 2 / threads,
  })
}

/** TensorFlow.js on wasm doing the same round: as one writes it, and with all but the products by hand. None where it is missing. */
async function createPeers({ agents, hidden, transitions }: RoundShape) {
  try {
    const { createTfjsStockRound } = await import('./peers/tfjs-stock-round.ts')
    const { createTfjsUpdateRound } = await import('./peers/tfjs-update-round.ts')
    const shape = {
      agents,
      observationSize: 6 * agents,
      actionSize: 5,
      hidden: [hidden, hidden],
      batch: 1024,
      replayRows: transitions,
    }
    return [await createTfjsStockRound(shape), await createTfjsUpdateRound(shape)]
  } catch (error) {
    console.error(`no comparison with TensorFlow.js: ${(error as Error).message}`)
    return []
  }
}

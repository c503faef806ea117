// Milliseconds of one MADDPG update round, drawn from a full replay buffer: on one thread and two, against stock TensorFlow.js,
// against two processes that share nothing, and against PyTorch where it is installed.
import { availableParallelism } from 'node:os'
import { type Benchmark, type Figure, takeTurns } from './figure.ts'
import { pythonRound } from './peers/python-round.ts'
import { startRoundProcess } from './peers/round-process.ts'
import { createRound, type RoundShape } from './update-round.ts'

type Report = (figure: Figure) => void

/** The shape that everything is compared in, and how the cost grows from there. */
const spread: RoundShape = { agents: 3, hidden: 64, transitions: 1_000_000 }
const larger: Readonly<Record<string, RoundShape>> = {
  'agents-6': { agents: 6, hidden: 64, transitions: 500_000 },
  'agents-12': { agents: 12, hidden: 64, transitions: 200_000 },
  'hidden-256': { agents: 3, hidden: 256, transitions: 500_000 },
}
const threadCounts = availableParallelism() > 1 ? [1, 2] : [1]

export const update: Benchmark = {
  name: 'update',
  description: 'one update round: every agent draws, gathers, and steps critic, actor and targets',
  async run(report) {
    await againstPeers(report)
    if (threadCounts.length > 1) await againstProcesses(report)
    for (const [name, shape] of Object.entries(larger)) await byThreads(`update/simple_spread/${name}`, shape, report)
  },
}

async function againstPeers(report: Report): Promise<void> {
  const ours = []
  for (const threads of threadCounts) ours.push(await createRound(spread, threads))
  const peers = await createPeers()
  const contenders = [...ours.map(round => round.run), ...peers.map(peer => peer.round)]
  const seconds = await takeTurns(25, contenders)
  threadCounts.forEach((threads, i) => {
    const figure = { name: `update/simple_spread/simd-${threads}`, value: seconds[i]! * 1000, unit: 'ms' }
    if (peers.length === 0) report(figure)
    peers.forEach((peer, p) => {
      const name = p === 0 ? figure.name : `${figure.name}/against-${peer.name.replaceAll(' ', '-')}`
      report({ ...figure, name, against: peer.name, ratio: seconds[ours.length + p]! / seconds[i]! })
    })
  })
  peers.forEach((peer, p) => {
    const value = seconds[ours.length + p]! * 1000
    report({ name: `update/simple_spread/${peer.name.replaceAll(' ', '-')}`, value, unit: 'ms' })
    peer.dispose()
  })
  for (const threads of threadCounts) {
    const milliseconds = pythonRound(spread, threads)
    const mine = ours[threadCounts.indexOf(threads)]!
    if (milliseconds === undefined) break
    // Measured right before and after, in turns of its own: the peer is another process.
    const [second] = (await takeTurns(20, [mine.run])) as [number]
    const value = second * 1000
    report({
      name: `update/simple_spread/simd-${threads}/against-torch`,
      value,
      unit: 'ms',
      against: `PyTorch on ${threads} thread${threads > 1 ? 's' : ''}`,
      ratio: milliseconds / value,
    })
    report({ name: `update/simple_spread/torch-${threads}`, value: milliseconds, unit: 'ms' })
  }
  for (const round of ours) round.dispose()
}

/** What two threads make of two cores, against two processes of one thread each at the same time. */
async function againstProcesses(report: Report): Promise<void> {
  const rounds = 5
  const together = await createRound(spread, 2)
  const apart = [await startRoundProcess(spread), await startRoundProcess(spread)]
  const [threads, processes] = (await takeTurns(60, [
    () => {
      for (let i = 0; i < rounds; i++) together.run()
    },
    async () => {
      await Promise.all(apart.map(process => process.run(rounds)))
    },
  ])) as [number, number]
  for (const process of apart) process.end()
  together.dispose()
  report({ name: 'update/simple_spread/two-processes', value: (processes / rounds / 2) * 1000, unit: 'ms' })
  report({
    name: 'update/simple_spread/simd-2/against-two-processes',
    value: (threads / rounds) * 1000,
    unit: 'ms',
    against: 'two processes of one thread',
    ratio: processes / 2 / threads,
  })
}

async function byThreads(name: string, shape: RoundShape, report: Report): Promise<void> {
  const rounds = []
  for (const threads of threadCounts) rounds.push(await createRound(shape, threads))
  const seconds = await takeTurns(
    30,
    rounds.map(round => round.run),
  )
  threadCounts.forEach((threads, i) => {
    const figure = { name: `${name}/simd-${threads}`, value: seconds[i]! * 1000, unit: 'ms' }
    report(i === 0 ? figure : { ...figure, against: 'one thread', ratio: seconds[0]! / seconds[i]! })
  })
  for (const round of rounds) round.dispose()
}

/** TensorFlow.js on wasm doing the same round: as one writes it, and with all but the products by hand. None where it is missing. */
async function createPeers() {
  try {
    const { createTfjsStockRound } = await import('./peers/tfjs-stock-round.ts')
    const { createTfjsUpdateRound } = await import('./peers/tfjs-update-round.ts')
    const shape = {
      agents: 3,
      observationSize: 18,
      actionSize: 5,
      hidden: [64, 64],
      batch: 1024,
      replayRows: spread.transitions,
    }
    return [await createTfjsStockRound(shape), await createTfjsUpdateRound(shape)]
  } catch (error) {
    console.error(`no comparison with TensorFlow.js: ${(error as Error).message}`)
    return []
  }
}

// Milliseconds of one MADDPG update round, drawn from a replay buffer of a million transitions, against stock TensorFlow.js.
import { actAll } from '../src/engine/simulate.ts'
import { createRun } from '../src/run.ts'
import { type Benchmark, takeTurns } from './figure.ts'

const transitions = 1_000_000

export const update: Benchmark = {
  name: 'update',
  description: 'one update round: every agent draws, gathers, and steps critic, actor and targets',
  async run(report) {
    const ours = await createRound()
    const name = 'update/simple_spread/simd-1'
    const peers = await createPeers()
    const [mine, ...theirs] = (await takeTurns(10, [ours, ...peers.map(peer => peer.round)])) as [number, ...number[]]
    if (peers.length === 0) report({ name, value: mine * 1000, unit: 'ms' })
    peers.forEach((peer, i) => {
      peer.dispose()
      const figure = i === 0 ? name : `${name}/against-${peer.name.replaceAll(' ', '-')}`
      report({ name: figure, value: mine * 1000, unit: 'ms', against: peer.name, ratio: theirs[i]! / mine })
      report({ name: `update/simple_spread/${peer.name.replaceAll(' ', '-')}`, value: theirs[i]! * 1000, unit: 'ms' })
    })
  },
}

/** A round of the real thing: preset openai on simple_spread, replay filled by play. */
async function createRound(): Promise<() => void> {
  const run = await createRun({ scenario: { id: 'simple_spread' }, run: { games: 64 } })
  const { vectorGame, policies, replay, rounds, roster } = run
  while (replay.size < transitions) {
    actAll(policies, vectorGame)
    replay.insert(vectorGame.advance())
  }
  return () => {
    for (let agent = 0; agent < roster.length; agent++) rounds.advance()
  }
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
      replayRows: transitions,
    }
    return [await createTfjsStockRound(shape), await createTfjsUpdateRound(shape)]
  } catch (error) {
    console.error(`no comparison with TensorFlow.js: ${(error as Error).message}`)
    return []
  }
}

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
    const peer = await createPeer()
    if (typeof peer === 'string') {
      const [seconds] = (await takeTurns(20, [ours])) as [number]
      report({ name, value: seconds * 1000, unit: `ms (no comparison: ${peer})` })
      return
    }
    const [mine, theirs] = (await takeTurns(12, [ours, peer.round])) as [number, number]
    peer.dispose()
    report({ name, value: mine * 1000, unit: 'ms', against: peer.name, ratio: theirs / mine })
    report({ name: `update/simple_spread/${peer.name.replaceAll(' ', '-')}`, value: theirs * 1000, unit: 'ms' })
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

/** The stock wasm backend of TensorFlow.js doing the same round, or why it cannot. */
async function createPeer() {
  try {
    const { createTfjsUpdateRound } = await import('./peers/tfjs-update-round.ts')
    return await createTfjsUpdateRound({
      agents: 3,
      observationSize: 18,
      actionSize: 5,
      hidden: [64, 64],
      batch: 1024,
      replayRows: transitions,
    })
  } catch (error) {
    return (error as Error).message
  }
}

// Processor time of an update round by the number of agents, which share their parameters and see the five nearest: what an agent costs.
import type { Benchmark } from './figure.ts'
import { createRound } from './update-round.ts'

const counts = [3, 10, 30, 100, 300]

export const agentsUpdate: Benchmark = {
  name: 'agents-update',
  description:
    'processor time of an update round, shared parameters, five nearest, batch 256: in one update, and one after the other',
  async run(report) {
    for (const agents of counts) {
      const together = await roundOf(agents, true)
      // One after the other 300 agents take minutes and tell nothing that 100 do not.
      const apart = agents <= 100 ? await roundOf(agents, false) : null
      // Enough rounds for the clock to tell, where they are short.
      const rounds = Math.max(1, Math.round(60 / agents))
      const many = (run: () => void) => () => {
        for (let round = 0; round < rounds; round++) run()
      }
      const contenders = [together, ...(apart === null ? [] : [apart])]
      const seconds = await processorTurns(
        agents < 30 ? 8 : 3,
        contenders.map(({ run }) => many(run)),
      )
      const [mine, theirs] = seconds.map(each => (1000 * each) / rounds / agents) as [number, number?]
      const figure = { name: `agents-update/${agents}`, value: mine, unit: 'ms per agent' }
      report(theirs === undefined ? figure : { ...figure, against: 'one after the other', ratio: theirs / mine })
      for (const { dispose } of contenders) dispose()
    }
  },
}

function roundOf(agents: number, groupUpdate: boolean) {
  return createRound({ agents, hidden: 64, transitions: 2048 }, 1, {
    scenario: { id: 'simple_spread', agents, agentNeighbors: 5, landmarkNeighbors: 5 },
    learner: {
      shareParameters: true,
      groupUpdate,
      draws: groupUpdate ? 'round' : 'agent',
      batch: 256,
      updateAfter: 2048,
    },
    run: { games: 16 },
  })
}

/** Least seconds of processor time of each contender, all threads together. They take turns; the first warms up. */
async function processorTurns(turns: number, contenders: readonly (() => void | Promise<void>)[]): Promise<number[]> {
  const best = contenders.map(() => Infinity)
  for (let turn = 0; turn <= turns; turn++) {
    for (const [i, contender] of contenders.entries()) {
      const before = process.cpuUsage()
      await contender()
      const { user, system } = process.cpuUsage(before)
      if (turn > 0) best[i] = Math.min(best[i]!, (user + system) / 1e6)
    }
  }
  return best
}

// A hundred agents: what learning takes of the memory, and that they start and learn.
import { lastValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { train } from '../../src/experiment/trainer.ts'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import { storedBeside } from '../../src/run/experience.ts'
import { gameOf } from '../../src/run/find-game.ts'
import { learningNeed } from '../../src/run/learning-memory.ts'
import { planRun } from '../../src/run/plan.ts'
import { createRun } from '../../src/run/run.ts'
import { ticks } from '../support/ticks.ts'

const spread = (agents: number): Overrides => ({
  scenario: { id: 'simple_spread', agents, agentNeighbors: 5, landmarkNeighbors: 5 },
  network: { hidden: [8] },
  learner: { batch: 8, updateEvery: 8, updateAfter: 16 },
  replay: { capacity: 64 },
  run: { games: 8, episodes: 1e6, seed: 3, threads: 1 },
})

/** Bytes that each row of a batch takes, and that networks take, of so many agents. */
async function needOf(agents: number, learner: NonNullable<Overrides['learner']>) {
  const { config, definition, players } = await planRun(layer(spread(agents), { learner }))
  const specs = gameOf(config, definition)().agents
  return (await learningNeed(players, config, specs, { capacity: 64, ...storedBeside(specs, players, config) }))!
}

describe('learners of many agents', () => {
  it.each([
    ['maddpg', {}],
    ['ddpg', {}],
    ['matd3', {}],
    ['m3ddpg', {}],
    ['masac', {}],
    ['mad4pg', { atoms: 5 }],
    ['maddpg', { shareParameters: true }],
    ['maddpg', { shareParameters: true, groupUpdate: true }],
    ['maddpg', { critic: 'set', shareParameters: true, identity: false }],
  ])(
    'have one workspace, which grows with the game and not with their number squared: %s %o',
    async (algorithm, further) => {
      const few = await needOf(10, { algorithm, ...further })
      const more = await needOf(40, { algorithm, ...further })
      // Four times the columns of batches and critics' inputs; with an input for each learner it was sixteen times.
      expect(more.perRow).toBeLessThan(5 * few.perRow)
    },
  )

  it.each([{}, { shareParameters: true }, { shareParameters: true, groupUpdate: true, draws: 'round' }])(
    'start and learn, a hundred of them: %o',
    async learner => {
      const run = await createRun(layer(spread(100), { learner }))
      const before = Float32Array.from(run.roster[99]!.actor.networks[0]!.parameters)
      const updates = 'groupUpdate' in learner ? 1 : 100
      await lastValueFrom(train(run, { clock$: ticks(2 + updates) }), { defaultValue: null })
      expect(run.rounds.finished).toBe(1)
      const after = run.roster[99]!.actor.networks[0]!.parameters
      expect(after.every(Number.isFinite)).toBe(true)
      expect(after.some((x, i) => x !== before[i])).toBe(true)
      run.dispose()
    },
  )
})

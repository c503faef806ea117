// Self-play by ppo from scratch, judged exactly (docs/results.md): tic-tac-toe by its whole tree, Pig by its equations.
import { lastValueFrom } from 'rxjs'
import { expect, it, onTestFinished } from 'vitest'
import { train } from '../../src/experiment/trainer.ts'
import type { Overrides } from '../../src/run/config/config.ts'
import { type ExactStanding, exactStandings } from '../../src/run/exact-standings.ts'
import { createRun } from '../../src/run/run.ts'

/** How the learnt policy does by its best guess, with either player beginning. */
async function learnt(
  id: string,
  against: ExactStanding['against'],
  { learner, network, run }: Required<Pick<Overrides, 'learner' | 'network' | 'run'>>,
): Promise<ExactStanding[]> {
  const trained = await createRun({
    scenario: { id, begins: 'random' },
    team: { player_1: 'same:player_0' },
    learner: { algorithm: 'ippo', gamma: 1, epochs: 4, minibatches: 4, ...learner },
    network,
    run: { threads: 1, tensorboard: false, ...run },
  })
  onTestFinished(() => trained.dispose())
  await lastValueFrom(train(trained), { defaultValue: null })
  const standings = exactStandings(trained, ['greedy']).filter(
    one => one.team === 'player_0' && one.against === against,
  )
  expect(standings.map(({ begins }) => begins)).toEqual(['player_0', 'player_1'])
  return standings
}

// Chance plays every line there is.
it.each([1, 2])('tic_tac_toe: the best guess loses in no line of play, whoever begins, seed %i', async seed => {
  const standings = await learnt('tic_tac_toe', 'random', {
    learner: {
      rolloutSteps: 16,
      entropyWeight: 0.1,
      learningRate: { from: 0.003, to: 0.0002, steps: 1_000_000, shape: 'exponential' },
    },
    network: { hidden: [128, 128] },
    run: { games: 256, episodes: 120_000, seed },
  })
  expect(standings.map(({ lost }) => lost)).toEqual([0, 0])
})

// A cue that is shown once and asked for later: MADDPG learns to act on it with actors that remember, and cannot without.
import { describe, expect, it } from 'vitest'
import { actAll } from '../../src/engine/simulate.ts'
import { type Training, train } from '../../src/experiment/trainer.ts'
import { observed } from '../support/observed.ts'
import { ticks } from '../support/ticks.ts'
import type { TinyGameOptions } from '../support/tiny-game.ts'
import { type TinyTrainingOptions, tinyTraining } from '../support/tiny-training.ts'

const length = 4
const cue = (secret: number) => (secret < 0.5 ? -1 : 1)
/**
 * The first agent sees the sign at the first step; its last step pays for the first move where the sign was -1, for the third where it
 * was 1. The second agent sees the sign throughout, and so does every critic: what is worth doing is known, what to do must be remembered.
 */
const recall: TinyGameOptions = {
  length,
  ending: 'terminated',
  see: ({ agent, secrets, step }) => [agent === 1 || step === 0 ? cue(secrets[0]!) : 0, step === length - 1 ? 1 : 0],
  reward: ({ agent, actions, secrets, step }) =>
    agent === 0 && step === length ? actions[0]![cue(secrets[0]!) < 0 ? 0 : 2]! : 0,
}

/** Trains for so many update rounds. */
async function learnt(rounds: number, options: TinyTrainingOptions): Promise<Training> {
  const training = await tinyTraining({
    game: recall,
    games: 8,
    every: 8,
    after: 64,
    batch: 64,
    hidden: [16],
    memorySteps: length,
    capacity: 4096,
    schedule: { episodes: 1e9, logEvery: 1e9, checkpointEvery: 1e9 },
    ...options,
    learner: { learningRate: 0.01, tau: 0.05, gamma: 0.9, ...options.learner },
  })
  const clock$ = ticks((rounds + 10) * (1 + training.agents.length))
  expect(observed(train(training, { clock$ })).errors).toEqual([])
  return training
}

/** Mean reward of the last steps of some episodes, by the best guesses of the actors. */
function paid({ vectorGame, policies }: Training): number {
  const rewards: number[] = []
  for (let step = 0; step < 20 * length; step++) {
    actAll(policies, vectorGame, false)
    const { rewards: given, terminated } = vectorGame.advance()
    for (let game = 0; game < given.rows; game++) if (terminated[2 * game] === 1) rewards.push(given.data[2 * game]!)
  }
  return rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length
}

describe('a cue that is shown at the first step and asked for at the last', () => {
  it.each([1, 2])('is remembered by an actor with a memory of eight units (seed %i)', async seed => {
    expect(paid(await learnt(300, { seed, network: { memory: 8 } }))).toBeGreaterThan(0.95)
  })

  it('is remembered by actors that share a network, of whom the other has nothing to do', async () => {
    const options = { seed: 1, network: { memory: 8 }, shareParameters: true }
    expect(paid(await learnt(300, options))).toBeGreaterThan(0.95)
  })

  it('is lost on an actor without a memory, whatever its critic knows', async () => {
    expect(paid(await learnt(300, { seed: 1 }))).toBeLessThan(0.65)
  })
})

// Algorithms of three kinds learn a game that uses every feature of the contract at once: masks, waiting, coming late, leaving, returning,
// debts that are paid while an agent waits, ends by the rules and by the clock.
import { join } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { expect, it, onTestFinished } from 'vitest'
import { evaluate } from '../../src/experiment/evaluate.ts'
import { train } from '../../src/experiment/trainer.ts'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import { createRun, evaluationOf, type PolicyKind } from '../../src/run/run.ts'

const base: Overrides = {
  scenario: { id: join(import.meta.dirname, '../support/shifts-game.ts') },
  network: { hidden: [32] },
  run: { seed: 1, games: 4, threads: 1, tensorboard: false },
}
const replay = { updateAfter: 1000, batch: 128, updateEvery: 16, learningRate: 0.01, gamma: 0.5 }

const ways: Readonly<Record<string, Overrides>> = {
  maddpg: { learner: { algorithm: 'maddpg', critic: 'state', ...replay }, run: { episodes: 2500 } },
  masac: { learner: { algorithm: 'masac', critic: 'joint', ...replay }, run: { episodes: 2500 } },
  reinforce: {
    learner: { algorithm: 'reinforce', baseline: 'value', critic: 'joint', gamma: 0.5, learningRate: 0.01 },
    run: { episodes: 6000 },
  },
}

it.each(Object.keys(ways))('%s earns nearly what the perfect player does', async way => {
  const run = await createRun(layer(base, ways[way]!))
  onTestFinished(() => run.dispose())
  await lastValueFrom(train(run), { defaultValue: null })
  const earned = (policy: PolicyKind) => evaluate(evaluationOf(run, policy, 'greedy', 300)).returns
  const [trained, scripted, random] = [earned('trained'), earned('scripted'), earned('random')]
  for (const id of Object.keys(scripted)) {
    const share = (trained[id]!.mean - random[id]!.mean) / (scripted[id]!.mean - random[id]!.mean)
    expect([id, share > 0.85]).toEqual([id, true])
  }
})

// Games that are no particle worlds are learnt: to hunt the stag together, and to gather food.
import { lastValueFrom } from 'rxjs'
import { expect, it, onTestFinished } from 'vitest'
import { evaluate } from '../../src/experiment/evaluate.ts'
import { train } from '../../src/experiment/trainer.ts'
import type { Overrides } from '../../src/run/config/config.ts'
import { createRun, evaluationOf, type PolicyKind } from '../../src/run/run.ts'

async function learn(overrides: Overrides): Promise<(policy: PolicyKind) => number> {
  const run = await createRun(overrides)
  onTestFinished(() => run.dispose())
  await lastValueFrom(train(run), { defaultValue: null })
  return policy => {
    const { returns } = evaluate(evaluationOf(run, policy, 'sample', 200))
    const means = Object.values(returns).map(({ mean }) => mean)
    return means.reduce((sum, mean) => sum + mean, 0)
  }
}

it('two agents hunt the stag: 10 each a step, where chance gets 3.75', async () => {
  const hare = [[2, 2], [3, 0]] // biome-ignore format: a table
  const stag = [[0, 3], [10, 10]] // biome-ignore format: a table
  const returnOf = await learn({
    scenario: { id: 'matrix_game', payoffs: [hare, stag] },
    learner: { updateAfter: 500, batch: 64, updateEvery: 20 },
    network: { hidden: [16] },
    run: { episodes: 600 },
  })
  expect(returnOf('random')).toBeLessThan(90)
  expect(returnOf('trained')).toBeGreaterThan(190)
})

it('a forager finds food', async () => {
  const returnOf = await learn({
    scenario: { id: 'foraging', agents: 1, size: 5, food: 1, agentLevel: 1, maxCycles: 20 },
    learner: { updateAfter: 2000, batch: 256, updateEvery: 10, learningRate: 0.003 },
    network: { hidden: [32, 32] },
    run: { episodes: 2500 },
  })
  expect(returnOf('scripted')).toBe(1)
  expect(returnOf('random')).toBeLessThan(0.5)
  expect(returnOf('trained')).toBeGreaterThan(0.7)
})

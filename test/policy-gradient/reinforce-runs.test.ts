// REINFORCE in runs of every scenario.
import { lastValueFrom } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { layer, type Overrides } from '../../src/config.ts'
import { train } from '../../src/experiment/trainer.ts'
import { createRun, scenarios } from '../../src/run.ts'

const reinforce: Overrides = {
  learner: { algorithm: 'reinforce', episodes: 4 },
  network: { hidden: [8, 6] },
  run: { seed: 7, episodes: 14, games: 2, threads: 1 },
}

describe.each(Object.keys(scenarios))('%s', id => {
  it.each([false, true])(
    'is trained in rounds of complete episodes, with shared parameters %s',
    async shareParameters => {
      const run = await createRun(layer(reinforce, { scenario: { id, maxCycles: 5 }, learner: { shareParameters } }))
      onTestFinished(() => run.dispose())
      await lastValueFrom(train(run), { defaultValue: null })
      expect(run.tracker.finished).toBe(14)
      expect(run.rounds.finished).toBe(3)
      expect(run.replay).toBe(null)
      const figures = run.rounds.figures()
      expect(Object.keys(figures).some(name => name.startsWith('policyLoss/'))).toBe(true)
      expect(Object.values(figures).every(Number.isFinite)).toBe(true)
    },
  )
})

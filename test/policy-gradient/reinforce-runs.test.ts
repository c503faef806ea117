// REINFORCE in runs of every scenario.
import { lastValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { train } from '../../src/experiment/trainer.ts'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import { scenarios } from '../../src/run/run.ts'
import { tinyRollouts, tinyRun } from '../support/tiny-config.ts'

const small: Overrides = {
  run: { episodes: 14, games: 2, checkpointEvery: 1000, tensorboard: false, threads: 1 },
}

describe.each(Object.keys(scenarios))('%s', id => {
  it.each([false, true])(
    'is trained in rounds of complete episodes, with shared parameters %s',
    async shareParameters => {
      const run = await tinyRun(
        layer(small, { scenario: { id, maxCycles: 5 }, learner: { shareParameters } }),
        tinyRollouts,
      )
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

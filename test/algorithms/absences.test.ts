// Every algorithm in a game with masks, whose agents wait, come late, leave and return: it trains, does nothing illegal, and goes on to the bit.
import { describe, expect, it } from 'vitest'
import type { Overrides } from '../../src/run/config/config.ts'
import { algorithms } from '../../src/run/run.ts'
import { expectResumable } from '../support/resumable.ts'
import { learnsFromReplay, needsCommonSteps } from '../support/tiny-roster.ts'

/** What each way to learn has of it at once; one by one: test/long/absences.test.ts. */
const overReplay: Overrides = {
  learner: { returnSteps: 3, priority: 0.6, draws: 'round', discountPer: 'gameStep', critic: 'state' },
}
const overRollouts: Overrides = {
  learner: { critic: 'joint', timeLimit: 'bootstrap', discountPer: 'gameStep' },
  network: { memory: 4 },
}
const overEpisodes: Overrides = { ...overRollouts, learner: { ...overRollouts.learner, baseline: 'value' } }

describe.each(Object.entries(algorithms))('%s', (id, algorithm) => {
  it('trains without a fault, and goes on to the bit', async () => {
    const settings = id === 'reinforce' ? overEpisodes : overRollouts
    const own = learnsFromReplay(algorithm) ? overReplay : settings
    if (needsCommonSteps(algorithm)) {
      await expect(expectResumable(id, own)).rejects.toThrow(/agent_0, which may wait .* steps in common/)
      await expectResumable(id, { ...own, scenario: { absences: false } })
    } else await expectResumable(id, own)
  })
})

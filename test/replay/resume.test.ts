// However batches are drawn, a run that was cut anywhere goes on with the same bits.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCheckpoint, writeCheckpoint } from '../../src/experiment/checkpoint.ts'
import { train } from '../../src/experiment/trainer.ts'
import type { Overrides } from '../../src/run/config/config.ts'
import type { Run } from '../../src/run/run.ts'
import { observed } from '../support/observed.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'

const ways: Record<string, Overrides> = {
  'by TD error, over several steps': {
    learner: { returnSteps: 3, priority: 0.6, importance: { from: 0.4, to: 1, steps: 300 } },
    replay: { capacity: 130 },
    run: { games: 3 },
  },
  'once a round': { learner: { draws: 'round', priority: 0.6 }, replay: { capacity: 130 }, run: { games: 2 } },
  'by sub-policy': { learner: { subPolicies: 2 }, replay: { capacity: 130 }, run: { games: 3 } },
  'by sub-policy and TD error': { learner: { subPolicies: 2, priority: 1 }, replay: { capacity: 130 } },
  'with the way to them': {
    network: { hidden: [6], memory: 4, memorySteps: 3 },
    replay: { steps: 2, capacity: 130 },
    run: { games: 2 },
  },
}

describe('a run that draws its batches', () => {
  it.each(Object.entries(ways))('%s, goes on where it was cut, in the middle of a round too', async (_, overrides) => {
    const create = () => tinyRun({ ...overrides, run: { episodes: 1000, ...overrides.run } })
    const go = (run: Run, count: number) => expect(observed(train(run, { clock$: ticks(count) })).errors).toEqual([])
    // Before the first round, and after one and two updates of a round of at least three.
    for (const updates of [0, 1, 2]) {
      const whole = await create()
      go(whole, 15)
      while (updates > 0 && whole.rounds.finished < 2) go(whole, 1)
      while (updates > 0 && !whole.rounds.due) go(whole, 1)
      go(whole, updates)
      expect(whole.rounds.due).toBe(updates > 0)
      const file = join(tempFolder(), 'cut')
      writeCheckpoint(file, whole.save())
      const resumed = await create()
      resumed.restore(readCheckpoint(file))
      expect(bytesOf(resumed).equals(readFileSync(file))).toBe(true)
      for (const run of [whole, resumed]) go(run, 150)
      expect(whole.rounds.finished).toBeGreaterThan(3)
      expect(bytesOf(resumed).equals(bytesOf(whole))).toBe(true)
    }
  })

  it('cannot give the sub-policies of a round one batch', async () => {
    const refused = tinyRun({ learner: { subPolicies: 3, draws: 'round' } })
    await expect(refused).rejects.toThrow("learner.draws: expected 'agent' with learner.subPolicies 3")
  })
})

function bytesOf(run: Run): Buffer {
  const file = join(tempFolder(), 'checkpoint')
  writeCheckpoint(file, run.save())
  return readFileSync(file)
}

// The miniature run of all tests: a real scenario and real learners, small enough for hundreds of updates a second.
import { onTestFinished } from 'vitest'
import { layer, type Overrides } from '../../src/config.ts'
import { createRun, type Run } from '../../src/run.ts'

export const tinyConfig: Overrides = {
  scenario: { id: 'simple_spread', maxCycles: 10 },
  learner: { batch: 16, updateEvery: 20, updateAfter: 60 },
  network: { hidden: [8, 6] },
  replay: { capacity: 1000 },
  run: { seed: 7, episodes: 30, logEvery: 5, checkpointEvery: 10 },
}

/** A wired run of the miniature config; disposed after the test. */
export async function tinyRun(overrides: Overrides = {}): Promise<Run> {
  const run = await createRun(layer(tinyConfig, overrides))
  onTestFinished(() => run.dispose())
  return run
}

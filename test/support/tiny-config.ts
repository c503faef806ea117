// The miniature run of all tests: a real scenario and real learners, small enough for hundreds of updates a second.
import { onTestFinished } from 'vitest'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import { createRun, type Run } from '../../src/run/run.ts'

export const tinyConfig: Overrides = {
  scenario: { id: 'simple_spread', maxCycles: 10 },
  learner: { batch: 16, updateEvery: 20, updateAfter: 60 },
  network: { hidden: [8, 6] },
  replay: { capacity: 1000 },
  run: { seed: 7, episodes: 30, logEvery: 5, checkpointEvery: 10 },
}

/** The same of learners over rollouts, in rounds of a few episodes. */
export const tinyRollouts: Overrides = { ...tinyConfig, learner: { algorithm: 'reinforce', rolloutEpisodes: 4 } }

/** A wired run of a miniature config; disposed after the test. */
export async function tinyRun(overrides: Overrides = {}, config: Overrides = tinyConfig): Promise<Run> {
  const run = await createRun(layer(config, overrides))
  onTestFinished(() => run.dispose())
  return run
}

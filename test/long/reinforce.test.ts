// REINFORCE in runs, with and against MADDPG: cut anywhere, a run goes on to the same bits.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createRunFolder } from '../../src/experiment/run-folder.ts'
import { train } from '../../src/experiment/trainer.ts'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import { createRun, type Run } from '../../src/run/run.ts'
import { temporaryFolder } from '../support/command.ts'
import { ticks } from '../support/ticks.ts'
import { tinyConfig, tinyRollouts } from '../support/tiny-config.ts'

const maddpg = { algorithm: 'maddpg', ...tinyConfig.learner }
const small: Overrides = {
  run: { episodes: 14, games: 2, checkpointEvery: 1000, tensorboard: false, threads: 1 },
}

const go = (run: Run, count = 1e6) => lastValueFrom(train(run, { clock$: ticks(count) }), { defaultValue: null })

const ways: Readonly<Record<string, Overrides>> = {
  'means of others': {},
  'a joint value': { learner: { baseline: 'value', valueSteps: 3 } },
  'shared parameters and a memory': {
    learner: { shareParameters: true, baseline: 'value', valueSteps: 3 },
    network: { memory: 4 },
  },
  'normalised observations and orthogonal weights': {
    learner: { shareParameters: true, baseline: 'value', valueSteps: 3 },
    network: { memory: 4, normaliseObservations: true, initialisation: 'orthogonal' },
  },
  'Beta boxes': {
    scenario: { rules: 'mpe2', actions: 'continuous' },
    learner: { boxes: 'beta', optimizer: 'rmsProp' },
  },
  'clipped boxes': {
    scenario: { rules: 'mpe2', actions: 'continuous' },
    learner: { boxes: 'clipped', optimizer: 'rmsPropTensorflow' },
    network: { memory: 4 },
  },
  boxes: {
    scenario: { rules: 'mpe2', actions: 'continuous' },
    learner: { critic: 'local', baseline: 'value' },
  },
  'episodes of another length than rounds': { learner: { rolloutEpisodes: 3, baseline: 'mean' }, run: { games: 5 } },
  'against maddpg': { scenario: { id: 'simple_tag' }, team: { adversary: maddpg } },
  'maddpg with sub-policies against it': {
    scenario: { id: 'simple_tag', rules: 'mpe2', actions: 'continuous' },
    team: { adversary: { ...maddpg, subPolicies: 2 } },
  },
}

describe.each(Object.entries(ways))('with %s', (_, way) => {
  it('a run that is cut anywhere goes on to the same bits', async () => {
    const config = layer(layer(tinyRollouts, small), way)
    const whole = await outcomeOf(config, null)
    const cuts = [3, 20, 21, 22, 23, 24, 40, 47]
    const ends = []
    for (const cut of cuts) ends.push(await outcomeOf(config, cut))
    expect(ends.map(({ hash }) => hash)).toEqual(cuts.map(() => whole.hash))
    // Some cuts are within a rollout, and at least one within a round, or just before it.
    expect(new Set(ends.map(({ wasDue }) => wasDue))).toEqual(new Set([true, false]))
  })
})

/** The hash of the last checkpoint of a run that was put on disk after so many ticks and taken up in another. */
async function outcomeOf(config: Overrides, cut: number | null) {
  const path = temporaryFolder()
  const folder = createRunFolder(join(path, 'run'), {})
  let run = await createRun(config)
  let wasDue = false
  if (cut !== null) {
    await go(run, cut)
    wasDue = run.rounds.due
    folder.writeCheckpoint(1, run.save())
    run.dispose()
    run = await createRun(config)
    run.restore(folder.readCheckpoint())
  }
  await go(run)
  folder.writeCheckpoint(99, run.save())
  run.dispose()
  const hash = createHash('sha256')
    .update(readFileSync(join(path, 'run/checkpoints/000000099.safetensors')))
    .digest('hex')
  return { hash, wasDue }
}

// Every algorithm on games that use every feature of the contract (docs/games.md): it learns without a fault, and cut anywhere it goes on to
// the same bits.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createRunFolder } from '../../src/experiment/run-folder.ts'
import { train } from '../../src/experiment/trainer.ts'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import { algorithms, createRun } from '../../src/run/run.ts'
import { temporaryFolder } from '../support/command.ts'
import { ticks } from '../support/ticks.ts'
import { learnsFromReplay, mayBeLocal, settingsIn, smallRounds } from '../support/tiny-roster.ts'

const games: Readonly<Record<string, Overrides['scenario']>> = {
  'all at once': { id: join(import.meta.dirname, '../support/shifts-game.ts') },
  'turns and a perfect player': { id: 'tic_tac_toe' },
  'turns by chance': { id: 'pig', goal: 20 },
  'a grid': { id: 'warehouse', maxCycles: 20 },
  'a corridor': { id: 'switch', maxCycles: 15 },
  sets: { id: 'simple_spread', see: 'sets', maxCycles: 10 },
}

const base: Overrides = {
  network: { hidden: [8] },
  run: { seed: 7, episodes: 40, games: 2, checkpointEvery: 1000, tensorboard: false, threads: 1 },
}
const replay: Overrides = {
  learner: { batch: 16, updateEvery: 12, updateAfter: 40 },
  replay: { capacity: 150 },
}
const rollouts: Overrides = { learner: { rolloutEpisodes: 3, baseline: 'value', valueSteps: 2 } }
const ofFamily = (algorithm: string) =>
  layer(
    base,
    learnsFromReplay(algorithms[algorithm]!)
      ? replay
      : { learner: smallRounds(algorithms[algorithm]!, rollouts.learner!) },
  )

/** Ways to learn, tried on the game that has everything. */
const ways: Readonly<Record<string, Overrides>> = {
  'critic=local': { learner: { critic: 'local' } },
  'critic=state': { learner: { critic: 'state' } },
  'a memory': { network: { memory: 4, memorySteps: 3 } },
  'discounts by game steps': { learner: { discountPer: 'gameStep' } },
  'a time limit that terminates': { learner: { timeLimit: 'terminate' } },
  'a time limit that drops': { learner: { timeLimit: 'drop' } },
}
const waysOverReplay: Readonly<Record<string, Overrides>> = {
  'n-step': { learner: { returnSteps: 3 } },
  'prioritised, n-step, discounts by game steps': {
    learner: { priority: 0.6, returnSteps: 2, discountPer: 'gameStep' },
  },
  'one batch for a round': { learner: { draws: 'round', priority: 0.6 } },
  'sub-policies': { learner: { subPolicies: 2 } },
  'inferred policies': { learner: { inferPolicies: true } },
}

/** The hash of the last checkpoint of a run that was put on disk after so many ticks and taken up in another. */
async function outcomeOf(config: Overrides, cut: number | null): Promise<string> {
  const path = temporaryFolder()
  const folder = createRunFolder(join(path, 'run'), {})
  let run = await createRun(config)
  const go = (count = 1e6) => lastValueFrom(train(run, { clock$: ticks(count) }), { defaultValue: null })
  if (cut !== null) {
    await go(cut)
    folder.writeCheckpoint(run.tracker.finished, run.save())
    run.dispose()
    run = await createRun(config)
    run.restore(folder.readCheckpoint())
  }
  await go()
  expect(run.rounds.finished).toBeGreaterThan(1)
  folder.writeCheckpoint(9999, run.save())
  run.dispose()
  return createHash('sha256')
    .update(readFileSync(join(path, 'run/checkpoints/000009999.safetensors')))
    .digest('hex')
}

async function expectResumes(config: Overrides): Promise<void> {
  const whole = await outcomeOf(config, null)
  for (const cut of [7, 46, 47, 90]) expect([cut, await outcomeOf(config, cut)]).toEqual([cut, whole])
}

const ids = Object.keys(algorithms)

describe.each(ids)('%s', algorithm => {
  const own = layer(ofFamily(algorithm), { learner: settingsIn(algorithms[algorithm]!, { algorithm }) })
  const { options } = algorithms[algorithm]!
  const isOf = ({ learner = {} }: Overrides) => Object.keys(learner).every(name => Object.hasOwn(options, name))
  it.each(Object.keys(games))('learns from %s, and resumes', async game => {
    await expectResumes(layer(own, { scenario: games[game]! }))
  })

  const { 'critic=local': local, ...others } = {
    ...ways,
    ...(learnsFromReplay(algorithms[algorithm]!) ? waysOverReplay : {}),
  }
  const all = mayBeLocal(algorithms[algorithm]!) ? { 'critic=local': local!, ...others } : others
  const tried = Object.fromEntries(Object.entries(all).filter(([, way]) => isOf(way)))
  it.each(Object.keys(tried))('learns from all at once with %s, and resumes', async way => {
    await expectResumes(layer(layer(own, { scenario: games['all at once']! }), tried[way]!))
  })
})

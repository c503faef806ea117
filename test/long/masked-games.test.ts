// Whole runs in a game that refuses every forbidden action: every algorithm, and every kind of actor, trains, plays and resumes in it.
import { describe, expect, it } from 'vitest'
import { algorithms } from '../../src/algorithms/index.ts'
import { evaluate } from '../../src/experiment/evaluate.ts'
import { train } from '../../src/experiment/trainer.ts'
import type { Overrides } from '../../src/run/config/config.ts'
import { evaluationOf } from '../../src/run/run.ts'
import { corridorFile } from '../support/corridor-file.ts'
import { observed } from '../support/observed.ts'
import { ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'
import { learnsFromReplay, settingsIn, smallRounds } from '../support/tiny-roster.ts'

const replay = { batch: 16, updateEvery: 12, updateAfter: 40 }
const learnerOf = (id: string) =>
  learnsFromReplay(algorithms[id]!) ? replay : smallRounds(algorithms[id]!, { rolloutEpisodes: 4 })

const kinds: readonly { readonly name: string; readonly settings: Overrides; readonly space?: 'soft' }[] = [
  ...Object.keys(algorithms).map(id => ({
    name: id,
    settings: { learner: settingsIn(algorithms[id]!, { algorithm: id, ...learnerOf(id) }) },
  })),
  ...(['straightThrough', 'gumbelRao', 'gapped', 'soft'] as const).map(estimator => ({
    name: `estimator ${estimator} where probabilities are legal`,
    settings: { learner: { ...replay, estimator } },
    space: 'soft' as const,
  })),
  {
    name: 'masac where probabilities are legal',
    settings: { learner: { algorithm: 'masac', ...replay } },
    space: 'soft',
  },
  { name: 'memories', settings: { learner: replay, network: { memory: 4 } } },
  { name: 'ensembles', settings: { learner: { ...replay, subPolicies: 2 } } },
  { name: 'shared parameters', settings: { learner: { ...replay, shareParameters: true } } },
  { name: 'inferred policies', settings: { learner: { ...replay, inferPolicies: true } } },
  {
    name: 'returns of several steps and priority',
    settings: { learner: { ...replay, returnSteps: 3, priority: 0.6 } },
  },
]

describe.each(kinds)('with $name', ({ settings: own, space }) => {
  it('nothing forbidden is ever done, and a run goes on with the same bits where it was saved', async () => {
    const scenario = { id: corridorFile(space === 'soft') }
    const base = { scenario, network: { hidden: [8] }, run: { seed: 3, episodes: 40 } }
    const run = await tinyRun(own, base)
    expect(observed(train(run, { clock$: ticks(70) })).errors).toEqual([])
    const resumed = await tinyRun(own, base)
    resumed.restore(structuredClone(run.save()))
    for (const one of [run, resumed]) expect(observed(train(one, { clock$: ticks(60) })).errors).toEqual([])
    expect(run.rounds.finished).toBeGreaterThan(2)
    expect(resumed.save()).toEqual(run.save())
    for (const kind of ['trained', 'random', 'noop', 'scripted'] as const) {
      for (const mode of ['sample', 'greedy'] as const) {
        expect(() => evaluate(evaluationOf(run, kind, mode, 4))).not.toThrow()
      }
    }
  })
})

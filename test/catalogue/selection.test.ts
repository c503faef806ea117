// Filters and order of runs.
import { describe, expect, it } from 'vitest'
import { differingSettings } from '../../src/catalogue/differences.ts'
import type { KnownRun } from '../../src/catalogue/run-summary.ts'
import { select } from '../../src/catalogue/selection.ts'
import type { CataloguedRun } from '../../src/catalogue/values.ts'
import { ConfigError } from '../../src/errors.ts'

function run(folder: string, seed: number, value: number | undefined, settings: Record<string, unknown>): KnownRun {
  const metrics = value === undefined ? {} : { episodes: 100, 'return/agent_0': value, 'criticLoss/agent_0': 2 * value }
  return {
    folder,
    status: 'finished',
    scenario: 'simple_spread',
    algorithm: 'maddpg',
    preset: 'openai',
    seed,
    episodes: 100,
    plannedEpisodes: 100,
    plannedSteps: null,
    settings: new Map(Object.entries({ 'run.seed': seed, ...settings })),
    metrics: metrics as Record<string, number>,
    returns: value === undefined ? ({} as Record<string, number>) : { agent: value },
    bytes: 1000 * seed,
  }
}
const runs: CataloguedRun[] = [
  run('a', 1, -150, { 'learner.algorithm': 'maddpg', 'network.hidden': [64, 64], 'learner.clip': null }),
  run('b', 2, -140, { 'learner.algorithm': 'masac', 'network.hidden': [64, 64], 'learner.clip': 0.5 }),
  run('c', 10, undefined, { 'learner.algorithm': 'masac', 'network.hidden': [128], 'learner.clip': 0.5 }),
  { folder: 'd', status: 'damaged', problem: 'config.json is missing', bytes: 5 },
]
const chosen = (filters: string[], sort?: string) => select(runs, { filters, sort }).map(({ folder }) => folder)

describe('filters', () => {
  it.each<[string[], string[]]>([
    [[], ['a', 'b', 'c', 'd']],
    [['learner.algorithm=masac'], ['b', 'c']],
    [['learner.algorithm!=masac'], ['a']],
    [['return.agent>-150'], ['b']],
    [['return.agent>=-150'], ['a', 'b']],
    [['return.agent_0<-145'], ['a']],
    [['return/agent_0<=-150'], ['a']],
    [['criticLoss/agent_0=-280'], ['b']],
    [['seed=10'], ['c']],
    [['seed=1e1'], ['c']],
    [['run.seed>1', 'run.seed<10'], ['b']],
    [['network.hidden=[128]'], ['c']],
    [['learner.clip=null'], ['a']],
    [['status=damaged'], ['d']],
    [['status!=damaged'], ['a', 'b', 'c']],
    [['bytes>1000'], ['b', 'c']],
    [['folder>1'], []],
  ])('%j leave %j', (filters, folders) => {
    expect(chosen(filters)).toEqual(folders)
  })

  it.each([
    ['learner.algorithm', "expected key=value or a comparison like return.agent>-150, got 'learner.algorithm'"],
    ['return.agent>high', "return.agent>: expected a number to compare with, got 'high'"],
    ['return.agent>', "expected a number to compare with, got ''"],
    ['learner.algoritm=maddpg', "no run has 'learner.algoritm'; did you mean 'learner.algorithm'?"],
  ])('%s is refused', (filter, sentence) => {
    expect(() => chosen([filter])).toThrow(ConfigError)
    expect(() => chosen([filter])).toThrow(sentence)
  })

  it('are not refused where there are no runs to have the key', () => {
    expect(select([], { filters: ['learner.x=1'], sort: 'y' })).toEqual([])
  })
})

describe('the order', () => {
  it.each([
    ['seed', ['a', 'b', 'c', 'd']],
    ['-seed', ['c', 'b', 'a', 'd']],
    ['return.agent', ['a', 'b', 'c', 'd']],
    ['-return.agent', ['b', 'a', 'c', 'd']],
    ['-learner.clip', ['b', 'c', 'a', 'd']],
    ['-folder', ['d', 'c', 'b', 'a']],
  ])('by %s is %j', (sort, folders) => {
    expect(chosen([], sort)).toEqual(folders)
  })

  it('by what no run has is refused', () => {
    expect(() => chosen([], 'returns.agent')).toThrow(
      "--sort: no run has 'returns.agent'; did you mean 'return.agent'?",
    )
  })
})

it('runs differ in the settings that not all have alike', () => {
  const known = runs.slice(0, 3) as KnownRun[]
  expect(differingSettings(known)).toEqual(['run.seed', 'learner.algorithm', 'network.hidden', 'learner.clip'])
  expect(differingSettings(known.slice(1))).toEqual(['run.seed', 'network.hidden'])
  expect(differingSettings(known.slice(1, 2))).toEqual([])
})

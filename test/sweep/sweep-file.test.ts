// What a sweep file may say, and what it is told when it says something else.
import { describe, expect, it } from 'vitest'
import { objectiveAgents } from '../../src/jobs/objective.ts'
import { sweepOf } from '../../src/sweep/sweep-file.ts'

const small = { base: { scenario: { id: 'simple' } }, space: { 'learner.gamma': [0.9, 0.95] }, trials: 4 }

describe('a sweep file', () => {
  it('has a value for all that it leaves out', () => {
    const { trials, seeds, lanes, objective, rungs, jobs, strategy } = sweepOf(small)
    expect({ trials, seeds, lanes, jobs, learns: strategy.learns }).toEqual({
      trials: 4,
      seeds: [1],
      lanes: Number.POSITIVE_INFINITY,
      jobs: undefined,
      learns: false,
    })
    expect(objective).toEqual({ measure: 'training', mode: 'greedy', episodes: 200, goal: 'maximise', over: 'mean' })
    expect(rungs(300)).toEqual([300])
  })

  it('is a grid of all points when it says nothing else', () => {
    const space = { 'learner.gamma': [0.9, 0.95], 'learner.tau': { log: [0.001, 0.1], points: 3 } }
    const { trials, strategy, space: of } = sweepOf({ base: {}, space, strategy: 'grid' })
    expect(trials).toBe(6)
    const settings = Array.from({ length: 6 }, (_, i) =>
      Object.values(of.at(strategy.suggest(i, { observations: [], pending: [] }))),
    )
    expect(settings).toEqual([0.9, 0.95].flatMap(gamma => [0.001, 0.01, 0.1].map(tau => [gamma, tau])))
  })

  it('waits for results where it learns or halves', () => {
    expect(sweepOf({ ...small, strategy: 'tpe' }).lanes).toBe(4)
    expect(sweepOf({ ...small, halving: { from: 100 } })).toMatchObject({ lanes: 8, eta: 3 })
    expect(sweepOf({ ...small, strategy: 'tpe', lanes: 16 }).lanes).toBe(16)
  })

  it('is the same sweep whatever its name, jobs and number of trials', () => {
    const { identity } = sweepOf(small)
    expect(sweepOf({ ...small, name: 'x', jobs: 3, trials: 9 }).identity).toEqual(identity)
    expect(sweepOf({ ...small, seeds: 2 }).identity).not.toEqual(identity)
  })

  it.each<[object, RegExp]>([
    [{ trails: 3 }, /^trails: unknown key 'trails'; did you mean 'trials'/],
    [{ strategy: 'bayes' }, /^strategy: expected one of .*"tpe", got "bayes"/],
    [{ trials: 0 }, /^trials: .*>=1, got 0/],
    [{ trials: undefined }, /^trials: expected how many trials/],
    [{ base: undefined }, /^base: expected record, got undefined/],
    [{ space: { 'learner.gamma': [] } }, /^space.learner.gamma: expected at least one value/],
    [{ space: {} }, /^space: expected at least one setting/],
    [{ seeds: [1, 2, 1] }, /^seeds: 1 is listed twice/],
    [{ seeds: [] }, /^seeds: .*, got \[\]/],
    [{ seeds: 'many' }, /^seeds: expected how many seeds/],
    [{ objective: { mesure: 'training' } }, /^objective.mesure: unknown key 'mesure'; did you mean 'measure'/],
    [{ objective: { goal: 'max' } }, /^objective.goal: expected one of .*got "max"/],
    [{ halving: { form: 3 } }, /^halving\.(from|form)/],
    [{ halving: { from: 3, eta: 1 } }, /^halving.eta: .*>=2, got 1/],
    [{ tpe: { startup: 5 } }, /^tpe: says how strategy tpe searches, but strategy is random/],
    [{ lanes: 3 }, /^lanes: strategy random without halving waits for no result/],
    [
      { strategy: 'grid', trials: 3, space: { 'learner.gamma': [0.8, 0.85, 0.9, 0.95] } },
      /^trials: the grid has 4 points, got 3/,
    ],
    [
      { strategy: 'grid', trials: 5, space: { 'learner.gamma': [0.8, 0.85, 0.9, 0.95] } },
      /^trials: the grid has 4 points, got 5/,
    ],
    [
      { strategy: 'grid', space: { 'learner.gamma': { uniform: [0, 1] } } },
      /^space.learner.gamma: a grid needs to know how many points/,
    ],
    [{ name: '../up' }, /^name: expected letters/],
  ])('is refused with %j', (change, message) => {
    expect(() => sweepOf({ ...small, ...change })).toThrow(message)
  })
})

describe('an objective', () => {
  const agents = ['adversary_0', 'agent_0', 'agent_1'].map(id => ({
    id,
    team: id.replace(/_\d/, ''),
    observationSize: 1,
    observationParts: [],
    actionSpace: [],
  }))
  const of = (change: object) => ({ ...sweepOf(small).objective, ...change })

  it('is of the team that learns, or of a team or an agent by name', () => {
    expect(objectiveAgents(of({}), agents, index => index > 0)).toEqual([1, 2])
    expect(objectiveAgents(of({ of: 'agent' }), agents, () => true)).toEqual([1, 2])
    expect(objectiveAgents(of({ of: 'adversary_0' }), agents, () => true)).toEqual([0])
    expect(objectiveAgents(of({ measure: 'criticLoss/agent_0' }), agents, () => true)).toEqual([])
  })

  it('must be told whose where several teams learn', () => {
    expect(() => objectiveAgents(of({}), agents, () => true)).toThrow(
      /objective.of: several teams learn \(adversary, agent\)/,
    )
    expect(() => objectiveAgents(of({ of: 'agnet' }), agents, () => true)).toThrow(/did you mean 'agent'/)
    expect(() => objectiveAgents(of({ measure: 'updates', of: 'agent' }), agents, () => true)).toThrow(/leave it out/)
  })
})

import { describe, expect, it } from 'vitest'
import { groupRuns } from '../../src/report/groups.ts'
import { measured } from './measured.ts'

describe('groupRuns', () => {
  it('puts runs together that differ in the seed alone, whatever their threads', () => {
    const { tasks, methods, groups } = groupRuns([measured({ seed: 1 }), measured({ seed: 2 })])
    expect([tasks.length, methods.length, groups.length]).toEqual([1, 1, 1])
    expect(groups[0]!.runs.map(({ seed }) => seed)).toEqual([1, 2])
    expect([tasks[0]!.label, methods[0]!.label]).toEqual(['simple_spread', 'maddpg'])
  })

  it('names methods by who plays, and by settings where that is not enough', () => {
    const { methods } = groupRuns([
      measured({ who: 'ddpg' }),
      measured({ who: 'maddpg' }),
      measured({ who: 'maddpg', learningRate: 0.001 }),
    ])
    expect(methods.map(({ label }) => label)).toEqual([
      'ddpg',
      'maddpg, learningRate 0.01',
      'maddpg, learningRate 0.001',
    ])
    expect(Object.fromEntries(methods[2]!.differences)).toEqual({
      'learner.algorithm': '"maddpg"',
      'learner.learningRate': '0.001',
    })
  })

  it('names tasks by the options in which they differ', () => {
    const { tasks, methods } = groupRuns([
      measured({ options: { agents: 3 } }),
      measured({ options: { agents: 6 } }),
      measured({ scenario: 'simple_tag' }),
    ])
    expect(tasks.map(({ label }) => label)).toEqual([
      'simple_spread, agents 3',
      'simple_spread, agents 6',
      'simple_tag',
    ])
    expect(tasks[1]!.name).toBe('simple_spread-agents-6')
    expect(methods.length).toBe(1)
  })

  it('takes copies of one scenario file for one task, another code for another', () => {
    const runs = [
      measured({ scenario: 'a/field.ts', code: '1', seed: 1 }),
      measured({ scenario: 'b/field.ts', code: '1', seed: 2 }),
      measured({ scenario: 'a/field.ts', code: '2', seed: 3 }),
    ]
    expect(groupRuns(runs).tasks.map(({ label }) => label)).toEqual(['field.ts (1)', 'field.ts (2)'])
  })

  it('counts a seed once', () => {
    const { groups, repeated } = groupRuns([measured(), { ...measured(), path: 'runs/again' }])
    expect(groups[0]!.runs.length).toBe(1)
    expect(repeated).toEqual([
      { path: 'runs/again', reason: expect.stringMatching(/^seed 1 is there already.*runs\/simple_spread/) },
    ])
  })
})

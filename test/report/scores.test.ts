import { describe, expect, it } from 'vitest'
import { groupRuns } from '../../src/report/groups.ts'
import { isScale, scoreOf, scoreTable } from '../../src/report/scores.ts'
import { baseline, measured } from './measured.ts'

const all = new Map([[0, new Map([['agent', baseline]])]])

describe('scoreOf', () => {
  it('is 0 for chance and 1 for the script', () => {
    expect([-100, 0, -50, 50].map(value => scoreOf(value, baseline))).toEqual([0, 1, 0.5, 1.5])
  })
})

describe('isScale', () => {
  it('asks for a script that is clearly better than chance', () => {
    const with_ = (mean: number, standardError: number) => ({ ...baseline, scripted: { mean, standardError } })
    expect(isScale(with_(-90, 0.1))).toBe(true)
    expect(isScale(with_(-90, 5))).toBe(false)
    expect(isScale(with_(-110, 0.1))).toBe(false)
    expect(isScale({ ...with_(-100, 0), random: { mean: -100, standardError: 0 } })).toBe(false)
  })
})

describe('scoreTable', () => {
  it('has a column per task and team, and the runs of every method in it', () => {
    const runs = [1, 2].map(seed => measured({ seed }))
    const { columns, scores, methods, notes } = scoreTable(groupRuns([...runs, measured({ who: 'ddpg' })]), all)
    expect(columns.map(({ label }) => label)).toEqual(['simple_spread'])
    expect(scores).toEqual([[[0.49, 0.48]], [[0.49]]])
    expect(methods).toEqual([0, 1])
    expect(notes).toEqual([])
  })

  it('compares on what all methods know, and says what is left out', () => {
    const grouping = groupRuns([measured(), measured({ who: 'ddpg' }), measured({ scenario: 'simple_tag' })])
    const both = new Map([...all, [1, new Map([['agent', baseline]])]] as const)
    const { columns, notes } = scoreTable(grouping, both)
    expect(columns.map(({ label }) => label)).toEqual(['simple_spread'])
    expect(notes).toEqual([expect.stringMatching(/^simple_tag is left out/)])
  })

  it('leaves methods out that share no task with the others', () => {
    const grouping = groupRuns([
      measured(),
      measured({ who: 'ddpg' }),
      measured({ scenario: 'simple_tag', who: 'masac' }),
    ])
    const both = new Map([...all, [1, new Map([['agent', baseline]])]] as const)
    const { methods, notes } = scoreTable(grouping, both)
    expect(methods).toEqual([0, 1])
    expect(notes.join(' ')).toMatch(/masac is left out/)
  })

  it('is empty without a scale', () => {
    const { columns, methods, notes } = scoreTable(groupRuns([measured()]), new Map())
    expect([columns, methods]).toEqual([[], []])
    expect(notes).toEqual([expect.stringMatching(/ships no script/)])
  })
})

import { describe, expect, it } from 'vitest'
import { keysTowards } from '../../../viewer/agents/steering.ts'
import { rangeOf, scaleFor } from '../../../viewer/charts/chart-scale.ts'
import { Curves, drawnValue, teamCurves } from '../../../viewer/charts/curves.ts'
import { smoothed } from '../../../viewer/charts/smoothing.ts'

describe('smoothing', () => {
  it('begins with the first value, and leaves what is constant as it is', () => {
    expect(smoothed([4, 4, 4], 0.9).map(value => value!.toFixed(9))).toEqual([
      '4.000000000',
      '4.000000000',
      '4.000000000',
    ])
    expect(smoothed([10, 0], 0.5)).toEqual([10, 10 / 3])
    expect(smoothed([1, 2, 3], 0)).toEqual([1, 2, 3])
  })

  it('leaves gaps where there is no value', () => {
    expect(smoothed([null, 2, Number.NaN, 2], 0.5)).toEqual([null, 2, null, 2])
  })
})

describe('the axis of values', () => {
  it('is logarithmic where all values are above 0, else symmetric', () => {
    expect(scaleFor([1, null, 100], true)).toEqual({ kind: 'logarithmic' })
    expect(scaleFor([-30, -0.2, Number.NaN], true)).toEqual({ kind: 'symmetric', threshold: 0.1 })
    expect(scaleFor([0, 1e-9, 1e3], true)).toEqual({ kind: 'symmetric', threshold: 0.1 })
    expect(scaleFor([0], true)).toEqual({ kind: 'symmetric', threshold: 1 })
    expect(scaleFor([-1, 1], false)).toEqual({ kind: 'linear' })
  })

  it.each([
    [{ kind: 'linear' }, -5, -5],
    [{ kind: 'linear' }, -5.000000000000001, -5],
    [{ kind: 'logarithmic' }, 3, 3.0000000000000004],
    [{ kind: 'symmetric', threshold: 1 }, -5.000000000000001, -5],
    [{ kind: 'symmetric', threshold: 0.1 }, -40, 2],
    [{ kind: 'logarithmic' }, 0.01, 40],
  ] as const)('has room around its values, however alike they are: %j %f %f', (scale, least, most) => {
    const [low, high] = rangeOf(scale, least, most)
    expect(low).toBeLessThan(least)
    expect(high).toBeGreaterThan(most)
    expect(high - low).toBeGreaterThan(0.05)
  })
})

describe('lines of many agents', () => {
  const ids = Array.from({ length: 200 }, (_, i) => `agent_${i}`)
  const teams = ids.map((_, i) => (i < 150 ? 'red' : 'blue'))

  it('are means of teams where there are too many', () => {
    const curves = new Curves(ids, teams)
    curves.see(ids.map((_, i) => i))
    expect(curves.list().map(({ name }) => name)).toEqual(['red: mean of 150', 'blue: mean of 50'])
    expect(drawnValue(teamCurves(teams)[1]!, agent => (agent === 199 ? Number.NaN : agent))).toBe(174)
  })

  it('count those that are equal, and do not name them', () => {
    const curves = new Curves(ids, teams)
    curves.see(ids.map((_, i) => (i < 120 ? 1 : 2)))
    expect(curves.list().map(({ name }) => name)).toEqual([
      '120 of 150 red (equal)',
      '30 of 150 red, 50 of 50 blue (equal)',
    ])
  })
})

it('a finger on the pad means one of eight directions, or none in the middle', () => {
  expect(keysTowards(0.1, -0.1)).toEqual([])
  expect(keysTowards(0.9, 0.1)).toEqual(['ArrowRight'])
  expect(keysTowards(-0.5, 0.5)).toEqual(['ArrowLeft', 'ArrowUp'])
  expect(keysTowards(0.1, -0.8)).toEqual(['ArrowDown'])
})

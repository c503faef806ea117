import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { type Curve, sampleEfficiency, valuesAt } from '../../src/statistics/curves.ts'

const options = () => ({ random: createRandom(1, 'bootstrap'), samples: 300 })
const curve = (...points: [number, number][]): Curve => ({
  steps: points.map(([step]) => step),
  values: points.map(([, value]) => value),
})

describe('sampleEfficiency', () => {
  it('is the interquartile mean over all runs of all tasks at every step, with an interval', () => {
    const tasks = [
      [curve([1, 0], [2, 10]), curve([1, 2], [2, 10])],
      [curve([1, 4], [2, 10]), curve([1, 100], [2, 10])],
    ]
    const { steps, points } = sampleEfficiency(tasks, 50, options())
    expect(steps).toEqual([1, 2])
    expect(points[0]!.value).toBe(3)
    expect(points[0]!.low).toBeLessThan(3)
    expect(points[0]!.high).toBeGreaterThan(3)
    expect(points[1]).toEqual({ value: 10, low: 10, high: 10 })
  })

  it('draws whole runs: those that never differ leave no width at any step', () => {
    const same = curve([1, 5], [2, 7], [3, 6])
    for (const { value, low, high } of sampleEfficiency([[same, same]], 50, options()).points) {
      expect([low, high]).toEqual([value, value])
    }
  })

  it('reads runs that were logged at other steps where both have been', () => {
    const { steps, points } = sampleEfficiency(
      [[curve([0, 0], [10, 10]), curve([2, 0], [4, 0], [20, 0])]],
      5,
      options(),
    )
    expect(steps).toEqual([2, 4, 6, 8, 10])
    expect(points.map(({ value }) => value)).toEqual([1, 2, 3, 4, 5])
  })

  it('has fewer points than the runs where they have many, ends included', () => {
    const long = curve(...Array.from({ length: 1001 }, (_, i): [number, number] => [i, 2 * i]))
    const { steps, points } = sampleEfficiency([[long]], 11, options())
    expect(steps).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000])
    expect(points.map(({ value }) => value)).toEqual(steps.map(step => 2 * step))
  })

  it('refuses runs without points and runs that never meet', () => {
    expect(() => sampleEfficiency([[curve()]], 5, options())).toThrow(/without any/)
    expect(() => sampleEfficiency([[curve([0, 0], [1, 0]), curve([5, 0], [6, 0])]], 5, options())).toThrow(/in common/)
  })
})

describe('valuesAt', () => {
  it('is the line between points, and the nearest end beyond them', () => {
    expect([...valuesAt(curve([1, 0], [3, 4]), [0, 1, 2, 3, 9])]).toEqual([0, 0, 2, 4, 4])
    expect([...valuesAt(curve([1, 7]), [0, 1, 2])]).toEqual([7, 7, 7])
  })
})

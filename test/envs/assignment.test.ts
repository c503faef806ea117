// The assignment against all permutations.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { assign } from '../../src/envs/assignment.ts'

const total = (costs: readonly (readonly number[])[], jobs: readonly number[]) =>
  jobs.reduce((sum, job, worker) => sum + costs[worker]![job]!, 0)

function cheapest(costs: readonly (readonly number[])[], worker = 0, taken: readonly number[] = []): number {
  if (worker === costs.length) return total(costs, taken)
  const free = costs[worker]!.map((_, job) => job).filter(job => !taken.includes(job))
  return Math.min(...free.map(job => cheapest(costs, worker + 1, [...taken, job])))
}

const costTable = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 1 })).chain(([workers, spare]) =>
  fc.array(
    fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: workers + spare, maxLength: workers + spare }),
    {
      minLength: workers,
      maxLength: workers,
    },
  ),
)

it('finds the cheapest of all permutations', () => {
  fc.assert(
    fc.property(costTable, costs => {
      const jobs = assign(
        costs,
        costs[0]!.map((_, job) => job),
        (row, job) => row[job]!,
      )
      expect(new Set(jobs).size).toBe(costs.length)
      expect(total(costs, jobs)).toBeCloseTo(cheapest(costs), 9)
    }),
  )
})

it('refuses fewer jobs than workers', () => {
  expect(() => assign([1, 2], [1], () => 0)).toThrow('expected at least as many jobs as workers (2), got 1')
})

it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses costs of %d instead of searching for ever', cost => {
  expect(() => assign([1, 2], [1, 2], () => cost)).toThrow('expected finite costs')
})

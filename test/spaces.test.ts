// Actions under masks: what is forbidden is named, and what a person wishes becomes what may be done.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../src/random.ts'
import { type ActionSpace, actionSize, allowChoices, forbiddenChoice } from '../src/spaces.ts'
import { allowedChoices, randomMask } from './support/plain-masks.ts'

const space: ActionSpace = [
  { name: 'push', kind: 'box', size: 2, low: -1, high: 1 },
  { name: 'move', kind: 'choice', size: 3, soft: false, names: ['stay', 'left', 'right'] },
  { name: 'say', kind: 'choice', size: 2, soft: true },
]

describe('a forbidden choice', () => {
  it('is named with its part, its name, and what is allowed', () => {
    const mask = [1, 1, 1, 0, 1, 1, 0]
    expect(forbiddenChoice(space, [0.5, 0, 0, 0, 1, 1, 0], mask)).toBeNull()
    expect(forbiddenChoice(space, [0.5, 0, 0, 1, 0, 1, 0], mask)).toBe(
      "takes alternative 1 (left) of part 'move', which is not allowed now; allowed: 0 (stay), 2 (right)",
    )
    expect(forbiddenChoice(space, [0.5, 0, 1, 0, 0, 0.9, 0.1], mask)).toBe(
      "takes alternative 1 of part 'say', which is not allowed now; allowed: 0",
    )
  })

  it('is none in boxes, whatever stands in their columns', () => {
    expect(forbiddenChoice(space, [0.5, -1, 1, 0, 0, 1, 0], [0, 0, 1, 1, 1, 1, 1])).toBeNull()
  })
})

describe('an action made allowed', () => {
  const soft: ActionSpace = space.map(part => (part.kind === 'choice' ? { ...part, soft: true } : part))
  it('stays as it is where nothing of it is forbidden; keeps the shares of the others, or takes the first that is allowed', () => {
    const allowed = (action: number[], mask: number[]) => {
      const row = Float32Array.from(action)
      allowChoices(soft, row, mask)
      return [...row]
    }
    const mask = [0, 0, 0, 1, 1, 1, 0]
    expect(allowed([0.5, -1, 0, 0.25, 0.75, 1, 0], mask)).toEqual([0.5, -1, 0, 0.25, 0.75, 1, 0])
    expect(allowed([0.5, -1, 0.5, 0.125, 0.375, 0, 1], mask)).toEqual([0.5, -1, 0, 0.25, 0.75, 1, 0])
    expect(allowed([0.5, -1, 1, 0, 0, 1, 0], mask)).toEqual([0.5, -1, 0, 1, 0, 1, 0])
  })

  it('is never forbidden and keeps its sums, for any action and mask', () => {
    fc.assert(
      fc.property(fc.nat(), fc.boolean(), (seed, oneHot) => {
        const random = createRandom(seed)
        const mask = randomMask(random, 1, space)
        const row = Float32Array.from({ length: actionSize(space) }, () => random.uniform())
        if (oneHot) row.fill(0).set([1], 2 + random.integer(3))
        const before = row.slice()
        allowChoices(space, row, mask.data)
        expect(forbiddenChoice(space, row, mask.data)).toBeNull()
        for (const { at, size } of allowedChoices(space, mask)) {
          const sum = (numbers: Float32Array) => numbers.subarray(at, at + size).reduce((a, b) => a + b)
          if (sum(before) > 0) expect(sum(row)).toBeCloseTo(sum(before), 5)
        }
        expect(row.subarray(0, 2)).toEqual(before.subarray(0, 2))
      }),
    )
  })
})

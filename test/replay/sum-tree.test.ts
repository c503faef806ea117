// The tree of sums: what is found is in proportion, and the tree is a function of its leaves to the bit.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSumTree, type SumTree } from '../../src/replay/sum-tree.ts'

const numbers = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1e3, noNaN: true })), {
  minLength: 1,
  maxLength: 40,
})

/** Where some heights are. */
function found({ findEach }: SumTree, heights: readonly number[]): number[] {
  const indices = new Uint32Array(heights.length)
  findEach(Float64Array.from(heights), indices)
  return [...indices]
}

describe('a tree of sums', () => {
  it('finds the index at which the piled numbers pass a height', () => {
    const tree = createSumTree(5)
    tree.leaves.set([1, 0, 2, 0.5, 4])
    tree.refresh(0, 5)
    expect(tree.total).toBe(7.5)
    const heights = [0, 0.9, 1, 2.9, 3, 3.4, 3.5, 7.4, 7.5]
    expect(found(tree, heights)).toEqual([0, 0, 2, 2, 3, 3, 4, 4, 4])
  })

  it('never finds what is zero while anything is not', () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (leaves, part) => {
        const tree = createSumTree(leaves.length)
        tree.leaves.set(leaves)
        tree.refresh(0, leaves.length)
        fc.pre(tree.total > 0)
        expect(leaves[found(tree, [part * tree.total])[0]!]).toBeGreaterThan(0)
      }),
    )
  })

  it('has the same bits however its leaves came to be what they are', () => {
    const writes = fc.array(fc.tuple(fc.nat(39), numbers), { maxLength: 30 })
    fc.assert(
      fc.property(writes, writes => {
        const grown = createSumTree(40)
        for (const [at, values] of writes) {
          const part = values.slice(0, 40 - at)
          grown.leaves.set(part, at)
          grown.refresh(at, at + part.length)
        }
        const restored = createSumTree(40)
        restored.leaves.set(grown.leaves)
        restored.refresh(0, 40)
        expect(restored.total).toBe(grown.total)
        const heights = Array.from({ length: 50 }, (_, i) => (i / 50) * grown.total)
        expect(found(restored, heights)).toEqual(found(grown, heights))
      }),
      { numRuns: 50 },
    )
  })

  it('has the same bits whether leaves are refreshed one by one or together, in any order, some of them twice', () => {
    const slots = fc.array(fc.nat(36), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(numbers, slots, fc.boolean(), (values, slots, ascending) => {
        if (ascending) slots.sort((a, b) => a - b)
        const [each, together] = [createSumTree(37), createSumTree(37)]
        slots.forEach((slot, i) => {
          each.leaves[slot] = together.leaves[slot] = values[i % values.length]!
          each.refresh(slot, slot + 1)
        })
        together.refreshEach(Uint32Array.from(slots))
        expect(together.total).toBe(each.total)
        const heights = Array.from({ length: 50 }, (_, i) => (i / 50) * each.total)
        expect(found(together, heights)).toEqual(found(each, heights))
      }),
    )
  })

  it('sums to what plain addition gives, to rounding', () => {
    fc.assert(
      fc.property(numbers, leaves => {
        const tree = createSumTree(leaves.length)
        tree.leaves.set(leaves)
        tree.refresh(0, leaves.length)
        const sum = leaves.reduce((a, b) => a + b, 0)
        expect(Math.abs(tree.total - sum)).toBeLessThanOrEqual(1e-12 * Math.max(1, sum))
      }),
    )
  })
})

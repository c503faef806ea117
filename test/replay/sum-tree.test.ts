// The tree of sums: what is found is in proportion, and the tree is a function of its leaves to the bit.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSumTree } from '../../src/replay/sum-tree.ts'

const numbers = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1e3, noNaN: true })), {
  minLength: 1,
  maxLength: 40,
})

describe('a tree of sums', () => {
  it('finds the index at which the piled numbers pass a height', () => {
    const tree = createSumTree(5)
    tree.leaves.set([1, 0, 2, 0.5, 4])
    tree.refresh(0, 5)
    expect(tree.total).toBe(7.5)
    const heights = [0, 0.9, 1, 2.9, 3, 3.4, 3.5, 7.4, 7.5]
    expect(heights.map(height => tree.find(height))).toEqual([0, 0, 2, 2, 3, 3, 4, 4, 4])
  })

  it('never finds what is zero while anything is not', () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (leaves, part) => {
        const tree = createSumTree(leaves.length)
        tree.leaves.set(leaves)
        tree.refresh(0, leaves.length)
        fc.pre(tree.total > 0)
        expect(leaves[tree.find(part * tree.total)]).toBeGreaterThan(0)
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
        expect(heights.map(restored.find)).toEqual(heights.map(grown.find))
      }),
      { numRuns: 50 },
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

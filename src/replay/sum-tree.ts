// A binary tree of sums: draws an index in proportion to its number, in logarithmic time.
import { log2, pow } from '../elementary.ts'

export interface SumTree {
  /** The numbers, [capacity]; after writing here, `refresh` what was written. */
  readonly leaves: Float64Array
  readonly total: number
  readonly bytes: number
  /** Sums anew above leaves `from` ... `to` - 1. */
  refresh(from: number, to: number): void
  /** Sums anew above these leaves: fastest where they ascend, since neighbours have sums in common. */
  refreshEach(indices: Uint32Array): void
  /**
   * Per height, the index there of the numbers piled up, 0 <= height < total. Never one whose number is 0, unless all are. Heights are
   * overwritten; fastest where they ascend.
   */
  findEach(heights: Float64Array, indices: Uint32Array): void
}

/**
 * Every sum is that of its two children and of nothing else, so that the tree is a function of its leaves: no rounding drifts in, and
 * one that was restored from its leaves has the same bits.
 */
export function createSumTree(capacity: number): SumTree {
  const width = pow(2, Math.ceil(log2(Math.max(2, capacity))))
  let parents = new Uint32Array(0)
  const nodes = new Float64Array(2 * width) // node n has the children 2 n and 2 n + 1; the root is 1
  return {
    leaves: nodes.subarray(width, width + capacity),
    get total() {
      return nodes[1]!
    },
    bytes: nodes.byteLength,
    refresh(from, to) {
      if (to <= from) return
      let first = (width + from) >>> 1
      let last = (width + to - 1) >>> 1
      for (; first >= 1; first >>>= 1, last >>>= 1) {
        for (let node = first; node <= last; node++) nodes[node] = nodes[2 * node]! + nodes[2 * node + 1]!
      }
    },
    // Level by level for all of them, so that what one waits for does not hold up the next.
    refreshEach(indices) {
      if (parents.length < indices.length) parents = new Uint32Array(indices.length)
      let count = 0
      for (let i = 0; i < indices.length; i++) {
        const parent = (width + indices[i]!) >>> 1
        if (count === 0 || parents[count - 1] !== parent) parents[count++] = parent
      }
      for (let level = width; level > 1; level >>>= 1) {
        const nodesHere = count
        count = 0
        for (let i = 0; i < nodesHere; i++) {
          const node = parents[i]!
          nodes[node] = nodes[2 * node]! + nodes[2 * node + 1]!
          if (count === 0 || parents[count - 1] !== node >>> 1) parents[count++] = node >>> 1
        }
      }
    },
    findEach(heights, indices) {
      indices.fill(1)
      for (let level = 1; level < width; level *= 2) {
        for (let i = 0; i < indices.length; i++) {
          const node = 2 * indices[i]!
          const left = heights[i]!
          const sum = nodes[node]!
          // Rounding may leave a height just above all there is: what is empty is never entered.
          if (left >= sum && nodes[node + 1]! > 0) {
            heights[i] = left - sum
            indices[i] = node + 1
          } else indices[i] = node
        }
      }
      for (let i = 0; i < indices.length; i++) indices[i]! -= width
    },
  }
}

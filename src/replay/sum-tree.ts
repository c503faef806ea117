// A binary tree of sums: draws an index in proportion to its number, in logarithmic time.
import { log2, pow } from '../elementary.ts'

export interface SumTree {
  /** The numbers, [capacity]; after writing here, `refresh` what was written. */
  readonly leaves: Float64Array
  readonly total: number
  readonly bytes: number
  /** Sums anew above leaves `from` ... `to` - 1. */
  refresh(from: number, to: number): void
  /** The index at `height` of the numbers piled up, 0 <= height < total. Never one whose number is 0, unless all are. */
  find(height: number): number
}

/**
 * Every sum is that of its two children and of nothing else, so that the tree is a function of its leaves: no rounding drifts in, and
 * one that was restored from its leaves has the same bits.
 */
export function createSumTree(capacity: number): SumTree {
  const width = pow(2, Math.ceil(log2(Math.max(2, capacity))))
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
    find(height) {
      let left = height
      let node = 1
      while (node < width) {
        node *= 2
        // Rounding may leave a height just above all there is: what is empty is never entered.
        if (left >= nodes[node]! && nodes[node + 1]! > 0) left -= nodes[node++]!
      }
      return node - width
    },
  }
}

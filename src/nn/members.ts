// A network as several members use it at once that have its parameters in common: one pass over the rows of all of them.
import type { Matrix } from '../types.ts'
import type { Network } from './network.ts'

/** Who the members are to the network. */
export interface MembersSpec {
  /** Per member, where its 1 stands in the one-hot that is the last `identityColumns` columns of the network's input. */
  readonly positions: readonly number[]
  /** 0: members are not told apart. */
  readonly identityColumns: number
  /** Where all see the same rows: the columns of each member's own action in them. Absent: each has rows of its own. */
  readonly own?: readonly { readonly from: number; readonly to: number }[]
}

/** Rows that all members see, [rows, columns]; `own`, [members * rows, size]: actions that each sees in place of its own in them. */
export interface CommonRows extends Matrix {
  readonly own?: Matrix
}

export interface MembersNetwork extends Network {
  /** [rows, inputs - identityColumns] -> [rows, outputs] of one member by its number, to the bit what the network gives with its one-hot. */
  inferOne(input: Matrix, member: number): Matrix
}

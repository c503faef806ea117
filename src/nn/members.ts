// A network as several members use it at once that have its parameters in common: one pass over the rows of all of them.
import type { Matrix } from '../types.ts'
import type { Backend, Columns } from './backend.ts'
import type { Network } from './network.ts'

/** Who the members are to the network. */
export interface MembersSpec {
  /** Per member, where its 1 stands in the one-hot that is the last `identityColumns` columns of the network's input. */
  readonly positions: readonly number[]
  /** 0: members are not told apart. */
  readonly identityColumns: number
  /** Where all see the same rows: the columns of each member's own action in them. Absent: each has rows of its own. */
  readonly own?: readonly Columns[]
}

/** Rows that all members see, [rows, columns]; `own`, [members * rows, size]: actions that each sees in place of its own in them. */
export interface CommonRows extends Matrix {
  readonly own?: Matrix
}

export interface MembersNetwork extends Network {
  /** [rows, inputs - identityColumns] -> [rows, outputs] of one member by its number, to the bit what the network gives with its one-hot. */
  inferOne(input: Matrix, member: number): Matrix
}

/**
 * The network with the one-hots left out of its input: [members * rows, inputs - identityColumns], the rows of the first member first, or
 * the rows that all see -> [members * rows, outputs]. Its gradients are those of the network, summed over the members. `inputGradient` asks for
 * columns of a member's rows; where all see the same, for those of the own actions, whatever columns are named. Products that members have in
 * common are made once where the backend can; elsewhere every member gets rows of its own.
 */
export function membersOf(backend: Backend, network: Network, spec: MembersSpec): Network {
  return backend.members?.(network, spec) ?? stackedMembers(backend, network, spec)
}

function stackedMembers(backend: Backend, network: Network, spec: MembersSpec): Network {
  const { positions, identityColumns, own } = spec
  const plain = network.spec.inputs - identityColumns
  const buffers = new Map<string, Matrix>()
  const bufferOf = (purpose: string, rows: number, columns: number) => {
    const key = `${purpose} ${rows}x${columns}`
    const found = buffers.get(key) ?? backend.matrix(rows, columns)
    buffers.set(key, found)
    return found
  }
  const stacked = (purpose: string, input: CommonRows) => {
    if (own === undefined && identityColumns === 0) return input
    const rows = own === undefined ? input.rows / positions.length : input.rows
    const wide = bufferOf(purpose, rows * positions.length, network.spec.inputs)
    const size = own === undefined ? 0 : own[0]!.to - own[0]!.from
    positions.forEach((position, member) => {
      for (let row = 0; row < rows; row++) {
        const at = (member * rows + row) * wide.columns
        const from = (own === undefined ? member * rows + row : row) * plain
        wide.data.set(input.data.subarray(from, from + plain), at)
        if (input.own !== undefined && own !== undefined) {
          const action = (member * rows + row) * size
          wide.data.set(input.own.data.subarray(action, action + size), at + own[member]!.from)
        }
        wide.data.fill(0, at + plain, at + wide.columns)
        if (identityColumns > 0) wide.data[at + plain + position] = 1
      }
    })
    return wide
  }
  return {
    ...pick(network),
    spec: { ...network.spec, inputs: plain },
    forward: input => network.forward(stacked('forward', input)),
    infer: input => network.infer(stacked('infer', input)),
    backward: gradient => network.backward(gradient),
    inputGradient(gradient, columns) {
      if (own === undefined) return network.inputGradient(gradient, columns)
      const size = own[0]!.to - own[0]!.from
      const all = network.inputGradient(gradient)
      const result = bufferOf('gradient', all.rows, size)
      const rows = all.rows / positions.length
      for (let row = 0; row < all.rows; row++) {
        const at = row * all.columns + own[Math.floor(row / rows)]!.from
        result.data.set(all.data.subarray(at, at + size), row * size)
      }
      return result
    },
  }
}

function pick({ tensors, parameters, gradients }: Network) {
  return { tensors, parameters, gradients }
}

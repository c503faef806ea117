// A network for members that have it in common: as its backend makes one, or by giving every member rows of its own.
import type { Matrix } from '../types.ts'
import type { Backend } from './backend.ts'
import type { CommonRows, MembersSpec } from './members.ts'
import type { Network } from './network.ts'

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

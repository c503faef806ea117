// Networks with a memory: whole sequences for learning, one step at a time for acting.
import type { Matrix } from '../types.ts'
import type { Network, NetworkSpec } from './network.ts'

/** The hidden state around one call: what it starts from, where episodes restart, and where the state afterwards goes. */
export interface Memory {
  /** [batch, stateSize]; read before anything is written. Zeros begin an episode. */
  readonly state: Matrix
  /** [steps * batch], row-major like the input; 1 where an episode begins with this input: the row's state is zero before it. */
  readonly restarted?: Uint8Array
  /** [batch, stateSize], the state after the last step; written, and may be `state` itself. */
  readonly next?: Matrix
}

/**
 * A network with recurrent layers. Input and output rows are ordered step * batch + row, steps = input rows / state rows. Its plain
 * `forward` throws a TypeError: what the state is must be said.
 */
export interface RecurrentNetwork extends Network {
  /** Columns of the state: the sizes of the recurrent layers, side by side in their order. */
  readonly stateSize: number
  /**
   * [steps * batch, inputs] -> [steps * batch, outputs]; keeps what `backward`, `inputGradient` and `stateGradient` need, which go
   * back through all its steps and stop at its initial state and at restarts. So truncated backward through time (Williams and
   * Peng 1990) is one `sequence` and one `backward` per window, each window starting from the `next` of the one before.
   * The input may be kept by reference, as by `forward`; the memory is not.
   */
  sequence(input: Matrix, memory: Memory): Matrix
  /** The same numbers as `sequence`, to the bit, however the steps are cut into calls: one per call when acting. Keeps nothing. */
  infer(input: Matrix, memory?: Memory): Matrix
  act(input: Matrix, memory?: Memory): Matrix
  /** The gradient with respect to the initial state of the last `sequence`, [batch, stateSize]; leaves `gradients` alone. */
  stateGradient(outputGradient: Matrix): Matrix
}

/** Numbers of hidden state per row; 0 for a feed-forward network. */
export function stateSize(spec: NetworkSpec): number {
  return spec.layers.reduce((sum, layer) => sum + (layer.kind === 'gru' ? layer.size : 0), 0)
}

/** The network as one that remembers: it learns from whole sequences of steps. @throws TypeError when the network has no recurrent layer, or its backend has none. */
export function withSequence(network: Network): RecurrentNetwork {
  if ((network as Partial<RecurrentNetwork>).sequence === undefined || stateSize(network.spec) === 0) {
    const kinds = network.spec.layers.map(layer => layer.kind).join(', ')
    throw new TypeError(`network: expected one with a recurrent layer (gru), got layers ${kinds}`)
  }
  return network as RecurrentNetwork
}

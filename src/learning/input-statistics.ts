// Running mean and deviation of what a network reads, by which its first layer standardises it.
import { square } from '../elementary.ts'
import { type Network, tensorLength } from '../nn/network.ts'
import { standardColumns } from '../nn/standard.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import type { Matrix, Saved, Stateful } from '../types.ts'

/** Of all rows so far; its state is saved beside the network. */
export interface InputStatistics extends Stateful {
  /**
   * Takes in what the agents of a trajectory saw, `inputOf` some of its rows, and gives the network the mean and 1 / deviation of all so
   * far. Told when a round is over: what is learnt from a rollout is learnt as it was acted.
   */
  endRound(trajectory: Trajectory, inputOf: (rows: Uint32Array) => Matrix): void
}

/** Rows that are looked at at once. */
const passRows = 4096

/** The statistics of a network that standardises its input; null: it does not. */
export function createInputStatistics(network: Network): InputStatistics | null {
  const [layer] = network.spec.layers
  if (layer?.kind !== 'standard') return null
  const columns = standardColumns(layer)
  const [mean, scale] = network.tensors.map(tensor =>
    network.parameters.subarray(tensor.offset, tensor.offset + tensorLength(tensor)),
  ) as [Float32Array, Float32Array]
  const of = () => new Float64Array(columns.length)
  let state = { count: 0, means: of(), squares: of() }
  return {
    endRound({ learnable }, inputOf) {
      for (let from = 0; from < learnable.length; from += passRows) {
        addRows(state, columns, inputOf(learnable.subarray(from, from + passRows)))
      }
      if (state.count === 0) return
      mean.set(state.means)
      // The variance is kept from 0 as in openai/baselines.
      scale.set(state.squares.map(sum => 1 / Math.sqrt(sum / state.count + 1e-8)))
    },
    save: () => ({ ...state }),
    restore(saved: Saved) {
      const { count, means, squares } = saved as unknown as typeof state
      state = { count, means: Float64Array.from(means), squares: Float64Array.from(squares) }
    },
  }
}

/**
 * The mean and the sum of squared distances from it over rows so far become those with further rows, which are looked at by themselves
 * first (Chan, Golub and LeVeque 1979): large means cost no digits.
 */
function addRows(
  state: { count: number; readonly means: Float64Array; readonly squares: Float64Array },
  columns: Uint32Array,
  { rows, columns: width, data }: Matrix,
): void {
  const before = state.count
  const count = before + rows
  columns.forEach((column, j) => {
    let sum = 0
    for (let at = column; at < data.length; at += width) sum += data[at]!
    const own = sum / rows
    let squares = 0
    for (let at = column; at < data.length; at += width) squares += square(data[at]! - own)
    const distance = own - state.means[j]!
    state.means[j]! += (distance * rows) / count
    state.squares[j]! += squares + (square(distance) * before * rows) / count
  })
  state.count = count
}

// Adam in TensorFlow 1's form over a network's parameter block, with the finite check and the clip in front of it.

import { pow } from '../../elementary.ts'
import { NonFiniteError } from '../../errors.ts'
import type { AdamConfig, Optimizer, OptimizerBasics } from '../backend.ts'
import { type Network, tensorLength } from '../network.ts'
import { clipScales } from '../optimizers/clipping.ts'
import { checkOptimizerConfig, checkOptimizerState } from '../optimizers/settings.ts'
import type { SimdMemory } from './memory.ts'
import type { ThreadPool } from './thread-pool.ts'

/** Parameters that a thread takes at a time: a multiple of four, the lanes of a vector. */
const pieceNumbers = 2048

/** @throws RangeError for a config that makes no sense. */
export function createAdam(
  network: Network & { readonly memory: SimdMemory },
  config: OptimizerBasics & AdamConfig,
  pool: ThreadPool,
): Optimizer {
  const { learningRate, beta1, beta2, epsilon } = config
  checkOptimizerConfig(config)
  const { memory, parameters, gradients } = network
  const count = parameters.length
  const gap = 4 * count + (64 - ((4 * count) % 64))
  const block = memory.allocate(2 * gap)
  const first = memory.floats(block, count)
  const second = memory.floats(block + gap, count)
  const tensors = network.tensors.map(tensor => ({
    name: tensor.name,
    length: tensorLength(tensor),
    parameters: parameters.byteOffset + 4 * tensor.offset,
    gradients: gradients.byteOffset + 4 * tensor.offset,
    first: block + 4 * tensor.offset,
    second: block + gap + 4 * tensor.offset,
  }))
  const names = tensors.map(({ name }) => name)
  const squares = new Float64Array(tensors.length)
  const scales = memory.doubles(memory.allocate(8 * tensors.length), tensors.length)
  const pieces = tensors.flatMap((tensor, index) => piecesOf(tensor, index))
  const table = memory.allocate(24 * pieces.length)
  memory.integers(table, 6 * pieces.length).set(pieces.flat())
  let steps = 0
  return {
    step(rateNow = learningRate) {
      const { kernels } = memory
      // All tensors are looked at before any is changed: a refused step leaves everything as it was.
      tensors.forEach((tensor, index) => {
        squares[index] = kernels.sumOfSquares(tensor.gradients, tensor.length)
      })
      clipScales(names, squares, config, scales)
      steps++
      const rate = (rateNow * Math.sqrt(1 - pow(beta2, steps))) / (1 - pow(beta1, steps))
      const { words, floats, doubles } = pool
      words[8] = table
      words[9] = scales.byteOffset
      doubles[5] = beta1
      doubles[6] = beta2
      floats[14] = epsilon
      floats[15] = rate
      pool.run('adam', pieces.length, 1, 0, count)
      // Moments that overflow, or an absurd rate, spoil parameters although every gradient was finite.
      if (Number.isFinite(kernels.sumOfSquares(parameters.byteOffset, count))) return
      const spoilt = tensors.find(tensor => !Number.isFinite(kernels.sumOfSquares(tensor.parameters, tensor.length)))!
      throw new NonFiniteError(`optimizer: ${spoilt.name} is not finite after its step`, { tensor: spoilt.name })
    },
    save: () => ({ steps, first, second }),
    restore(saved) {
      const state = checkOptimizerState(saved, ['first', 'second'], count)
      steps = state.steps
      first.set(state.moments.first!)
      second.set(state.moments.second!)
      gradients.fill(0)
    },
  }
}

interface Piece {
  readonly length: number
  readonly parameters: number
  readonly gradients: number
  readonly first: number
  readonly second: number
}

/** A tensor cut into what one thread takes at a time, as six words each (kernels/thread-pool.ts). */
function piecesOf({ length, parameters, gradients, first, second }: Piece, tensor: number): number[][] {
  const pieces: number[][] = []
  for (let from = 0; from < length; from += pieceNumbers) {
    const at = 4 * from
    const count = Math.min(pieceNumbers, length - from)
    pieces.push([parameters + at, gradients + at, first + at, second + at, count, tensor])
  }
  return pieces
}

// Adam in TensorFlow 1's form over a network's parameter block, with the finite check and the clip in front of it.
import { NonFiniteError } from '../../errors.ts'
import type { Saved } from '../../types.ts'
import type { Optimizer, OptimizerConfig } from '../backend.ts'
import { type Network, tensorLength } from '../network.ts'
import type { SimdMemory } from './memory.ts'
import { checkPositive } from './shapes.ts'

/** @throws RangeError for a config that makes no sense. */
export function createAdam(network: Network & { readonly memory: SimdMemory }, config: OptimizerConfig): Optimizer {
  const { learningRate, beta1, beta2, epsilon, clip } = config
  checkPositive('optimizer: learningRate', learningRate)
  checkPositive('optimizer: epsilon', epsilon)
  checkDecay('beta1', beta1)
  checkDecay('beta2', beta2)
  if (clip !== null) checkPositive('optimizer: clip', clip)
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
  const scales = new Float64Array(tensors.length)
  let steps = 0
  return {
    step() {
      const { kernels } = memory
      // All tensors are looked at before any is changed: a refused step leaves everything as it was.
      tensors.forEach((tensor, index) => {
        const squares = kernels.sumOfSquares(tensor.gradients, tensor.length)
        if (!Number.isFinite(squares)) {
          throw new NonFiniteError(`optimizer: the gradient of ${tensor.name} is not finite; nothing was changed`)
        }
        const norm = Math.sqrt(squares)
        scales[index] = clip !== null && norm > clip ? clip / norm : 1
      })
      steps++
      const rate = (learningRate * Math.sqrt(1 - beta2 ** steps)) / (1 - beta1 ** steps)
      tensors.forEach((tensor, index) => {
        kernels.adam(
          tensor.parameters,
          tensor.gradients,
          tensor.first,
          tensor.second,
          tensor.length,
          scales[index]!,
          beta1,
          beta2,
          epsilon,
          rate,
        )
      })
    },
    save: () => ({ steps, first, second }),
    restore(saved) {
      const state = checkSaved(saved, count)
      steps = state.steps
      first.set(state.first)
      second.set(state.second)
    },
  }
}

function checkDecay(name: string, value: number): void {
  if (!(value >= 0 && value < 1)) throw new RangeError(`optimizer: ${name} must be in [0, 1), got ${value}`)
}

function checkSaved(saved: Saved, count: number) {
  const { steps, first, second } = (saved ?? {}) as { [key: string]: Saved }
  if (
    typeof steps !== 'number' ||
    !(first instanceof Float32Array && second instanceof Float32Array) ||
    first.length !== count ||
    second.length !== count
  ) {
    throw new TypeError(`optimizer: restore expects { steps, first, second } with ${count} numbers in each moment`)
  }
  return { steps, first, second }
}

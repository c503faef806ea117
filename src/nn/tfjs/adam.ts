// Adam in TensorFlow 1's form in JavaScript, over the parameters on the heap; the moments and the step count are ours, since
// TensorFlow.js's own optimizer has epsilon elsewhere and cannot be restored to the bit.
import { NonFiniteError } from '../../errors.ts'
import { checkAdamConfig, checkAdamState } from '../adam-state.ts'
import type { Optimizer, OptimizerConfig } from '../backend.ts'
import { type Network, tensorLength } from '../network.ts'

/** @throws RangeError for a config that makes no sense. */
export function createHeapAdam(network: Network, config: OptimizerConfig): Optimizer {
  const { learningRate, beta1, beta2, epsilon, clip } = config
  checkAdamConfig(config)
  const { parameters, gradients } = network
  const tensors = network.tensors.map(tensor => ({
    name: tensor.name,
    from: tensor.offset,
    end: tensor.offset + tensorLength(tensor),
  }))
  const first = new Float32Array(parameters.length)
  const second = new Float32Array(parameters.length)
  let steps = 0

  /** 1, or what brings the gradient of a tensor down to the clip. Squares in double precision cannot overflow. */
  const scaleOf = ({ name, from, end }: (typeof tensors)[number]) => {
    let squares = 0
    for (let i = from; i < end; i++) squares += gradients[i]! * gradients[i]!
    if (!Number.isFinite(squares))
      throw new NonFiniteError(`optimizer: the gradient of ${name} is not finite; nothing was changed`, {
        tensor: name,
      })
    const norm = Math.sqrt(squares)
    return clip !== null && norm > clip ? clip / norm : 1
  }

  return {
    step(rateNow = learningRate) {
      // All tensors are looked at before any is changed: a refused step leaves everything as it was.
      const scales = tensors.map(scaleOf)
      steps++
      const rate = (rateNow * Math.sqrt(1 - beta2 ** steps)) / (1 - beta1 ** steps)
      tensors.forEach(({ from, end }, index) => {
        const scale = scales[index]!
        for (let i = from; i < end; i++) {
          const g = gradients[i]! * scale
          first[i] = first[i]! + (g - first[i]!) * (1 - beta1)
          second[i] = second[i]! + (g * g - second[i]!) * (1 - beta2)
          parameters[i] = parameters[i]! - (rate * first[i]!) / (Math.sqrt(second[i]!) + epsilon)
        }
      })
      gradients.fill(0)
      // Moments that overflow, or an absurd rate, spoil parameters although every gradient was finite.
      const spoilt = tensors.find(({ from, end }) => !parameters.subarray(from, end).every(Number.isFinite))
      if (spoilt === undefined) return
      throw new NonFiniteError(`optimizer: ${spoilt.name} is not finite after its step`, { tensor: spoilt.name })
    },
    save: () => ({ steps, first, second }),
    restore(saved) {
      const state = checkAdamState(saved, parameters.length)
      steps = state.steps
      first.set(state.first)
      second.set(state.second)
      gradients.fill(0)
    },
  }
}

// An optimizer in JavaScript, over parameters wherever they stand: all rules of the tfjs backend, and those without a kernel of the simd one.
import { NonFiniteError } from '../../errors.ts'
import type { Optimizer, OptimizerConfig } from '../backend.ts'
import { type Network, tensorLength } from '../network.ts'
import { clipScales } from './clipping.ts'
import { checkOptimizerConfig, checkOptimizerState } from './settings.ts'
import { createUpdateRule } from './update-rule.ts'

/** @throws RangeError for a config that makes no sense. */
export function createHeapOptimizer(network: Network, config: OptimizerConfig): Optimizer {
  checkOptimizerConfig(config)
  const { parameters, gradients } = network
  const tensors = network.tensors.map(tensor => ({ from: tensor.offset, end: tensor.offset + tensorLength(tensor) }))
  const names = network.tensors.map(({ name }) => name)
  const rule = createUpdateRule(config, parameters.length)
  const squares = new Float64Array(tensors.length)
  const scales = new Float64Array(tensors.length)
  let steps = 0

  return {
    step(learningRate = config.learningRate) {
      // All tensors are looked at before any is changed: a refused step leaves everything as it was.
      tensors.forEach(({ from, end }, index) => {
        let sum = 0
        for (let i = from; i < end; i++) sum += gradients[i]! * gradients[i]!
        squares[index] = sum
      })
      clipScales(names, squares, config, scales)
      steps++
      rule.begin(steps, learningRate)
      tensors.forEach(({ from, end }, index) => void rule.apply(parameters, gradients, from, end, scales[index]!))
      gradients.fill(0)
      // Moments that overflow, or an absurd rate, spoil parameters although every gradient was finite.
      const spoilt = tensors.findIndex(({ from, end }) => !parameters.subarray(from, end).every(Number.isFinite))
      if (spoilt < 0) return
      throw new NonFiniteError(`optimizer: ${names[spoilt]} is not finite after its step`, { tensor: names[spoilt]! })
    },
    save: () => ({ steps, ...rule.moments }),
    restore(saved) {
      const state = checkOptimizerState(saved, Object.keys(rule.moments), parameters.length)
      steps = state.steps
      for (const [name, moment] of Object.entries(rule.moments)) moment.set(state.moments[name]!)
      gradients.fill(0)
    },
  }
}

// Adam in TensorFlow 1's form in JavaScript, over the parameters on the heap; the moments and the step count are ours, since
// TensorFlow.js's own optimizer has epsilon elsewhere and cannot be restored to the bit.
import { NonFiniteError } from '../../errors.ts'
import type { Saved } from '../../types.ts'
import type { Optimizer, OptimizerConfig } from '../backend.ts'
import { type Network, tensorLength } from '../network.ts'
import { checkPositive } from '../simd/shapes.ts'

/** @throws RangeError for a config that makes no sense. */
export function createHeapAdam(network: Network, config: OptimizerConfig): Optimizer {
  const { learningRate, beta1, beta2, epsilon, clip } = config
  checkPositive('optimizer: learningRate', learningRate)
  checkPositive('optimizer: epsilon', epsilon)
  checkDecay('beta1', beta1)
  checkDecay('beta2', beta2)
  if (clip !== null) checkPositive('optimizer: clip', clip)
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
      throw new NonFiniteError(`optimizer: the gradient of ${name} is not finite; nothing was changed`)
    const norm = Math.sqrt(squares)
    return clip !== null && norm > clip ? clip / norm : 1
  }

  return {
    step() {
      // All tensors are looked at before any is changed: a refused step leaves everything as it was.
      const scales = tensors.map(scaleOf)
      steps++
      const rate = (learningRate * Math.sqrt(1 - beta2 ** steps)) / (1 - beta1 ** steps)
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
    },
    save: () => ({ steps, first, second }),
    restore(saved) {
      const state = checkSaved(saved, parameters.length)
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
  const isMoment = (value: Saved | undefined): value is Float32Array =>
    value instanceof Float32Array && value.length === count
  if (typeof steps === 'number' && isMoment(first) && isMoment(second)) return { steps, first, second }
  throw new TypeError(`optimizer: restore expects { steps, first, second } with ${count} numbers in each moment`)
}

// One layer on tensors: how numbers go through it, and how a gradient comes back.
import type { Tensor, Tensor2D, Variable } from '@tensorflow/tfjs-core'
import type { Activation, DenseLayer, StandardLayer } from '../network.ts'
import { standardColumns, standardise, standardiseBack } from '../standard.ts'
import type { Carrier, TensorFlow } from './tensorflow.ts'

export interface TensorLayer {
  /** The variables that it reads, in the order of their tensors in `parameters`. */
  readonly variables: readonly Variable[]
  apply(input: Tensor2D): Tensor2D
  /**
   * The gradients of sum(apply(input) * gradient) with respect to the variables (`parameters`, null: zero) and, where wanted,
   * to the columns [from, to) of the input. `output` is what apply(input) gave.
   */
  pullback(input: Tensor2D, output: Tensor2D, gradient: Tensor2D, wanted: Wanted): Pulled
}

export interface Wanted {
  readonly parameters: boolean
  readonly input: { readonly from: number; readonly to: number } | null
}

export interface Pulled {
  readonly parameters: readonly (Tensor | null)[]
  readonly input: Tensor2D | null
}

/** A layer of which only the way forward is known: TensorFlow.js differentiates it, which goes forward once more. */
export function automaticLayer(
  tf: TensorFlow,
  variables: readonly Variable[],
  apply: (input: Tensor2D) => Tensor2D,
): TensorLayer {
  return {
    variables,
    apply,
    pullback(input, _, gradient, wanted) {
      const of = [...(wanted.input === null ? [] : [input]), ...(wanted.parameters ? variables : [])]
      if (of.length === 0) return { parameters: [], input: null }
      // Where the result does not depend on something there is no gradient; that is no mistake.
      const { grads } = tf.engine().gradients(() => apply(input), of, gradient, true)
      const found = of.map((_, i) => (grads[i] as Tensor | undefined) ?? null)
      if (wanted.input === null) return { parameters: found, input: null }
      const [first, ...parameters] = found
      return { parameters, input: columnsOf(tf, (first ?? tf.zerosLike(input)) as Tensor2D, wanted.input) }
    },
  }
}

/** activation(x W + b), differentiated by hand: what `apply` gave is not computed again. */
export function denseLayer(
  tf: TensorFlow,
  carrier: Carrier,
  { activation }: DenseLayer,
  weight: Variable,
  bias: Variable,
): TensorLayer {
  const { product, columnSums } = productsOf(tf, carrier)
  return {
    variables: [weight, bias],
    apply(input) {
      const b = weight as unknown as Tensor2D
      const sum = tf.fused.matMul({ a: input, b, bias, activation: 'linear' }) as Tensor2D
      // A ReLU of its own: the one fused into the product makes 0 of NaN on the wasm carrier.
      return activate(tf, activation, sum)
    },
    pullback(input, output, gradient, wanted) {
      const before = activation === 'identity' ? gradient : tf.mul(gradient, derivative(tf, activation, output))
      const g = before as Tensor2D
      return {
        parameters: wanted.parameters ? [product(input, g, true, false), columnSums(g)] : [],
        input: wanted.input === null ? null : product(g, rowsOf(tf, weight, wanted.input), false, true),
      }
    },
  }
}

/** activation(normal(x W + b) * gain + shift), normal: each row with mean 0 and variance 1. TensorFlow.js differentiates it. */
export function normalisedLayer(
  tf: TensorFlow,
  { activation }: DenseLayer,
  weight: Variable,
  bias: Variable,
  gain: Variable,
  shift: Variable,
): TensorLayer {
  return automaticLayer(tf, [weight, bias, gain, shift], input => {
    const sum = tf.add(tf.matMul(input, weight as unknown as Tensor2D), bias) as Tensor2D
    return activate(tf, activation, normalised(tf, sum, gain, shift))
  })
}

/** normal(x) * gain + shift. */
export function layerNormLayer(tf: TensorFlow, gain: Variable, shift: Variable): TensorLayer {
  return automaticLayer(tf, [gain, shift], input => normalised(tf, input, gain, shift))
}

/** Standardisation, in the loops of the other backend; its variables are not learnt. */
export function standardLayer(tf: TensorFlow, layer: StandardLayer, mean: Variable, scale: Variable): TensorLayer {
  const columns = standardColumns(layer)
  const { size } = layer
  return {
    variables: [mean, scale],
    apply(input) {
      const data = Float32Array.from(input.dataSync())
      standardise(data, size, { columns, mean: mean.dataSync(), scale: scale.dataSync() })
      return tf.tensor2d(data, input.shape)
    },
    pullback(input, output, gradient, wanted) {
      const parameters = wanted.parameters ? [null, null] : []
      if (wanted.input === null) return { parameters, input: null }
      const data = Float32Array.from(gradient.dataSync())
      standardiseBack(data, output.dataSync() as Float32Array, size, { columns, scale: scale.dataSync() })
      return { parameters, input: columnsOf(tf, tf.tensor2d(data, input.shape), wanted.input) }
    },
  }
}

function normalised(tf: TensorFlow, x: Tensor2D, gain: Variable, shift: Variable): Tensor2D {
  const centred = tf.sub(x, tf.mean(x, 1, true))
  const variance = tf.mean(tf.square(centred), 1, true)
  const normal = tf.div(centred, tf.sqrt(tf.add(variance, 1e-5)))
  return tf.add(tf.mul(normal, gain), shift)
}

const slope = 0.01

function activate(tf: TensorFlow, activation: Activation, x: Tensor2D): Tensor2D {
  if (activation === 'identity') return x
  if (activation === 'relu') return tf.relu(x)
  if (activation === 'leakyRelu') return tf.leakyRelu(x, slope)
  return activation === 'elu' ? tf.elu(x) : tf.tanh(x)
}

/** activation'(x), told from y = activation(x). */
function derivative(tf: TensorFlow, activation: Exclude<Activation, 'identity'>, y: Tensor2D): Tensor {
  if (activation === 'relu') return tf.step(y)
  if (activation === 'leakyRelu') return tf.step(y, slope)
  // Below zero y = exp(x) - 1, so its derivative is y + 1.
  if (activation === 'elu') return tf.add(tf.minimum(y, 0), 1)
  return tf.sub(1, tf.square(y))
}

/**
 * a b, each transposed where said. The wasm carrier takes ten times as long for transposed products and three times as long to
 * transpose as a loop does, so there factors are transposed in JavaScript; and it sums columns fastest as a product with ones.
 */
function productsOf(tf: TensorFlow, carrier: Carrier) {
  if (carrier !== 'wasm') {
    return {
      product: (a: Tensor2D, b: Tensor2D, turnA: boolean, turnB: boolean): Tensor2D => tf.matMul(a, b, turnA, turnB),
      columnSums: (a: Tensor2D): Tensor => tf.sum(a, 0),
    }
  }
  const turned = (a: Tensor2D) => {
    const [rows, columns] = a.shape
    const data = a.dataSync()
    const to = new Float32Array(data.length)
    for (let c = 0, at = 0; c < columns; c++) for (let r = 0; r < rows; r++) to[at++] = data[r * columns + c]!
    return tf.tensor2d(to, [columns, rows])
  }
  return {
    product: (a: Tensor2D, b: Tensor2D, turnA: boolean, turnB: boolean): Tensor2D =>
      tf.matMul(turnA ? turned(a) : a, turnB ? turned(b) : b),
    columnSums: (a: Tensor2D): Tensor => tf.matMul(tf.ones([1, a.shape[0]]), a),
  }
}

function rowsOf(tf: TensorFlow, weight: Variable, { from, to }: { from: number; to: number }): Tensor2D {
  const matrix = weight as unknown as Tensor2D
  return from === 0 && to === matrix.shape[0] ? matrix : tf.slice2d(matrix, [from, 0], [to - from, matrix.shape[1]])
}

function columnsOf(tf: TensorFlow, matrix: Tensor2D, { from, to }: { from: number; to: number }): Tensor2D {
  return from === 0 && to === matrix.shape[1] ? matrix : tf.slice2d(matrix, [0, from], [matrix.shape[0], to - from])
}

// A ReLU network on TensorFlow.js tensors with hand-written gradients, clip, Adam and soft update: what the tfjs peer is made of.
import type * as tfjs from '@tensorflow/tfjs-core'

const tau = 0.01
const clip = 0.5
const rate = 0.01

/** A ReLU network: master parameters, gradients and moments in typed arrays, a tensor of each weight and bias for the products. */
export function createMlp(tf: typeof tfjs, sizes: readonly number[], gradients: 'plain' | 'stock') {
  const layers = sizes.slice(1).map((size, l) => {
    const inputs = sizes[l]!
    const limit = Math.sqrt(6 / (inputs + size))
    return {
      inputs,
      size,
      weight: createTensor(tf, [inputs, size], () => (2 * Math.random() - 1) * limit),
      bias: createTensor(tf, [size], () => 0),
    }
  })
  const last = layers.length - 1
  let steps = 0
  /** Input and results of each layer of the last forward pass. */
  let kept: tfjs.Tensor2D[] = []

  const forget = () => {
    for (const tensor of kept) tensor.dispose()
    kept = []
  }
  const run = (input: Float32Array, rows: number) => {
    const results = [tf.tensor2d(input, [rows, sizes[0]!])]
    layers.forEach(({ weight, bias }, l) => {
      results.push(
        tf.fused.matMul({
          a: results[l]!,
          b: weight.tensor as tfjs.Tensor2D,
          bias: bias.tensor,
          activation: l === last ? 'linear' : 'relu',
        }) as tfjs.Tensor2D,
      )
    })
    return results
  }
  /** The gradient before layer l - 1's ReLU, from that of layer l. */
  const hiddenGradient = (l: number, gradient: tfjs.Tensor2D) =>
    tf.tidy(() => {
      const { weight } = layers[l]!
      const product =
        gradients === 'stock'
          ? tf.matMul(gradient, weight.tensor as tfjs.Tensor2D, false, true)
          : tf.matMul(gradient, weight.transposed())
      return tf.mul(product, tf.step(kept[l]!)) as tfjs.Tensor2D
    })

  return {
    layers,
    forward(input: Float32Array, rows: number): Float32Array {
      forget()
      kept = run(input, rows)
      return kept[last + 1]!.dataSync() as Float32Array
    },
    infer(input: Float32Array, rows: number): Float32Array {
      const results = run(input, rows)
      const output = results[last + 1]!.dataSync() as Float32Array
      for (const tensor of results) tensor.dispose()
      return output
    },
    backward(outputGradient: Float32Array, ones: tfjs.Tensor2D): void {
      let gradient = tf.tensor2d(outputGradient, [ones.shape[1], sizes[last + 1]!])
      for (let l = last; l >= 0; l--) {
        const { weight, bias } = layers[l]!
        const [ofWeight, ofBias] = tf.tidy(() =>
          gradients === 'stock'
            ? [tf.matMul(kept[l]!, gradient, true), tf.sum(gradient, 0)]
            : [tf.matMul(transposed(tf, kept[l]!), gradient), tf.matMul(ones, gradient)],
        )
        weight.gradient.set(ofWeight!.dataSync())
        bias.gradient.set(ofBias!.dataSync())
        tf.dispose([ofWeight!, ofBias!])
        if (l > 0) {
          const before = hiddenGradient(l, gradient)
          gradient.dispose()
          gradient = before
        }
      }
      gradient.dispose()
    },
    /** Columns from ... to - 1 of the gradient with respect to the input. */
    inputGradient(outputGradient: Float32Array, from: number, to: number): Float32Array {
      let gradient = tf.tensor2d(outputGradient, [kept[0]!.shape[0], sizes[last + 1]!])
      for (let l = last; l > 0; l--) {
        const before = hiddenGradient(l, gradient)
        gradient.dispose()
        gradient = before
      }
      const weights = layers[0]!.weight.transposed(from, to)
      const result = tf.matMul(gradient, weights)
      const data = result.dataSync() as Float32Array
      tf.dispose([gradient, weights, result])
      return data
    },
    /** Clip per tensor and Adam in TensorFlow 1's form. */
    step(): void {
      steps++
      const scaled = (rate * Math.sqrt(1 - 0.999 ** steps)) / (1 - 0.9 ** steps)
      for (const { weight, bias } of layers) {
        weight.step(scaled)
        bias.step(scaled)
      }
    },
    /** The soft update towards an online network. */
    follow(online: { readonly layers: readonly { weight: Parameter; bias: Parameter }[] }): void {
      layers.forEach(({ weight, bias }, l) => {
        weight.follow(online.layers[l]!.weight)
        bias.follow(online.layers[l]!.bias)
      })
    },
    dispose(): void {
      forget()
      for (const { weight, bias } of layers) tf.dispose([weight.tensor, bias.tensor])
    },
  }
}

type Parameter = ReturnType<typeof createTensor>

function createTensor(tf: typeof tfjs, shape: [number] | [number, number], draw: () => number) {
  const [rows, columns] = [shape[0], shape[1] ?? 1]
  const data = Float32Array.from({ length: rows * columns }, draw)
  const gradient = new Float32Array(data.length)
  const first = new Float32Array(data.length)
  const second = new Float32Array(data.length)
  const parameter = {
    data,
    gradient,
    tensor: tf.tensor(data.slice(), shape),
    /** Rows from ... to - 1 of the weight, as columns. */
    transposed(from = 0, to = rows): tfjs.Tensor2D {
      const count = to - from
      const flipped = new Float32Array(count * columns)
      for (let r = 0; r < count; r++) {
        for (let c = 0; c < columns; c++) flipped[c * count + r] = data[(from + r) * columns + c]!
      }
      return tf.tensor2d(flipped, [columns, count])
    },
    step(scaled: number): void {
      let squares = 0
      for (let i = 0; i < gradient.length; i++) squares += gradient[i]! * gradient[i]!
      if (!Number.isFinite(squares)) throw new Error('tfjs: a gradient is not finite')
      const scale = clip / Math.max(clip, Math.sqrt(squares))
      for (let i = 0; i < data.length; i++) {
        const g = gradient[i]! * scale
        const m = (first[i] = first[i]! + (g - first[i]!) * (1 - 0.9))
        const v = (second[i] = second[i]! + (g * g - second[i]!) * (1 - 0.999))
        data[i] = data[i]! - (scaled * m) / (Math.sqrt(v) + 1e-8)
      }
      parameter.upload()
    },
    follow(online: { readonly data: Float32Array }): void {
      for (let i = 0; i < data.length; i++) data[i] = tau * online.data[i]! + (1 - tau) * data[i]!
      parameter.upload()
    },
    upload(): void {
      parameter.tensor.dispose()
      parameter.tensor = tf.tensor(data.slice(), shape)
    },
  }
  return parameter
}

/** In JavaScript: tf.transpose takes three times as long. */
function transposed(tf: typeof tfjs, tensor: tfjs.Tensor2D): tfjs.Tensor2D {
  const [rows, columns] = tensor.shape
  const data = tensor.dataSync()
  const flipped = new Float32Array(data.length)
  for (let c = 0; c < columns; c++) {
    const at = c * rows
    for (let r = 0; r < rows; r++) flipped[at + r] = data[r * columns + c]!
  }
  return tf.tensor2d(flipped, [columns, rows])
}

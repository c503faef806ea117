// The MADDPG update round on stock TensorFlow.js (wasm backend), as fast as we could make it: the peer that ours is compared with.
//
// What was measured to be fastest there (4.22, Node 20): plain products of two untransposed matrices, with bias and ReLU fused;
// gradients by hand, since automatic ones use transposed products that are ten times slower; bias gradients as a row of ones
// times the gradient; everything that is no product (gather, noise, transposing, losses, clip, Adam, soft update) in
// JavaScript loops over typed arrays, since each tensor operation costs 10 to 30 us whatever its size.
import type * as tfjs from '@tensorflow/tfjs-core'

export interface TfjsRoundOptions {
  readonly agents: number
  readonly observationSize: number
  readonly actionSize: number
  readonly hidden: readonly number[]
  readonly batch: number
  readonly replayRows: number
  /**
   * `plain` (the default, the fastest): products of untransposed matrices only, transposed by hand before.
   * `stock`: the operations that tfjs's own gradient functions use (transposed products, tf.sum), what tf.variableGrads would cost.
   */
  readonly gradients?: 'plain' | 'stock'
}

export interface TfjsRound {
  readonly name: string
  /** One update round; gives every agent's critic and actor loss. */
  round(): number[]
  dispose(): void
}

const gamma = 0.95
const tau = 0.01
const clip = 0.5
const rate = 0.01
const logitsWeight = 1e-3

/** @throws Error with the remedy when the TensorFlow.js packages are missing or have no wasm backend. */
export async function createTfjsUpdateRound(options: TfjsRoundOptions): Promise<TfjsRound> {
  const tf = await loadTfjs()
  const { agents, observationSize, actionSize, hidden, batch, replayRows, gradients = 'plain' } = options
  const jointSize = agents * (observationSize + actionSize)
  const observationsSize = agents * observationSize
  const rowSize = jointSize + observationsSize + agents
  const replay = createReplay(replayRows, rowSize)
  const learners = Array.from({ length: agents }, () => ({
    actor: createMlp(tf, [observationSize, ...hidden, actionSize], gradients),
    critic: createMlp(tf, [jointSize, ...hidden, 1], gradients),
    targetActor: createMlp(tf, [observationSize, ...hidden, actionSize], gradients),
    targetCritic: createMlp(tf, [jointSize, ...hidden, 1], gradients),
  }))
  const ones = tf.ones([1, batch]) as tfjs.Tensor2D
  const joint = new Float32Array(batch * jointSize)
  const nextJoint = new Float32Array(batch * jointSize)
  const nextObservations = Array.from({ length: agents }, () => new Float32Array(batch * observationSize))
  const ownObservations = new Float32Array(batch * observationSize)
  const rewards = new Float32Array(batch)
  const soft = new Float32Array(batch * actionSize)

  /** Fresh indices, and every piece of the drawn transitions where it is needed. */
  function gather(own: number): void {
    for (let b = 0; b < batch; b++) {
      const row = Math.floor(Math.random() * replayRows) * rowSize
      const to = b * jointSize
      for (let k = 0; k < jointSize; k++) joint[to + k] = replay[row + k]!
      for (let k = 0; k < observationSize; k++) {
        ownObservations[b * observationSize + k] = replay[row + own * observationSize + k]!
      }
      const next = row + jointSize
      for (let k = 0; k < observationsSize; k++) nextJoint[to + k] = replay[next + k]!
      for (let j = 0; j < agents; j++) {
        const into = nextObservations[j]!
        const from = next + j * observationSize
        for (let k = 0; k < observationSize; k++) into[b * observationSize + k] = replay[from + k]!
      }
      rewards[b] = replay[next + observationsSize + own]!
    }
  }

  /** A Gumbel-softmax sample of each row of logits into an agent's action columns of a joint batch. */
  function sampleInto(logits: Float32Array, agent: number, to: Float32Array): void {
    const column = observationsSize + agent * actionSize
    for (let b = 0; b < batch; b++) {
      const from = b * actionSize
      const at = b * jointSize + column
      let largest = -Infinity
      for (let k = 0; k < actionSize; k++) {
        const u = (Math.floor(Math.random() * 8388608) + 0.5) / 8388608
        const z = logits[from + k]! - Math.log(-Math.log(u))
        to[at + k] = z
        if (z > largest) largest = z
      }
      let sum = 0
      for (let k = 0; k < actionSize; k++) sum += to[at + k] = Math.exp(to[at + k]! - largest)
      for (let k = 0; k < actionSize; k++) soft[from + k] = to[at + k] = to[at + k]! / sum
    }
  }

  function updateAgent(own: number): [criticLoss: number, actorLoss: number] {
    const { actor, critic, targetActor, targetCritic } = learners[own]!
    gather(own)
    for (let j = 0; j < agents; j++) {
      sampleInto(learners[j]!.targetActor.infer(nextObservations[j]!, batch), j, nextJoint)
    }
    const nextValues = targetCritic.infer(nextJoint, batch)

    const values = critic.forward(joint, batch)
    let criticLoss = 0
    const valueGradient = values.map((value, b) => {
      const error = value - (rewards[b]! + gamma * nextValues[b]!)
      criticLoss += (error * error) / batch
      return (2 * error) / batch
    })
    critic.backward(valueGradient, ones)
    critic.step()

    const logits = actor.forward(ownObservations, batch)
    sampleInto(logits, own, joint)
    const sampledValues = critic.forward(joint, batch)
    const column = observationsSize + own * actionSize
    const actionGradient = critic.inputGradient(
      sampledValues.map(() => -1 / batch),
      column,
      column + actionSize,
    )
    let actorLoss = 0
    for (let b = 0; b < batch; b++) {
      actorLoss -= sampledValues[b]! / batch
      const at = b * actionSize
      let mean = 0
      for (let k = 0; k < actionSize; k++) mean += soft[at + k]! * actionGradient[at + k]!
      for (let k = 0; k < actionSize; k++) {
        const logit = logits[at + k]!
        actorLoss += (logitsWeight * logit * logit) / logits.length
        const ofPenalty = (2 * logitsWeight * logit) / logits.length
        actionGradient[at + k] = soft[at + k]! * (actionGradient[at + k]! - mean) + ofPenalty
      }
    }
    actor.backward(actionGradient, ones)
    actor.step()

    targetActor.follow(actor)
    targetCritic.follow(critic)
    return [criticLoss, actorLoss]
  }

  return {
    name: gradients === 'plain' ? 'tfjs wasm' : 'tfjs wasm (stock gradients)',
    round: () => learners.flatMap((_, own) => updateAgent(own)),
    dispose() {
      ones.dispose()
      for (const learner of learners) for (const network of Object.values(learner)) network.dispose()
    },
  }
}

async function loadTfjs(): Promise<typeof tfjs> {
  try {
    const tf = await import('@tensorflow/tfjs-core')
    await import('@tensorflow/tfjs-backend-wasm')
    if (!(await tf.setBackend('wasm'))) throw new Error('tf.setBackend("wasm") gave false')
    await tf.ready()
    return tf
  } catch (error) {
    throw new Error(
      `TensorFlow.js wasm does not load (npm install --save-dev @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm): ${(error as Error).message}`,
    )
  }
}

/** Transitions as contiguous rows of numbers in [-1, 1). */
function createReplay(rows: number, rowSize: number): Float32Array {
  const replay = new Float32Array(rows * rowSize)
  let word = 1
  for (let i = 0; i < replay.length; i++) {
    word = (Math.imul(word, 1664525) + 1013904223) | 0
    replay[i] = word / 2147483648
  }
  return replay
}

/** A ReLU network: master parameters, gradients and moments in typed arrays, a tensor of each weight and bias for the products. */
function createMlp(tf: typeof tfjs, sizes: readonly number[], gradients: 'plain' | 'stock') {
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

// The MADDPG update round as one writes it with TensorFlow.js: tensors, fused products, automatic gradients; on wasm or native TensorFlow.
import type * as tfjs from '@tensorflow/tfjs-core'
import { type Carrier, loadTensorFlow } from '../../src/nn/tfjs/tensorflow.ts'
import { createReplay, type TfjsRound, type TfjsRoundOptions } from './tfjs-update-round.ts'

const gamma = 0.95
const tau = 0.01
const clip = 0.5
const rate = 0.01

type Layer = { readonly weight: tfjs.Variable<tfjs.Rank.R2>; readonly bias: tfjs.Variable<tfjs.Rank.R1> }

/** Every step of the round on tensors, each network a list of plain two-dimensional fused products; only the gather is JavaScript. */
export async function createTfjsStockRound(options: TfjsRoundOptions, carrier: Carrier = 'wasm'): Promise<TfjsRound> {
  const { tf } = await loadTensorFlow(carrier)
  const { agents, observationSize, actionSize, hidden, batch, replayRows } = options
  const jointSize = agents * (observationSize + actionSize)
  const nextSize = agents * observationSize
  const rowSize = jointSize + nextSize + agents
  const replay = createReplay(replayRows, rowSize)
  const learners = Array.from({ length: agents }, () => ({
    actor: createNetwork(tf, [observationSize, ...hidden, actionSize]),
    critic: createNetwork(tf, [jointSize, ...hidden, 1]),
    targetActor: createNetwork(tf, [observationSize, ...hidden, actionSize]),
    targetCritic: createNetwork(tf, [jointSize, ...hidden, 1]),
  }))
  const optimizers = learners.map(({ actor, critic }) => ({
    actor: createAdam(tf, actor),
    critic: createAdam(tf, critic),
  }))
  const drawn = new Float32Array(batch * rowSize)

  const gather = () => {
    for (let b = 0; b < batch; b++) {
      const row = Math.floor(Math.random() * replayRows) * rowSize
      drawn.set(replay.subarray(row, row + rowSize), b * rowSize)
    }
    return tf.tensor2d(drawn.slice(), [batch, rowSize])
  }
  const sample = (logits: tfjs.Tensor2D) => {
    const uniform = tf.randomUniform([batch, actionSize], 1e-7, 1 - 1e-7)
    return tf.softmax(tf.sub(logits, tf.log(tf.neg(tf.log(uniform))))) as tfjs.Tensor2D
  }
  const columns = (rows: tfjs.Tensor2D, from: number, size: number) => tf.slice2d(rows, [0, from], [batch, size])

  const updateAgent = (own: number): [number, number] =>
    tf.tidy(() => {
      const { actor, critic, targetActor, targetCritic } = learners[own]!
      const rows = gather()
      const joint = columns(rows, 0, jointSize)
      const next = columns(rows, jointSize, nextSize)
      const nextActions = learners.map((learner, j) =>
        sample(forward(tf, learner.targetActor, columns(next, j * observationSize, observationSize))),
      )
      const nextValues = forward(tf, targetCritic, tf.concat([next, ...nextActions], 1))
      const target = tf.add(columns(rows, jointSize + nextSize + own, 1), tf.mul(nextValues, gamma))
      const criticStep = tf.variableGrads(
        () => tf.mean(tf.square(tf.sub(forward(tf, critic, joint), target))) as tfjs.Scalar,
        variablesOf(critic),
      )
      optimizers[own]!.critic(criticStep.grads)

      const observation = columns(joint, own * observationSize, observationSize)
      const before = columns(joint, 0, nextSize + own * actionSize)
      const after = columns(joint, nextSize + (own + 1) * actionSize, (agents - 1 - own) * actionSize)
      const actorStep = tf.variableGrads(() => {
        const logits = forward(tf, actor, observation)
        const values = forward(tf, critic, tf.concat([before, sample(logits), after], 1))
        return tf.add(tf.neg(tf.mean(values)), tf.mul(tf.mean(tf.square(logits)), 1e-3)) as tfjs.Scalar
      }, variablesOf(actor))
      optimizers[own]!.actor(actorStep.grads)
      follow(tf, targetActor, actor)
      follow(tf, targetCritic, critic)
      return [criticStep.value.dataSync()[0]!, actorStep.value.dataSync()[0]!]
    })

  return {
    name: carrier === 'wasm' ? 'stock tfjs wasm' : 'native TensorFlow',
    round: () => learners.flatMap((_, own) => updateAgent(own)),
    dispose: () => tf.disposeVariables(),
  }
}

function createNetwork(tf: typeof tfjs, sizes: readonly number[]): Layer[] {
  return sizes.slice(1).map((size, l) => {
    const limit = Math.sqrt(6 / (sizes[l]! + size))
    return {
      weight: tf.variable(tf.randomUniform([sizes[l]!, size], -limit, limit) as tfjs.Tensor2D),
      bias: tf.variable(tf.zeros([size]) as tfjs.Tensor1D),
    }
  })
}

function forward(tf: typeof tfjs, network: readonly Layer[], input: tfjs.Tensor2D): tfjs.Tensor2D {
  return network.reduce(
    (a, { weight, bias }, l) =>
      tf.fused.matMul({
        a,
        b: weight,
        bias,
        activation: l === network.length - 1 ? 'linear' : 'relu',
      }) as tfjs.Tensor2D,
    input,
  )
}

function variablesOf(network: readonly Layer[]): tfjs.Variable[] {
  return network.flatMap(({ weight, bias }) => [weight, bias] as tfjs.Variable[])
}

/** Clips each tensor's gradient, then Adam in TensorFlow 1's form. */
function createAdam(tf: typeof tfjs, network: readonly Layer[]) {
  const moments = variablesOf(network).map(variable => ({
    variable,
    first: tf.variable(tf.zerosLike(variable)),
    second: tf.variable(tf.zerosLike(variable)),
  }))
  let steps = 0
  return (gradients: tfjs.NamedTensorMap) => {
    steps++
    const scaled = (rate * Math.sqrt(1 - 0.999 ** steps)) / (1 - 0.9 ** steps)
    for (const { variable, first, second } of moments) {
      const raw = gradients[variable.name]!
      const gradient = tf.mul(raw, tf.div(clip, tf.maximum(clip, tf.norm(raw))))
      first.assign(tf.add(tf.mul(first, 0.9), tf.mul(gradient, 0.1)))
      second.assign(tf.add(tf.mul(second, 0.999), tf.mul(tf.square(gradient), 0.001)))
      variable.assign(tf.sub(variable, tf.div(tf.mul(first, scaled), tf.add(tf.sqrt(second), 1e-8))))
    }
  }
}

function follow(tf: typeof tfjs, target: readonly Layer[], online: readonly Layer[]): void {
  const from = variablesOf(online)
  variablesOf(target).forEach((variable, i) => {
    variable.assign(tf.add(tf.mul(variable, 1 - tau), tf.mul(from[i]!, tau)))
  })
}

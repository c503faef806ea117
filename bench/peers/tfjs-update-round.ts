// The MADDPG update round with TensorFlow.js (wasm backend) doing the products alone, as fast as we could make it.
//
// What was measured to be fastest there (4.22, Node 20): plain products of two untransposed matrices, with bias and ReLU fused;
// gradients by hand, since automatic ones use transposed products that are ten times slower; bias gradients as a row of ones
// times the gradient; everything that is no product (gather, noise, transposing, losses, clip, Adam, soft update) in
// JavaScript loops over typed arrays, since each tensor operation costs 10 to 30 us whatever its size.
import type * as tfjs from '@tensorflow/tfjs-core'
import { createMlp } from './tfjs-mlp.ts'

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
    name: gradients === 'plain' ? 'hand-tuned tfjs wasm' : 'hand-tuned tfjs wasm with stock gradient products',
    round: () => learners.flatMap((_, own) => updateAgent(own)),
    dispose() {
      ones.dispose()
      for (const learner of learners) for (const network of Object.values(learner)) network.dispose()
    },
  }
}

/** TensorFlow.js on its wasm backend. @throws Error with the remedy when it does not load. */
export async function loadTfjs(): Promise<typeof tfjs> {
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
export function createReplay(rows: number, rowSize: number): Float32Array {
  const replay = new Float32Array(rows * rowSize)
  let word = 1
  for (let i = 0; i < replay.length; i++) {
    word = (Math.imul(word, 1664525) + 1013904223) | 0
    replay[i] = word / 2147483648
  }
  return replay
}

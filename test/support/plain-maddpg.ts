// One learner of MADDPG in plain double-precision loops, written from the paper and openai/maddpg alone: forward and
// backward of the networks, TensorFlow 1's Adam, the clip per tensor, the two losses and the soft update.
import type { Batch, Matrix } from '../../src/types.ts'
import { plainUniform } from './plain-noise.ts'

export interface PlainLayer {
  readonly inputs: number
  readonly outputs: number
  /** [inputs, outputs], row-major. */
  weight: number[]
  bias: number[]
}

export interface PlainLearner {
  actor: PlainLayer[]
  targetActor: PlainLayer[]
  critic: PlainLayer[]
  targetCritic: PlainLayer[]
  actorAdam: Adam
  criticAdam: Adam
}

export interface PlainConfig {
  readonly learningRate: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly clip: number | null
  readonly gamma: number
  readonly tau: number
  readonly logitPenalty: number
  readonly temperature: number
  /** Actions are the one-hot of their samples. */
  readonly hard: boolean
}

type Rows = number[][]
type Key = { readonly low: number; readonly high: number }
interface Adam {
  steps: number
  first: number[][]
  second: number[][]
}

export const newAdam = (): Adam => ({ steps: 0, first: [], second: [] })

/** Layers out of one parameter block: per layer the weight, then the bias. */
export function plainLayers(sizes: readonly number[], parameters: ArrayLike<number>): PlainLayer[] {
  let at = 0
  const take = (count: number) => Array.from({ length: count }, () => parameters[at++]!)
  return sizes.slice(1).map((outputs, l) => {
    const inputs = sizes[l]!
    return { inputs, outputs, weight: take(inputs * outputs), bias: take(outputs) }
  })
}

/** The block back again. */
export function parametersOf(layers: readonly PlainLayer[]): number[] {
  return layers.flatMap(layer => [...layer.weight, ...layer.bias])
}

export function rowsOf(matrix: Matrix): Rows {
  return Array.from({ length: matrix.rows }, (_, r) => [
    ...matrix.data.subarray(r * matrix.columns, (r + 1) * matrix.columns),
  ])
}

/**
 * One agent's update. `keys` are its noise keys in the order of the draws: one per seen agent for the next actions, one for its own.
 * `seen`: the agents whose observations and actions the critic sees.
 */
export function plainUpdate(
  learners: readonly PlainLearner[],
  own: number,
  batch: Batch,
  keys: readonly Key[],
  config: PlainConfig,
  seen: readonly number[],
): { criticLoss: number; actorLoss: number } {
  const learner = learners[own]!
  const count = batch.rows
  const observations = batch.observations.map(rowsOf)
  const nextObservations = batch.nextObservations.map(rowsOf)
  const actions = batch.actions.map(rowsOf)
  const flag = (matrix: Matrix, row: number) => matrix.data[row * matrix.columns + own]!
  const join = (o: readonly Rows[], a: readonly Rows[], row: number) => [
    ...seen.flatMap(agent => o[agent]![row]!),
    ...seen.flatMap(agent => a[agent]![row]!),
  ]

  // Critic.
  const acts = (agent: number, row: number) =>
    batch.present.data[row * learners.length + agent] === 1 &&
    batch.terminated.data[row * learners.length + agent] === 0
  const nextActions: Rows[] = []
  seen.forEach((agent, draw) => {
    const logits = forward(learners[agent]!.targetActor, nextObservations[agent]!).output
    nextActions[agent] = executed(gumbelSoftmax(logits, keys[draw]!, config.temperature), config).map((action, row) =>
      acts(agent, row) ? action : action.map(() => 0),
    )
  })
  const nextInput = observations[0]!.map((_, row) => join(nextObservations, nextActions, row))
  const nextValues = forward(learner.targetCritic, nextInput).output
  const criticInput = observations[0]!.map((_, row) => join(observations, actions, row))
  const criticPass = forward(learner.critic, criticInput)
  let criticLoss = 0
  const valueGradient = criticPass.output.map(([value], row) => {
    const alive = 1 - flag(batch.terminated, row)
    const target = flag(batch.rewards, row) + config.gamma * alive * nextValues[row]![0]!
    const error = flag(batch.present, row) * (value! - target)
    criticLoss += error ** 2 / count
    return [(2 * error) / count]
  })
  step(learner.critic, backward(learner.critic, criticPass, valueGradient).gradients, learner.criticAdam, config)

  // Actor.
  const actorPass = forward(learner.actor, observations[own]!)
  const ownActions = gumbelSoftmax(actorPass.output, keys[seen.length]!, config.temperature)
  const replaced = actions.map((rows, agent) => (agent === own ? executed(ownActions, config) : rows))
  const ownInput = observations[0]!.map((_, row) => join(observations, replaced, row))
  const valuePass = forward(learner.critic, ownInput)
  let actorLoss = 0
  const lossGradient = valuePass.output.map(([value], row) => {
    actorLoss -= (flag(batch.present, row) * value!) / count
    return [-flag(batch.present, row) / count]
  })
  const inputGradient = backward(learner.critic, valuePass, lossGradient).input
  const before = seen.flatMap(agent => observations[agent]![0]!).length
  const from = before + seen.slice(0, seen.indexOf(own)).flatMap(agent => actions[agent]![0]!).length
  const logitCount = count * ownActions[0]!.length
  const logitGradient = ownActions.map((sample, row) => {
    const gradient = inputGradient[row]!.slice(from, from + sample.length)
    const mean = sample.reduce((sum, s, c) => sum + s * gradient[c]!, 0)
    return sample.map((s, c) => {
      const penalty = (2 * config.logitPenalty * flag(batch.present, row) * actorPass.output[row]![c]!) / logitCount
      return (s * (gradient[c]! - mean)) / config.temperature + penalty
    })
  })
  step(learner.actor, backward(learner.actor, actorPass, logitGradient).gradients, learner.actorAdam, config)

  // Targets.
  follow(learner.targetActor, learner.actor, config.tau)
  follow(learner.targetCritic, learner.critic, config.tau)
  return { criticLoss, actorLoss }
}

interface Pass {
  /** The input of each layer. */
  readonly inputs: Rows[]
  readonly output: Rows
}

/** ReLU in between, none at the end. */
function forward(layers: readonly PlainLayer[], input: Rows): Pass {
  const inputs: Rows[] = []
  let rows = input
  layers.forEach((layer, l) => {
    inputs.push(rows)
    rows = rows.map(row =>
      layer.bias.map((bias, j) => {
        const sum = row.reduce((total, x, k) => total + x * layer.weight[k * layer.outputs + j]!, bias)
        return l < layers.length - 1 ? Math.max(0, sum) : sum
      }),
    )
  })
  return { inputs, output: rows }
}

/** Gradients of every weight and bias in order, and of the input. */
function backward(
  layers: readonly PlainLayer[],
  pass: Pass,
  outputGradient: Rows,
): { gradients: number[][]; input: Rows } {
  const gradients: number[][] = []
  let rows = outputGradient
  for (let l = layers.length - 1; l >= 0; l--) {
    const layer = layers[l]!
    const input = pass.inputs[l]!
    const weight = layer.weight.map((_, i) => {
      const k = Math.floor(i / layer.outputs)
      const j = i % layer.outputs
      return input.reduce((sum, row, r) => sum + row[k]! * rows[r]![j]!, 0)
    })
    const bias = layer.bias.map((_, j) => rows.reduce((sum, row) => sum + row[j]!, 0))
    gradients.unshift(weight, bias)
    rows = rows.map((row, r) =>
      input[r]!.map((x, k) => {
        const gradient = row.reduce((sum, g, j) => sum + g * layer.weight[k * layer.outputs + j]!, 0)
        return l > 0 && x <= 0 ? 0 : gradient
      }),
    )
  }
  return { gradients, input: rows }
}

/** Clip per tensor, then Adam in TensorFlow 1's form. */
function step(layers: readonly PlainLayer[], gradients: readonly number[][], adam: Adam, config: PlainConfig): void {
  const { learningRate, beta1, beta2, epsilon, clip } = config
  adam.steps++
  const rate = (learningRate * Math.sqrt(1 - beta2 ** adam.steps)) / (1 - beta1 ** adam.steps)
  const tensors = layers.flatMap(layer => [layer.weight, layer.bias])
  tensors.forEach((tensor, t) => {
    const norm = Math.hypot(...gradients[t]!)
    const scale = clip !== null && norm > clip ? clip / norm : 1
    const first = (adam.first[t] ??= tensor.map(() => 0))
    const second = (adam.second[t] ??= tensor.map(() => 0))
    for (let i = 0; i < tensor.length; i++) {
      const g = scale * gradients[t]![i]!
      first[i] = beta1 * first[i]! + (1 - beta1) * g
      second[i] = beta2 * second[i]! + (1 - beta2) * g * g
      tensor[i]! -= (rate * first[i]!) / (Math.sqrt(second[i]!) + epsilon)
    }
  })
}

function gumbelSoftmax(logits: Rows, key: Key, temperature: number): Rows {
  return logits.map((row, r) => {
    const exps = row.map((logit, c) => {
      const gumbel = -Math.log(-Math.log(plainUniform(key, r * row.length + c)))
      return Math.exp((logit + gumbel) / temperature)
    })
    const sum = exps.reduce((a, b) => a + b)
    return exps.map(e => e / sum)
  })
}

function executed(samples: Rows, { hard }: PlainConfig): Rows {
  return hard ? samples.map(row => row.map((_, c) => (c === row.indexOf(Math.max(...row)) ? 1 : 0))) : samples
}

function follow(target: readonly PlainLayer[], online: readonly PlainLayer[], tau: number): void {
  target.forEach((layer, l) => {
    layer.weight = layer.weight.map((w, i) => tau * online[l]!.weight[i]! + (1 - tau) * w)
    layer.bias = layer.bias.map((b, i) => tau * online[l]!.bias[i]! + (1 - tau) * b)
  })
}

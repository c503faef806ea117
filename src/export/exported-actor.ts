// What is exported of an agent: the weights of its actor, independent of the backend, and what its outputs mean.
import type { Actor } from '../agents/actor.ts'
import { alone, type Identity, identityColumns } from '../agents/identity.ts'
import { ConfigError, NonFiniteError } from '../errors.ts'
import { type Activation, tensorLength } from '../nn/network.ts'
import type { AgentSpec } from '../types.ts'

/**
 * y = activation(x W + b), W [inputs, size] row-major; where `norm` is there, activation(gain * normal(x W + b) + shift); where `inputNorm`
 * is, x is normalised first.
 */
export interface ExportedLayer {
  readonly inputs: number
  readonly size: number
  readonly activation: Activation
  readonly weight: Float32Array
  readonly bias: Float32Array
  /** Layer normalisation: normal(v) = (v - mean v) / sqrt(variance v + 1e-5) over each row. */
  readonly norm?: ExportedNorm
  readonly inputNorm?: ExportedNorm
}

export interface ExportedNorm {
  readonly gain: Float32Array
  readonly shift: Float32Array
}

/** What layer normalisation adds to the variance. */
export const normEpsilon = 1e-5
/** The logit of an alternative that is not allowed: so low that its probability is exactly 0. */
export const forbiddenLogit = -1e30
/** Slope of the leaky ReLU below zero. */
export const leakySlope = 0.01

export interface ExportedActor {
  readonly agent: AgentSpec
  /** Where the weights come from, for the reader of the file: scenario, algorithm, seed, episodes. */
  readonly origin: Readonly<Record<string, string>>
  readonly layers: readonly ExportedLayer[]
}

/** One part of the action: its columns among the outputs, and whether its greedy action is one-hot or the probabilities themselves. */
export interface ExportedPart {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly greedy: 'softmax' | 'one-hot'
}

/**
 * Copies an actor's weights; of one that shares its network, what is its own.
 * @throws ConfigError for layers or actions that no format can express, NonFiniteError for weights that are no numbers.
 */
export function exportedActor(
  agent: AgentSpec,
  { networks: [network], identity = alone }: Pick<Actor, 'networks' | 'identity'>,
  origin: ExportedActor['origin'],
): ExportedActor {
  partsOf(agent)
  const numbers = (name: string) => {
    const tensor = network!.tensors.find(tensor => tensor.name === name)!
    const data = network!.parameters.slice(tensor.offset, tensor.offset + tensorLength(tensor))
    if (data.every(Number.isFinite)) return data
    throw new NonFiniteError(`export: ${name} of ${agent.id} holds numbers that are not finite; nothing was written`)
  }
  let inputs = network!.spec.inputs
  let inputNorm: ExportedNorm | undefined
  const layers: ExportedLayer[] = []
  network!.spec.layers.forEach((layer, l) => {
    if (layer.kind === 'layerNorm') {
      inputNorm = { gain: numbers(`layer${l}.gain`), shift: numbers(`layer${l}.shift`) }
      return
    }
    if (layer.kind !== 'dense')
      throw new ConfigError(
        'export',
        `layer ${l} of ${agent.id} is of kind ${layer.kind}; only dense layers and layer normalisations are exported`,
      )
    const { size, activation } = layer
    const exported = {
      inputs,
      size,
      activation,
      weight: numbers(`layer${l}.weight`),
      bias: numbers(`layer${l}.bias`),
      ...(layer.layerNorm ? { norm: { gain: numbers(`layer${l}.gain`), shift: numbers(`layer${l}.shift`) } } : {}),
      ...(inputNorm === undefined ? {} : { inputNorm }),
    }
    layers.push(layers.length === 0 ? knowing(exported, identity, agent.id) : exported)
    inputNorm = undefined
    inputs = size
  })
  if (inputNorm !== undefined)
    throw new ConfigError(
      'export',
      `the last layer of ${agent.id} is a layer normalisation, which no format can express`,
    )
  return { agent, origin, layers }
}

/**
 * A first layer that needs no one-hot behind the observation: which of the agents with shared parameters it is never changes, so what
 * the one-hot adds to the sums is part of the bias, b' = b + W[its row].
 */
function knowing(layer: ExportedLayer, identity: Identity, id: string): ExportedLayer {
  if (identityColumns(identity) === 0) return layer
  if (layer.inputNorm !== undefined)
    throw new ConfigError(
      'export',
      `the network of ${id} is shared and normalises its input together with the number of the agent, which no format can express`,
    )
  const { size, weight } = layer
  const inputs = layer.inputs - identityColumns(identity)
  const row = (inputs + identity.position) * size
  const bias = layer.bias.map((value, i) => value + weight[row + i]!)
  return { ...layer, inputs, weight: weight.slice(0, inputs * size), bias }
}

/** The parts of the action, in the order of the outputs. @throws ConfigError for parts that are no choices. */
export function partsOf({ id, actionSpace }: AgentSpec): ExportedPart[] {
  let from = 0
  return actionSpace.map(part => {
    if (part.kind !== 'choice')
      throw new ConfigError('export', `part '${part.name}' of ${id} is a ${part.kind}; only choices are exported`)
    from += part.size
    return { name: part.name, from: from - part.size, to: from, greedy: part.soft ? 'softmax' : 'one-hot' }
  })
}

/** What a reader of the file may want to know, as plain data. */
export function describe({ agent, origin, layers }: ExportedActor) {
  return {
    ...origin,
    agent: agent.id,
    observationSize: agent.observationSize,
    observationParts: agent.observationParts,
    actionSpace: agent.actionSpace,
    ...(agent.isMasked === true ? { actionMask: true } : {}),
    layers: layers.map(({ inputs, size, activation, norm, inputNorm }) => ({
      inputs,
      size,
      activation,
      layerNorm: norm !== undefined,
      inputNorm: inputNorm !== undefined,
    })),
  }
}

/**
 * The arrays of a layer in the order they are written, by the end of their names: weight, bias, then gain and shift where it is normalised,
 * then inputGain and inputShift where its input is.
 */
export function arraysOf({ inputs, size, weight, bias, norm, inputNorm }: ExportedLayer) {
  const arrays: { name: string; shape: number[]; data: Float32Array }[] = [
    { name: 'weight', shape: [inputs, size], data: weight },
    { name: 'bias', shape: [size], data: bias },
  ]
  if (norm !== undefined) {
    arrays.push({ name: 'gain', shape: [size], data: norm.gain }, { name: 'shift', shape: [size], data: norm.shift })
  }
  if (inputNorm !== undefined) {
    arrays.push(
      { name: 'inputGain', shape: [inputs], data: inputNorm.gain },
      { name: 'inputShift', shape: [inputs], data: inputNorm.shift },
    )
  }
  return arrays
}

/** Arrays one after the other as little-endian float32 numbers. */
export function littleEndian(arrays: readonly Float32Array[]): Buffer {
  const bytes = Buffer.alloc(4 * arrays.reduce((sum, array) => sum + array.length, 0))
  let at = 0
  for (const array of arrays) for (const value of array) at = bytes.writeFloatLE(value, at)
  return bytes
}

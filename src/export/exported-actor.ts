// What is exported of an agent: the weights of its actor, independent of the backend, and what its outputs mean.
import type { Actor } from '../agents/actor.ts'
import { alone, type Identity, identityColumns } from '../agents/identity.ts'
import { ConfigError, NonFiniteError } from '../errors.ts'
import { type Activation, type NetworkSpec, type StandardLayer, tensorLength } from '../nn/network.ts'
import { plainColumns } from '../nn/sets.ts'
import { standardColumns, standardLimit } from '../nn/standard.ts'
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

/** [observationSize] each: before all else x becomes (x - mean) scale, no further than `limit` from 0. Columns that stay as they are have 0, 1 and 3e38. */
export interface ExportedStandard {
  readonly mean: Float32Array
  readonly scale: Float32Array
  readonly limit: Float32Array
}

/** What layer normalisation adds to the variance. */
export const normEpsilon = 1e-5
/** The logit of an alternative that is not allowed: so low that its probability is exactly 0. */
export const forbiddenLogit = -1e30
/** Slope of the leaky ReLU below zero. */
export const leakySlope = 0.01

/**
 * What reads the sets of an observation before the layers do. Out come the columns of no set, then of each set the mean and the largest of
 * what its pieces become, over those whose first number is not 0; zeros where none is.
 */
export interface ExportedSets {
  /** Columns of no set, in order. */
  readonly plain: readonly { readonly from: number; readonly to: number }[]
  readonly sets: readonly ExportedSet[]
}

/** `count` pieces of `piece` numbers from column `from` on. The numbers behind the first of a piece go through the layers. */
export interface ExportedSet {
  readonly from: number
  readonly count: number
  readonly piece: number
  readonly layers: readonly ExportedLayer[]
  /** Where the results of the last layer are normalised. */
  readonly norm?: ExportedNorm
}

export interface ExportedActor {
  readonly agent: AgentSpec
  /** Where the weights come from, for the reader of the file: scenario, algorithm, seed, episodes. */
  readonly origin: Readonly<Record<string, string>>
  /** Absent: observations are read as they are. */
  readonly standard?: ExportedStandard
  /** Absent: its observation has no sets. */
  readonly sets?: ExportedSets
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
  const { spec } = network!
  const at = spec.layers[0]?.kind === 'standard' ? 1 : 0
  const head = { agent, origin, ...(at === 0 ? {} : { standard: standardOf(agent, spec, numbers) }) }
  const [first, ...others] = spec.layers.slice(at)
  if (first?.kind !== 'sets') {
    const dense = { inputs: spec.inputs, layers: spec.layers.slice(at) }
    const { layers, norm } = denseLayers(dense, 'layer', at, numbers, agent.id)
    refuseNorm(norm, agent.id)
    return { ...head, layers: knowing(layers, spec.inputs - identityColumns(identity), identity, agent.id) }
  }
  const { layers, norm } = denseLayers({ inputs: first.size, layers: others }, 'layer', at + 1, numbers, agent.id)
  refuseNorm(norm, agent.id)
  const plain = plainColumns(spec.inputs - identityColumns(identity), first.sets)
  const sets = first.sets.map(({ from, count, piece, ...set }, s): ExportedSet => {
    const ofPiece = denseLayers(
      { inputs: piece - 1, layers: set.layers },
      `layer${at}.set${s}.layer`,
      0,
      numbers,
      agent.id,
    )
    return { from, count, piece, ...ofPiece }
  })
  const plainCount = plain.reduce((sum, { from, to }) => sum + to - from, 0)
  return { ...head, sets: { plain, sets }, layers: knowing(layers, plainCount, identity, agent.id) }
}

function standardOf(
  { observationSize }: AgentSpec,
  { layers: [layer] }: NetworkSpec,
  numbers: (name: string) => Float32Array,
): ExportedStandard {
  const filled = (value: number) => new Float32Array(observationSize).fill(value)
  const standard = { mean: filled(0), scale: filled(1), limit: filled(3e38) }
  const [mean, scale] = [numbers('layer0.mean'), numbers('layer0.scale')]
  standardColumns(layer as StandardLayer).forEach((column, j) => {
    standard.mean[column] = mean[j]!
    standard.scale[column] = scale[j]!
    standard.limit[column] = standardLimit
  })
  return standard
}

/** Dense layers of a network, named `<prefix><number>` from `at` on, and a layer normalisation behind the last. */
function denseLayers(
  spec: NetworkSpec,
  prefix: string,
  at: number,
  numbers: (name: string) => Float32Array,
  id: string,
): Pick<ExportedSet, 'layers' | 'norm'> {
  let { inputs } = spec
  let norm: ExportedNorm | undefined
  const layers: ExportedLayer[] = []
  spec.layers.forEach((layer, l) => {
    const name = `${prefix}${at + l}`
    if (layer.kind === 'layerNorm') {
      norm = { gain: numbers(`${name}.gain`), shift: numbers(`${name}.shift`) }
      return
    }
    if (layer.kind !== 'dense')
      throw new ConfigError(
        'export',
        `${name.replace(/\d+$/, ' $&')} of ${id} is of kind ${layer.kind}; only dense layers, layer normalisations and sets are exported`,
      )
    const { size, activation } = layer
    layers.push({
      inputs,
      size,
      activation,
      weight: numbers(`${name}.weight`),
      bias: numbers(`${name}.bias`),
      ...(layer.layerNorm ? { norm: { gain: numbers(`${name}.gain`), shift: numbers(`${name}.shift`) } } : {}),
      ...(norm === undefined ? {} : { inputNorm: norm }),
    })
    norm = undefined
    inputs = size
  })
  return norm === undefined ? { layers } : { layers, norm }
}

function refuseNorm(norm: ExportedNorm | undefined, id: string): void {
  if (norm === undefined) return
  throw new ConfigError('export', `the last layer of ${id} is a layer normalisation, which no format can express`)
}

/**
 * Layers the first of which needs no one-hot in the columns from `at` on: which of the agents with shared parameters it is never changes, so
 * what the one-hot adds to the sums is part of the bias, b' = b + W[its row].
 */
function knowing(layers: readonly ExportedLayer[], at: number, identity: Identity, id: string): ExportedLayer[] {
  const [first, ...others] = layers as [ExportedLayer, ...ExportedLayer[]]
  const columns = identityColumns(identity)
  if (columns === 0) return [...layers]
  if (first.inputNorm !== undefined)
    throw new ConfigError(
      'export',
      `the network of ${id} is shared and normalises its input together with the number of the agent, which no format can express`,
    )
  const { inputs, size, weight } = first
  const row = (at + identity.position) * size
  const bias = first.bias.map((value, i) => value + weight[row + i]!)
  const rest = new Float32Array((inputs - columns) * size)
  rest.set(weight.subarray(0, at * size))
  rest.set(weight.subarray((at + columns) * size), at * size)
  return [{ ...first, inputs: inputs - columns, weight: rest, bias }, ...others]
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
export function describe({ agent, origin, standard, sets, layers }: ExportedActor) {
  return {
    ...origin,
    agent: agent.id,
    observationSize: agent.observationSize,
    observationParts: agent.observationParts,
    actionSpace: agent.actionSpace,
    ...(agent.isMasked === true ? { actionMask: true } : {}),
    ...(standard === undefined ? {} : { standardised: true }),
    ...(sets === undefined
      ? {}
      : {
          plainColumns: sets.plain,
          sets: sets.sets.map(({ from, count, piece, layers, norm }) => ({
            ...{ from, count, piece, layers: layers.map(shapeOf), layerNorm: norm !== undefined },
          })),
        }),
    layers: layers.map(shapeOf),
  }
}

function shapeOf({ inputs, size, activation, norm, inputNorm }: ExportedLayer) {
  return { inputs, size, activation, layerNorm: norm !== undefined, inputNorm: inputNorm !== undefined }
}

/** All arrays of an actor by name, in the order they are written: those of the observation first, then those of sets, each with the normalisation of its results last. */
export function allArrays({ standard, sets, layers }: Pick<ExportedActor, 'standard' | 'sets' | 'layers'>) {
  const ofLayers = (prefix: string, of: readonly ExportedLayer[]) =>
    of.flatMap((layer, l) =>
      arraysOf(layer).map(({ name, ...array }) => ({ name: `${prefix}layer${l}.${name}`, ...array })),
    )
  return [
    ...Object.entries(standard ?? {}).map(([name, data]: [string, Float32Array]) => ({
      ...{ name: `observation.${name}`, shape: [data.length], data },
    })),
    ...(sets?.sets ?? []).flatMap(({ layers, norm }, s) => [
      ...ofLayers(`set${s}.`, layers),
      ...(norm === undefined
        ? []
        : [
            { name: `set${s}.gain`, shape: [norm.gain.length], data: norm.gain },
            { name: `set${s}.shift`, shape: [norm.shift.length], data: norm.shift },
          ]),
    ]),
    ...ofLayers('', layers),
  ]
}

/**
 * The arrays of a layer in the order they are written, by the end of their names: weight, bias, then gain and shift where it is normalised,
 * then inputGain and inputShift where its input is.
 */
function arraysOf({ inputs, size, weight, bias, norm, inputNorm }: ExportedLayer) {
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

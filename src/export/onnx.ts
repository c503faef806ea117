// ONNX: observation [batch, size] in, and `action_mask` of agents whose game masks actions; `logits` and the greedy `action` out. Operator set 13, IR version 7 (ONNX 1.8), so that
// every runtime since 2020 reads it. Field numbers are those of onnx.proto3 (github.com/onnx/onnx).
import type { Activation } from '../nn/network.ts'
import { encodeMessage, type ProtobufField, type ProtobufMessage, packedVarints } from '../wire/protobuf.ts'
import {
  arraysOf,
  describe,
  type ExportedActor,
  type ExportedPart,
  forbiddenLogit,
  leakySlope,
  littleEndian,
  normEpsilon,
  partsOf,
} from './exported-actor.ts'

export const onnxOperatorSet = 13
const irVersion = 7
const float = 1
const bool = 9
const int64 = 7

/** The model as one file's bytes. */
export function onnxModel(actor: ExportedActor): Uint8Array {
  const { agent, layers } = actor
  const parts = partsOf(agent)
  const outputs = layers[layers.length - 1]!.size
  const isMasked = agent.isMasked === true
  const nodes = [
    ...layers.flatMap((_, l) => layerNodes(actor, l)),
    ...(isMasked ? maskNodes() : []),
    ...actionNodes(parts),
  ]
  const initializers = layers.flatMap((layer, l) =>
    arraysOf(layer).map(({ name, shape, data }) => floats(`layer${l}.${name}`, shape, data)),
  )
  if (layers.some(layer => layer.norm !== undefined || layer.inputNorm !== undefined))
    initializers.push(floats('norm.epsilon', [], Float32Array.of(normEpsilon)))
  if (isMasked) initializers.push(floats('logits.forbidden', [], Float32Array.of(forbiddenLogit)))
  if (parts.length > 1) initializers.push(sizesOf(parts))
  const graph: ProtobufMessage = [
    ...nodes.map((node): ProtobufField => [1, node]),
    [2, agent.id.replace(/\W/g, '_')],
    ...initializers.map((tensor): ProtobufField => [5, tensor]),
    [11, valueInfo('observation', agent.observationSize)],
    ...(isMasked ? [[11, valueInfo('action_mask', outputs)] satisfies ProtobufField] : []),
    [12, valueInfo('logits', outputs)],
    [12, valueInfo('action', outputs)],
  ]
  const metadata = Object.entries(describe(actor)).map(
    ([key, value]): ProtobufField => [
      14,
      [
        [1, key],
        [2, typeof value === 'string' ? value : JSON.stringify(value)],
      ],
    ],
  )
  return encodeMessage([
    [1, irVersion],
    [2, 'marlstrom'],
    [7, graph],
    [
      8,
      [
        [1, ''],
        [2, onnxOperatorSet],
      ],
    ],
    ...metadata,
  ])
}

/** Gemm, what normalises its input or its result if anything does, and the activation. */
function layerNodes({ agent, layers }: ExportedActor, l: number): ProtobufMessage[] {
  const { activation, norm, inputNorm } = layers[l]!
  const input = l === 0 ? 'observation' : `hidden${l - 1}`
  const last = agent.isMasked === true ? 'logits.all' : 'logits'
  const output = l === layers.length - 1 ? last : `hidden${l}`
  const before = activation === 'identity' ? output : `${output}.sum`
  const product = norm === undefined ? before : `${output}.product`
  const normal = inputNorm === undefined ? input : `layer${l}.input`
  return [
    ...(inputNorm === undefined ? [] : normNodes(`layer${l}.inputGain`, `layer${l}.inputShift`, input, normal)),
    node('Gemm', [normal, `layer${l}.weight`, `layer${l}.bias`], [product]),
    ...(norm === undefined ? [] : normNodes(`layer${l}.gain`, `layer${l}.shift`, product, before)),
    ...activationNodes(activation, before, output),
  ]
}

/** Layer normalisation by older operators: its own came with operator set 17. */
function normNodes(gain: string, shift: string, from: string, to: string): ProtobufMessage[] {
  const step = (name: string) => `${to}.${name}`
  const mean = (input: string, output: string) =>
    node('ReduceMean', [input], [output], [integers('axes', [-1]), integer('keepdims', 1)])
  return [
    mean(from, step('mean')),
    node('Sub', [from, step('mean')], [step('centred')]),
    node('Mul', [step('centred'), step('centred')], [step('squares')]),
    mean(step('squares'), step('variance')),
    node('Add', [step('variance'), 'norm.epsilon'], [step('safe')]),
    node('Sqrt', [step('safe')], [step('deviation')]),
    node('Div', [step('centred'), step('deviation')], [step('normal')]),
    node('Mul', [step('normal'), gain], [step('scaled')]),
    node('Add', [step('scaled'), shift], [to]),
  ]
}

function activationNodes(activation: Activation, from: string, to: string): ProtobufMessage[] {
  if (activation === 'identity') return []
  if (activation === 'leakyRelu') return [node('LeakyRelu', [from], [to], [decimal('alpha', leakySlope)])]
  return [node({ relu: 'Relu', elu: 'Elu', tanh: 'Tanh' }[activation], [from], [to])]
}

/** Where the mask is 0 the logit becomes so low that its probability is 0. */
function maskNodes(): ProtobufMessage[] {
  return [
    node('Cast', ['action_mask'], ['logits.allowed'], [integer('to', bool)]),
    node('Where', ['logits.allowed', 'logits.all', 'logits.forbidden'], ['logits']),
  ]
}

/** Softmax of a part whose probabilities are the action, Hardmax (the first of the largest) of one that must be one-hot. */
function actionNodes(parts: readonly ExportedPart[]): ProtobufMessage[] {
  const best = (part: ExportedPart, input: string, output: string) =>
    node(part.greedy === 'softmax' ? 'Softmax' : 'Hardmax', [input], [output], [integer('axis', -1)])
  if (parts.length === 1) return [best(parts[0]!, 'logits', 'action')]
  const logits = parts.map((_, p) => `part${p}.logits`)
  const actions = parts.map((_, p) => `part${p}.action`)
  return [
    node('Split', ['logits', 'part.sizes'], logits, [integer('axis', -1)]),
    ...parts.map((part, p) => best(part, logits[p]!, actions[p]!)),
    node('Concat', actions, ['action'], [integer('axis', -1)]),
  ]
}

function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly ProtobufMessage[] = [],
): ProtobufMessage {
  return [
    ...inputs.map((name): ProtobufField => [1, name]),
    ...outputs.map((name): ProtobufField => [2, name]),
    [3, `${operator}.${outputs[0]}`],
    [4, operator],
    ...attributes.map((attribute): ProtobufField => [5, attribute]),
  ]
}

/** AttributeProto of type INT. */
function integer(name: string, value: number): ProtobufMessage {
  return [
    [1, name],
    [3, value],
    [20, 2],
  ]
}

/** AttributeProto of type INTS. */
function integers(name: string, values: readonly number[]): ProtobufMessage {
  return [[1, name], ...values.map((value): ProtobufField => [8, value]), [20, 7]]
}

/** AttributeProto of type FLOAT. */
function decimal(name: string, value: number): ProtobufMessage {
  return [
    [1, name],
    [2, Float32Array.of(value)],
    [20, 1],
  ]
}

/** TensorProto with raw little-endian data. */
function floats(name: string, shape: readonly number[], numbers: Float32Array): ProtobufMessage {
  return [
    [1, packedVarints(shape)],
    [2, float],
    [8, name],
    [9, littleEndian([numbers])],
  ]
}

function sizesOf(parts: readonly ExportedPart[]): ProtobufMessage {
  return [
    [1, packedVarints([parts.length])],
    [2, int64],
    [7, packedVarints(parts.map(({ from, to }) => to - from))],
    [8, 'part.sizes'],
  ]
}

/** ValueInfoProto of a float tensor [batch, columns]. */
function valueInfo(name: string, columns: number): ProtobufMessage {
  const batch: ProtobufMessage = [[2, 'batch']]
  const size: ProtobufMessage = [[1, columns]]
  const shape: ProtobufMessage = [
    [1, batch],
    [1, size],
  ]
  const tensor: ProtobufMessage = [
    [1, float],
    [2, shape],
  ]
  return [
    [1, name],
    [2, [[1, tensor]]],
  ]
}

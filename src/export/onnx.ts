// ONNX: observation [batch, size] in, and `action_mask` of agents whose game masks actions; `logits` and the greedy `action` out. Operator set 13, IR version 7 (ONNX 1.8), so that
// every runtime since 2020 reads it. Field numbers are those of onnx.proto3 (github.com/onnx/onnx).
import { encodeMessage, type ProtobufField, type ProtobufMessage } from '../wire/protobuf.ts'
import {
  allArrays,
  describe,
  type ExportedActor,
  type ExportedLayer,
  type ExportedPart,
  forbiddenLogit,
  normEpsilon,
  partsOf,
} from './exported-actor.ts'
import { bool, float, floats, integer, layerNodes, node, whole } from './onnx-nodes.ts'
import { setInitializers, setNodes } from './onnx-sets.ts'

export const onnxOperatorSet = 13
const irVersion = 7

/** The model as one file's bytes. */
export function onnxModel(actor: ExportedActor): Uint8Array {
  const { agent, standard, sets, layers } = actor
  const parts = partsOf(agent)
  const outputs = layers[layers.length - 1]!.size
  const isMasked = agent.isMasked === true
  const seen = standard === undefined ? 'observation' : 'observation.standard'
  const pooled = sets === undefined ? seen : 'pooled'
  const last = isMasked ? 'logits.all' : 'logits'
  const outputOf = (l: number) => (l === layers.length - 1 ? last : `hidden${l}`)
  const nodes = [
    ...(standard === undefined ? [] : standardNodes(seen)),
    ...(sets === undefined ? [] : setNodes(sets, seen, pooled)),
    ...layers.flatMap((layer, l) => layerNodes(layer, `layer${l}`, l === 0 ? pooled : `hidden${l - 1}`, outputOf(l))),
    ...(isMasked ? maskNodes() : []),
    ...actionNodes(parts),
  ]
  const initializers = allArrays(actor).map(({ name, shape, data }) => floats(name, shape, data))
  if (sets !== undefined) initializers.push(...setInitializers(sets))
  const isNormalised = (layer: ExportedLayer) => layer.norm !== undefined || layer.inputNorm !== undefined
  const ofPieces = (sets?.sets ?? []).flatMap(set => [set.norm !== undefined, ...set.layers.map(isNormalised)])
  if (layers.some(isNormalised) || ofPieces.includes(true))
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

/** (x - mean) scale, no further than the limit from 0. */
function standardNodes(output: string): ProtobufMessage[] {
  const [centred, scaled, least, raised] = ['centred', 'scaled', 'least', 'raised'].map(name => `observation.${name}`)
  return [
    node('Sub', ['observation', 'observation.mean'], [centred!]),
    node('Mul', [centred!, 'observation.scale'], [scaled!]),
    node('Neg', ['observation.limit'], [least!]),
    node('Max', [scaled!, least!], [raised!]),
    node('Min', [raised!, 'observation.limit'], [output]),
  ]
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

function sizesOf(parts: readonly ExportedPart[]): ProtobufMessage {
  return whole(
    'part.sizes',
    parts.map(({ from, to }) => to - from),
  )
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

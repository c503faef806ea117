// Nodes and tensors of ONNX graphs, and what a layer is made of. Field numbers are those of onnx.proto3 (github.com/onnx/onnx).
import type { Activation } from '../nn/network.ts'
import { type ProtobufField, type ProtobufMessage, packedVarints } from '../wire/protobuf.ts'
import { type ExportedLayer, leakySlope, littleEndian } from './exported-actor.ts'

/** Numbers of types of elements. */
export const float = 1
export const int64 = 7
export const bool = 9

/** Gemm, what normalises its input or its result if anything does, and the activation; `name`: as its arrays begin. */
export function layerNodes(
  { activation, norm, inputNorm }: ExportedLayer,
  name: string,
  input: string,
  output: string,
): ProtobufMessage[] {
  const before = activation === 'identity' ? output : `${output}.sum`
  const product = norm === undefined ? before : `${output}.product`
  const normal = inputNorm === undefined ? input : `${name}.input`
  return [
    ...(inputNorm === undefined ? [] : normNodes(`${name}.inputGain`, `${name}.inputShift`, input, normal)),
    node('Gemm', [normal, `${name}.weight`, `${name}.bias`], [product]),
    ...(norm === undefined ? [] : normNodes(`${name}.gain`, `${name}.shift`, product, before)),
    ...activationNodes(activation, before, output),
  ]
}

/** Layer normalisation by older operators: its own came with operator set 17. */
export function normNodes(gain: string, shift: string, from: string, to: string): ProtobufMessage[] {
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

export function node(
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
export function integer(name: string, value: number): ProtobufMessage {
  return [
    [1, name],
    [3, value],
    [20, 2],
  ]
}

/** AttributeProto of type INTS. */
export function integers(name: string, values: readonly number[]): ProtobufMessage {
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
export function floats(name: string, shape: readonly number[], numbers: Float32Array): ProtobufMessage {
  return [
    [1, packedVarints(shape)],
    [2, float],
    [8, name],
    [9, littleEndian([numbers])],
  ]
}

/** TensorProto of whole numbers. */
export function whole(name: string, numbers: readonly number[]): ProtobufMessage {
  return [
    [1, packedVarints([numbers.length])],
    [2, int64],
    [7, packedVarints(numbers)],
    [8, name],
  ]
}

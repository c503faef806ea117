// The sets of an observation in an ONNX graph: pieces one below the other through their layers, then the mean and the largest of each set.
import type { ProtobufMessage } from '../wire/protobuf.ts'
import type { ExportedSet, ExportedSets } from './exported-actor.ts'
import { bool, float, floats, integer, integers, layerNodes, node, normNodes, whole } from './onnx-nodes.ts'

/** From `input` to `output`: the columns of no set, then of each set the means and the largest. */
export function setNodes({ plain, sets }: ExportedSets, input: string, output: string): ProtobufMessage[] {
  return [
    ...plain.map((_, c) => slice(input, `plain${c}`, `plain${c}.from`, `plain${c}.to`, 'axis.columns')),
    ...sets.flatMap((set, s) => nodesOf(set, `set${s}`, input)),
    node(
      'Concat',
      [...plain.map((_, c) => `plain${c}`), ...sets.flatMap((_, s) => [`set${s}.mean`, `set${s}.largest`])],
      [output],
      [integer('axis', 1)],
    ),
  ]
}

/** Sizes and places, by the names that the nodes have for them. */
export function setInitializers({ plain, sets }: ExportedSets): ProtobufMessage[] {
  return [
    whole('axis.columns', [1]),
    whole('axis.numbers', [2]),
    whole('first.from', [0]),
    whole('first.to', [1]),
    floats('set.zero', [], Float32Array.of(0)),
    floats('set.one', [], Float32Array.of(1)),
    floats('set.lowest', [], Float32Array.of(-3e38)),
    ...plain.flatMap(({ from, to }, c) => [whole(`plain${c}.from`, [from]), whole(`plain${c}.to`, [to])]),
    ...sets.flatMap(({ from, count, piece, layers }, s) => [
      whole(`set${s}.from`, [from]),
      whole(`set${s}.to`, [from + count * piece]),
      whole(`set${s}.piece`, [piece]),
      whole(`set${s}.shape`, [-1, count, piece]),
      whole(`set${s}.below`, [-1, piece - 1]),
      whole(`set${s}.side`, [-1, count, layers[layers.length - 1]!.size]),
    ]),
  ]
}

function nodesOf({ layers, norm }: ExportedSet, set: string, input: string): ProtobufMessage[] {
  const name = (part: string) => `${set}.${part}`
  const resultOf = (l: number) => name(l === layers.length - 1 && norm === undefined ? 'results' : `hidden${l}`)
  const overPieces = (operator: string, input: string, output: string, keepdims: number) =>
    operator === 'ReduceSum'
      ? node(operator, [input, 'axis.columns'], [output], [integer('keepdims', keepdims)])
      : node(operator, [input], [output], [integers('axes', [1]), integer('keepdims', keepdims)])
  return [
    slice(input, name('columns'), name('from'), name('to'), 'axis.columns'),
    node('Reshape', [name('columns'), name('shape')], [name('pieces')]),
    slice(name('pieces'), name('flags'), 'first.from', 'first.to', 'axis.numbers'),
    node('Cast', [name('flags')], [name('isThere')], [integer('to', bool)]),
    node('Cast', [name('isThere')], [name('there')], [integer('to', float)]),
    slice(name('pieces'), name('numbers'), 'first.to', name('piece'), 'axis.numbers'),
    node('Reshape', [name('numbers'), name('below')], [name('rows')]),
    ...layers.flatMap((layer, l) =>
      layerNodes(layer, name(`layer${l}`), l === 0 ? name('rows') : name(`hidden${l - 1}`), resultOf(l)),
    ),
    ...(norm === undefined
      ? []
      : normNodes(name('gain'), name('shift'), name(`hidden${layers.length - 1}`), name('results'))),
    node('Reshape', [name('results'), name('side')], [name('all')]),
    // The mean: what is there, over how many there are, at least 1.
    node('Where', [name('isThere'), name('all'), 'set.zero'], [name('counted')]),
    overPieces('ReduceSum', name('counted'), name('sum'), 0),
    overPieces('ReduceSum', name('there'), name('number'), 0),
    node('Max', [name('number'), 'set.one'], [name('divisor')]),
    node('Div', [name('sum'), name('divisor')], [name('mean')]),
    // The largest, or 0 where nothing is there.
    node('Where', [name('isThere'), name('all'), 'set.lowest'], [name('lowered')]),
    overPieces('ReduceMax', name('lowered'), name('top'), 0),
    node('Cast', [name('number')], [name('isAny')], [integer('to', bool)]),
    node('Where', [name('isAny'), name('top'), 'set.zero'], [name('largest')]),
  ]
}

function slice(input: string, output: string, from: string, to: string, axis: string): ProtobufMessage {
  return node('Slice', [input, from, to, axis], [output])
}

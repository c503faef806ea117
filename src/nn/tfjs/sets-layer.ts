// What reads the sets among the columns of an input, on tensors (its formula: SetsLayer).
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import type { SetsLayer } from '../network.ts'
import { plainColumns } from '../sets.ts'
import type { TensorLayer } from './tensor-layer.ts'
import type { TensorFlow } from './tensorflow.ts'

/** A set whose pieces go through layers on tensors. */
type TensorSet = Omit<SetsLayer['sets'][number], 'layers'> & { readonly layers: readonly TensorLayer[] }

/** One set of an input, cut out. */
interface Cut {
  /** [rows, count, 1] 1 where a piece is there, else 0. */
  readonly there: Tensor3D
  /** [rows, 1, 1] Pieces that are there, at least 1. */
  readonly number: Tensor3D
  /** The pieces without their first numbers, [rows * count, piece - 1], and the result of every layer. */
  readonly passed: readonly Tensor2D[]
  /** [rows, count, units] What the pieces become; zeros where they are not there. */
  readonly pieces: Tensor3D
  /** [rows, count, units] 1 at the first of the largest of those that are there. */
  readonly chosen: Tensor3D
}

/** Going back, pieces go forward once more: only the layer's input and output are kept. */
export function setsLayer(tf: TensorFlow, inputs: number, sets: readonly TensorSet[]): TensorLayer {
  const plain = plainColumns(inputs, sets)
  const cut = (input: Tensor2D, { from, count, piece, layers }: TensorSet): Cut => {
    const rows = input.shape[0]
    const all = tf.reshape(tf.slice2d(input, [0, from], [rows, count * piece]), [rows, count, piece]) as Tensor3D
    const there = tf.cast(tf.notEqual(tf.slice3d(all, [0, 0, 0], [rows, count, 1]), 0), 'float32') as Tensor3D
    const numbers = tf.slice3d(all, [0, 0, 1], [rows, count, piece - 1])
    const passed = [tf.reshape(numbers, [rows * count, piece - 1]) as Tensor2D]
    for (const layer of layers) passed.push(layer.apply(passed[passed.length - 1]!))
    const last = passed[passed.length - 1]!
    const units = last.shape[1]
    const shaped = tf.reshape(last, [rows, count, units]) as Tensor3D
    const isThere = tf.cast(tf.tile(there, [1, 1, units]), 'bool')
    const pieces = tf.where(isThere, shaped, tf.zerosLike(shaped)) as Tensor3D
    const largest = tf.argMax(tf.where(isThere, shaped, tf.fill(shaped.shape, -Infinity)), 1)
    const order = tf.reshape(tf.range(0, count, 1, 'int32'), [1, count, 1])
    const isChosen = tf.equal(tf.reshape(tf.cast(largest, 'int32'), [rows, 1, units]), order)
    const chosen = tf.mul(tf.cast(isChosen, 'float32'), there) as Tensor3D
    return { there, number: tf.maximum(tf.sum(there, 1, true), 1) as Tensor3D, passed, pieces, chosen }
  }
  return {
    variables: sets.flatMap(({ layers }) => layers.flatMap(({ variables }) => variables)),
    apply(input) {
      const rows = input.shape[0]
      const columns: Tensor[] = plain.map(({ from, to }) => tf.slice2d(input, [0, from], [rows, to - from]))
      for (const set of sets) {
        const { pieces, number, chosen } = cut(input, set)
        const units = pieces.shape[2]
        columns.push(tf.reshape(tf.div(tf.sum(pieces, 1, true), number), [rows, units]))
        columns.push(tf.sum(tf.mul(pieces, chosen), 1))
      }
      return tf.concat(columns as Tensor2D[], 1)
    },
    pullback(input, _, gradient, wanted) {
      const rows = input.shape[0]
      const parameters: (Tensor | null)[] = []
      /** The gradients of columns, by the first of them. */
      const ofColumns = new Map<number, Tensor2D>()
      let column = 0
      const next = (count: number) => {
        column += count
        return tf.slice2d(gradient, [0, column - count], [rows, count])
      }
      for (const { from, to } of plain) ofColumns.set(from, next(to - from))
      for (const set of sets) {
        const { there, number, passed, pieces, chosen } = cut(input, set)
        const { from, count, piece, layers } = set
        const units = pieces.shape[2]
        const ofMean = tf.div(tf.reshape(next(units), [rows, 1, units]), number)
        const ofLargest = tf.reshape(next(units), [rows, 1, units])
        const atPieces = tf.add(tf.mul(ofMean, there), tf.mul(ofLargest, chosen))
        let back = tf.reshape(atPieces, [rows * count, units]) as Tensor2D
        const own: (Tensor | null)[] = []
        for (let l = layers.length - 1; l >= 0; l--) {
          const isWanted = l > 0 || wanted.input !== null
          const pulled = layers[l]!.pullback(passed[l]!, passed[l + 1]!, back, {
            parameters: wanted.parameters,
            input: isWanted ? { from: 0, to: passed[l]!.shape[1] } : null,
          })
          own.unshift(...pulled.parameters)
          if (pulled.input !== null) back = pulled.input
        }
        parameters.push(...own)
        if (wanted.input === null) continue
        const ofNumbers = tf.reshape(back, [rows, count, piece - 1])
        // Whether a piece is there is nothing that can be differentiated.
        const ofPieces = tf.concat([tf.zeros([rows, count, 1]), ofNumbers], 2)
        ofColumns.set(from, tf.reshape(ofPieces, [rows, count * piece]) as Tensor2D)
      }
      if (wanted.input === null) return { parameters, input: null }
      const inOrder = [...ofColumns].sort(([a], [b]) => a - b).map(([, columns]) => columns)
      const all = tf.concat(inOrder, 1)
      const { from, to } = wanted.input
      return { parameters, input: tf.slice2d(all, [0, from], [rows, to - from]) }
    },
  }
}

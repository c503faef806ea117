// The contract of a network: forward and backward passes over batches.
import type { Random } from '../random.ts'
import type { Matrix } from '../types.ts'
import type { Activation, DenseLayer, NetworkSpec } from './layers.ts'
import { orthogonalMatrix } from './orthogonal.ts'
import { hiddenLayers, pieceSpec, plainColumns, type SetPlace, setsLayer } from './sets.ts'

export type * from './layers.ts'

/** One weight matrix or bias vector within `parameters`. */
export interface TensorSpec {
  /** `layer0.weight`, `layer0.bias`, ...; of a gru also `layer0.recurrentWeight` and `layer0.recurrentBias`, of a normalised layer `layer0.gain` and `layer0.shift`, of a standardisation `layer0.mean` and `layer0.scale`; of the first set of a sets layer `layer0.set0.layer0.weight`, ... */
  readonly name: string
  readonly shape: readonly number[]
  /** Weight matrices that stand side by side in this one, each drawn by itself: 3 for the gates of a gru. */
  readonly gates?: number
  /** Gain of an orthogonal matrix. */
  readonly orthogonal?: number
  /** So many of the last columns, or these, are 0 and stay 0. */
  readonly constant?: DenseLayer['constant']
  /** Index of the first number in `parameters` and in `gradients`. */
  readonly offset: number
}

/** A network of one backend: its parameters and gradients as flat arrays, its passes forwards and backwards by matrices [batch, columns]. */
export interface Network {
  readonly spec: NetworkSpec
  readonly tensors: readonly TensorSpec[]
  readonly parameters: Float32Array
  readonly gradients: Float32Array
  /**
   * [batch, inputs] -> [batch, outputs]; keeps what `backward` and `inputGradient` need. The input may be kept by reference:
   * its numbers must stay as they are until the last `backward` that follows.
   */
  forward(input: Matrix): Matrix
  /** The same numbers as `forward`, to the bit; keeps nothing and leaves alone what `forward` kept: for learning, as by target networks. */
  infer(input: Matrix): Matrix
  /**
   * The same for all but learning: acting, evaluation, what people see. Its bits depend neither on the machine nor on the batch that a
   * row stands in, where those of learning may (run.kernels=blas). Its matrix is overwritten by the next `infer` too, and the other way round.
   */
  act(input: Matrix): Matrix
  /** Adds the parameter gradients of the last `forward` to `gradients`. */
  backward(outputGradient: Matrix): void
  /** The gradient with respect to the input of the last `forward`, all columns or [from, to); leaves `gradients` alone. */
  inputGradient(outputGradient: Matrix, columns?: { readonly from: number; readonly to: number }): Matrix
}
// A matrix that a network returns is overwritten by that network's next call of the same method.

/** What a multi-layer perceptron may have beside its sizes. */
export interface MlpOptions {
  /** Where hidden layers are normalised: before their activation (or true), or after it, as in on-policy; default: nowhere. */
  readonly layerNorm?: boolean | 'before' | 'after' | undefined
  /** So many of the first columns, but those of sets, are standardised by means and scales that somebody sets; default: 0. */
  readonly standardised?: number | undefined
  /** Whether the input is normalised; default: no. */
  readonly inputNorm?: boolean | undefined
  /** Gains of orthogonal weights of hidden layers and of the last one; default: Xavier uniform. */
  readonly orthogonal?: { readonly hidden: number; readonly output: number } | undefined
  /** So many of the last outputs, or these, are biases alone; default: 0. */
  readonly constant?: DenseLayer['constant'] | undefined
  /** Sets among the input's columns, which a layer of their own reads first; default: none, all columns are read as they stand. */
  readonly sets?: readonly SetPlace[] | undefined
  /** Units of the layers that every piece of a set goes through; default: one of 32. */
  readonly setUnits?: readonly number[] | undefined
}

/**
 * A multi-layer perceptron: `mlp(18, [64, 64], 5)` is 18 -> 64 ReLU -> 64 ReLU -> 5. Where it reads sets, what came of them is normalised
 * as the input (`inputNorm`), beside the plain columns.
 */
export function mlp(
  inputs: number,
  hidden: readonly number[],
  outputs: number,
  activation: Activation = 'relu',
  options: MlpOptions = {},
): NetworkSpec {
  const {
    layerNorm,
    inputNorm = false,
    orthogonal,
    constant = 0,
    sets = [],
    setUnits = [32],
    standardised = 0,
  } = options
  const layer = { activation, layerNorm, orthogonal: orthogonal?.hidden }
  const pooled = sets.length === 0 ? null : setsLayer(inputs, sets, { ...layer, units: setUnits })
  const within = sets.filter(({ from }) => from < standardised)
  const columns = plainColumns(standardised, within)
  return {
    inputs,
    layers: [
      ...(columns.length === 0 ? [] : [{ kind: 'standard', size: inputs, columns } as const]),
      ...(pooled === null ? [] : [pooled]),
      ...(inputNorm ? [{ kind: 'layerNorm', size: pooled?.size ?? inputs } as const] : []),
      ...hidden.flatMap(size => hiddenLayers(size, layer)),
      {
        kind: 'dense',
        size: outputs,
        activation: 'identity',
        ...(orthogonal === undefined ? {} : { orthogonal: orthogonal.output }),
        ...(constant === 0 || (typeof constant !== 'number' && constant.length === 0) ? {} : { constant }),
      },
    ],
  }
}

/** Outputs of a network of this spec. */
export function outputSize(spec: NetworkSpec): number {
  return spec.layers[spec.layers.length - 1]?.size ?? spec.inputs
}

/** The tensors of a spec, one after the other without gaps: per layer the weight, then the bias (then a gru's recurrent ones). */
export function tensorsOf(spec: NetworkSpec): TensorSpec[] {
  const tensors: TensorSpec[] = []
  let offset = 0
  let inputs = spec.inputs
  const add = (tensor: Omit<TensorSpec, 'offset'>) => {
    tensors.push({ ...tensor, offset })
    offset += tensor.shape.reduce((product, size) => product * size, 1)
  }
  spec.layers.forEach((layer, index) => {
    const { size } = layer
    if (layer.kind === 'gru') {
      const gates = layer.orthogonal === undefined ? { gates: 3 } : { gates: 3, orthogonal: layer.orthogonal }
      add({ name: `layer${index}.weight`, shape: [inputs, 3 * size], ...gates })
      add({ name: `layer${index}.bias`, shape: [3 * size] })
      add({ name: `layer${index}.recurrentWeight`, shape: [size, 3 * size], ...gates })
      add({ name: `layer${index}.recurrentBias`, shape: [3 * size] })
    } else if (layer.kind === 'sets') {
      layer.sets.forEach((set, s) => {
        for (const { offset: _, name, ...tensor } of tensorsOf(pieceSpec(set))) {
          add({ name: `layer${index}.set${s}.${name}`, ...tensor })
        }
      })
    } else if (layer.kind === 'standard') {
      const columns = layer.columns.reduce((sum, { from, to }) => sum + to - from, 0)
      add({ name: `layer${index}.mean`, shape: [columns] })
      add({ name: `layer${index}.scale`, shape: [columns] })
    } else if (layer.kind === 'layerNorm') {
      add({ name: `layer${index}.gain`, shape: [size] })
      add({ name: `layer${index}.shift`, shape: [size] })
    } else {
      const { orthogonal, constant } = layer
      add({
        name: `layer${index}.weight`,
        shape: [inputs, size],
        ...(orthogonal === undefined ? {} : { orthogonal }),
        ...(constant === undefined ? {} : { constant }),
      })
      add({ name: `layer${index}.bias`, shape: [size] })
      if (layer.layerNorm) {
        add({ name: `layer${index}.gain`, shape: [size] })
        add({ name: `layer${index}.shift`, shape: [size] })
      }
    }
    inputs = size
  })
  return tensors
}

/** Numbers in a tensor. */
export function tensorLength(tensor: TensorSpec): number {
  return tensor.shape.reduce((product, size) => product * size, 1)
}

/** Xavier (Glorot) uniform weights, +-sqrt(6 / (inputs + outputs)) per gate, or orthogonal ones; zero biases, gains and scales of 1; drawn here, so equal on every backend. */
export function drawParameters(tensors: readonly TensorSpec[], random: Random, into: Float32Array): void {
  for (const tensor of tensors) {
    const end = tensor.offset + tensorLength(tensor)
    if (tensor.shape.length < 2) {
      into.fill(/\.(gain|scale)$/.test(tensor.name) ? 1 : 0, tensor.offset, end)
      continue
    }
    const [rows, columns] = tensor.shape as [number, number]
    const { gates = 1, orthogonal } = tensor
    if (orthogonal !== undefined) {
      const own = columns / gates
      for (let gate = 0; gate < gates; gate++) {
        const matrix = orthogonalMatrix(rows, own, orthogonal, random)
        for (let row = 0; row < rows; row++) {
          into.set(matrix.subarray(row * own, (row + 1) * own), tensor.offset + row * columns + gate * own)
        }
      }
    } else {
      const limit = Math.sqrt(6 / (rows + columns / gates))
      for (let i = tensor.offset; i < end; i++) into[i] = random.between(-limit, limit)
    }
  }
  clearConstant(tensors, into)
}

/** Writes 0 where weights must be 0 (`constant`): into parameters when they are drawn, into gradients after every backward. */
export function clearConstant(tensors: readonly TensorSpec[], values: Float32Array): void {
  for (const { shape, offset, constant = 0 } of tensors) {
    if (constant === 0) continue
    const [rows, columns] = shape as [number, number]
    const places = typeof constant === 'number' ? [{ from: columns - constant, to: columns }] : constant
    for (let row = 0; row < rows; row++) {
      const start = offset + row * columns
      for (const { from, to } of places) values.fill(0, start + from, start + to)
    }
  }
}

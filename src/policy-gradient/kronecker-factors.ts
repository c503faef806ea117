// Kronecker factors of a network's Fisher matrix: running means, their eigenbases, and gradients divided by them (Martens and Grosse 2015).
import type { Backend } from '../nn/backend.ts'
import type { CurvatureNetwork } from '../nn/curvature.ts'
import { mlp, type Network, type TensorSpec } from '../nn/network.ts'
import { createRandom } from '../random.ts'
import type { Matrix, Saved, Stateful } from '../types.ts'
import { createEigenSolver, type Eigenbasis, operationsOfTick } from './symmetric-eigen.ts'

/** Of each weight matrix with its bias: the Fisher matrix of the layer is taken as A (x) G. */
export interface KroneckerFactors extends Stateful {
  /**
   * Adds the statistics at the network's last `forward` (`sequence`) to those of the minibatch.
   * @param scores [rows, outputs] Per row the gradient of the log-likelihood of a target drawn from what the network says.
   * @param count Rows that there are; the others have scores of 0, and in recurrent layers their inputs count all the same.
   */
  take(scores: Matrix, count: number): void
  /** The minibatch is over: into the running means. Nothing where nothing was taken. */
  settle(): void
  /** Goes on for about a tick with the eigenbases of the running means; whether there is more. `renew`: begins anew. */
  decompose(): boolean
  renew(): void
  /**
   * (A (x) G + damping I)^-1 times a gradient, per layer, in the eigenbases of A and G: the damping is on the product of eigenvalues.
   * What has no factors stays as it is: gains, shifts, and the biases of outputs without weights, as deviations that see nothing. Before the
   * first decomposition all does. Laid out like `parameters`.
   */
  precondition(gradients: ArrayLike<number>, damping: number, to: Float64Array): void
}

/** `decay`: of the running means; the first 1 / (1 - decay) minibatches count equally. Products with eigenvectors are the backend's, in single precision. */
export function createKroneckerFactors(
  backend: Pick<Backend, 'network' | 'matrix'>,
  network: CurvatureNetwork,
  decay: number,
): KroneckerFactors {
  const layers = layersOf(network.tensors)
  const sizes = layers.flatMap(({ inputs, columns }) => [inputs + 1, columns.length])
  const zeros = () => sizes.map(size => new Float64Array(size * size))
  /** Per layer A, G; sums over the minibatch, and means over minibatches. */
  let sums = zeros()
  let means = zeros()
  /** Rows that the sums are over, per factor. */
  let counts = new Float64Array(sizes.length)
  let minibatches = 0
  let bases: (Eigenbasis | null)[] = sizes.map(() => null)
  const turns = sizes.map(size => createTurns(backend, size))
  const quotients = layers.map((layer, l) => createQuotient(backend, layer, turns[2 * l]!, turns[2 * l + 1]!))
  const solver = createEigenSolver()
  /** The factor that is decomposed, or the next one; all: it is done. */
  let turn = sizes.length
  let isBegun = false

  return {
    take(scores, count) {
      network.layerStatistics(scores).forEach(({ rows, inputs, gradients }, l) => {
        counts[2 * l]! += rows
        counts[2 * l + 1]! += count
        addTo(sums[2 * l]!, inputs, allOf(inputs), rows)
        addTo(sums[2 * l + 1]!, gradients, layers[l]!.columns, rows)
      })
    },
    settle() {
      if (!counts.some(count => count > 0)) return
      minibatches++
      const kept = Math.min(decay, 1 - 1 / minibatches)
      means.forEach((mean, f) => {
        const added = (1 - kept) / Math.max(1, counts[f]!)
        for (let i = 0; i < mean.length; i++) mean[i] = kept * mean[i]! + added * sums[f]![i]!
      })
      sums = zeros()
      counts = new Float64Array(sizes.length)
    },
    renew() {
      turn = 0
      isBegun = false
    },
    decompose() {
      let left = operationsOfTick
      while (turn < sizes.length && left > 0) {
        if (!isBegun) solver.begin(means[turn]!)
        isBegun = true
        left = solver.advance(left)
        const { result } = solver
        if (result === null) return true
        bases[turn] = result
        turns[turn]!.set(result)
        turn++
        isBegun = false
      }
      return turn < sizes.length
    },
    precondition(gradients, damping, to) {
      for (let i = 0; i < to.length; i++) to[i] = gradients[i]!
      layers.forEach((layer, l) => {
        const [ofInputs, ofGradients] = [bases[2 * l]!, bases[2 * l + 1]!]
        if (ofInputs === null || ofGradients === null) return
        const divided = quotients[l]!(gather(layer, gradients), ofInputs.values, ofGradients.values, damping)
        scatter(layer, divided, to)
      })
    },
    save: (): Saved => ({
      minibatches,
      means,
      bases: bases.map(basis => basis && { ...basis }),
      turn,
      solver: isBegun ? solver.save() : null,
      ...(counts.some(count => count > 0) ? { sums, counts } : {}),
    }),
    restore(saved) {
      const state = saved as unknown as SavedFactors
      minibatches = state.minibatches
      means = state.means.map(mean => mean.slice())
      bases = state.bases.map(basis => basis && { values: basis.values.slice(), vectors: basis.vectors.slice() })
      bases.forEach((basis, f) => {
        if (basis !== null) turns[f]!.set(basis)
      })
      turn = state.turn
      isBegun = state.solver !== null
      solver.restore(state.solver)
      sums = state.sums?.map(sum => sum.slice()) ?? zeros()
      counts = state.counts?.slice() ?? new Float64Array(sizes.length)
    },
  }
}

/** Rows [rows, size] into the coordinates of an eigenbasis, and back. */
interface Turns {
  set(basis: Eigenbasis): void
  into(rows: Matrix): Matrix
  back(rows: Matrix): Matrix
}

/** Networks of one layer, so that the kernels and threads of the backend multiply. */
function createTurns(backend: Pick<Backend, 'network'>, size: number): Turns {
  const [into, back] = [0, 1].map(seed => backend.network(mlp(size, [], size), createRandom(seed))) as [
    Network,
    Network,
  ]
  return {
    set({ vectors }) {
      back.parameters.set(vectors)
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) into.parameters[j * size + i] = vectors[i * size + j]!
      }
    },
    into: rows => into.infer(rows),
    back: rows => back.infer(rows),
  }
}

/**
 * U ((U^T V W) / (a g^T + damping)) W^T for V [inputs + 1, columns], a and g the eigenvalues and U and W the eigenvectors of A and G;
 * eigenvalues below 0 by rounding count as 0.
 */
function createQuotient(backend: Pick<Backend, 'matrix'>, { inputs, columns }: Layer, ofA: Turns, ofG: Turns) {
  const [rows, width] = [inputs + 1, columns.length]
  const upright = backend.matrix(rows, width)
  const lying = backend.matrix(width, rows)
  return (v: Float64Array, a: Float64Array, g: Float64Array, damping: number): Matrix => {
    upright.data.set(v)
    transpose(upright, lying)
    transpose(ofA.into(lying), upright)
    const turned = ofG.into(upright).data
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < width; j++) {
        const at = i * width + j
        upright.data[at] = turned[at]! / (Math.max(0, a[i]!) * Math.max(0, g[j]!) + damping)
      }
    }
    transpose(ofG.back(upright), lying)
    transpose(ofA.back(lying), upright)
    return upright
  }
}

function transpose({ rows, columns, data }: Matrix, to: Matrix): void {
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) to.data[j * rows + i] = data[i * columns + j]!
}

/** A weight matrix and the bias behind it. */
interface Layer {
  readonly weight: TensorSpec
  readonly bias: TensorSpec
  readonly inputs: number
  readonly size: number
  /** Outputs that have weights. */
  readonly columns: readonly number[]
}

interface SavedFactors {
  readonly minibatches: number
  readonly means: readonly Float64Array[]
  readonly bases: readonly (Eigenbasis | null)[]
  readonly turn: number
  readonly solver: Saved
  readonly sums?: readonly Float64Array[]
  readonly counts?: Float64Array
}

/** In the order of `layerStatistics`: that of the tensors. */
function layersOf(tensors: readonly TensorSpec[]): readonly Layer[] {
  return tensors.flatMap((weight, index) => {
    if (weight.shape.length !== 2) return []
    const [inputs, size] = weight.shape as [number, number]
    const { constant = 0 } = weight
    const without = typeof constant === 'number' ? [{ from: size - constant, to: size }] : constant
    const all = Array.from({ length: size }, (_, column) => column)
    const columns = all.filter(column => !without.some(({ from, to }) => column >= from && column < to))
    return [{ weight, bias: tensors[index + 1]!, inputs, size, columns }]
  })
}

/** [inputs + 1, columns] of a layer's gradients, the bias last. */
function gather({ weight, bias, inputs, size, columns }: Layer, gradients: ArrayLike<number>): Float64Array {
  const own = new Float64Array((inputs + 1) * columns.length)
  for (let i = 0; i <= inputs; i++) {
    const from = i < inputs ? weight.offset + i * size : bias.offset
    columns.forEach((column, c) => {
      own[i * columns.length + c] = gradients[from + column]!
    })
  }
  return own
}

function scatter({ weight, bias, inputs, size, columns }: Layer, own: Matrix, to: Float64Array): void {
  for (let i = 0; i <= inputs; i++) {
    const at = i < inputs ? weight.offset + i * size : bias.offset
    columns.forEach((column, c) => {
      to[at + column] = own.data[i * columns.length + c]!
    })
  }
}

function allOf({ columns }: Matrix): readonly number[] {
  return Array.from({ length: columns }, (_, column) => column)
}

/** Adds `rows` times the chosen rows and columns of a mean. */
function addTo(sum: Float64Array, { data, columns: width }: Matrix, columns: readonly number[], rows: number): void {
  columns.forEach((i, to) => {
    columns.forEach((j, c) => {
      sum[to * columns.length + c]! += rows * data[i * width + j]!
    })
  })
}

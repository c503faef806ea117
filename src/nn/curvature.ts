// Forward mode and curvature: what natural-gradient methods need of a network beyond going forward and backward.
import type { Matrix } from '../types.ts'
import type { Network, TensorSpec } from './network.ts'

/**
 * Second moments at one weight matrix with its bias, y = x W + b (before the activation): the two factors of K-FAC, where the
 * layer's Fisher matrix is about A (x) G (Martens and Grosse 2015, section 3).
 */
export interface LayerStatistics {
  readonly weight: TensorSpec
  readonly bias: TensorSpec
  /** A = mean over rows of [x 1]^T [x 1], [inputs + 1, inputs + 1]; the last row and column belong to the bias. */
  readonly inputs: Matrix
  /** G = mean over rows of g^T g, [size, size]; g is the gradient at y. A layer normalisation's gain and shift have no statistics. */
  readonly gradients: Matrix
  /** Rows that the means are over: those of the batch, of a set its pieces in them. */
  readonly rows: number
}

/** A forward that stands in a place of its own. */
export interface KeptForward {
  readonly outputs: Matrix
  /** `tangent`, `backward` and `layerStatistics` are of it again; for as long as the parameters stay as they are and its place is its own. */
  recall(): void
}

/** A network that can be differentiated forwards and looked into. */
export interface CurvatureNetwork extends Network {
  /**
   * The Jacobian-vector product [batch, outputs] at the last `forward` (`sequence`):
   * d/de outputs(parameters + e parameterTangent, input + e inputTangent) at e = 0; without `inputTangent` the input stands still.
   * Pearlmutter's forward pass (1994). The vector is laid out like `parameters`. A recurrent network's initial state stands still.
   * @throws TypeError for a vector or a matrix of another size.
   */
  tangent(parameterTangent: Float32Array, inputTangent?: Matrix): Matrix
  /**
   * Per weight matrix in the order of `tensors`, the second moments at the last `forward` (`sequence`), for the gradient [batch, outputs]
   * that a `backward` would take. Hand in each row's own gradient, of its own loss and not divided by the batch; K-FAC's
   * Fisher factors come from targets drawn from the network's own distribution (Martens and Grosse 2015, section 5). Leaves
   * `gradients` alone. A recurrent layer's rows are its steps, taken as independent (Martens, Ba and Johnson 2018).
   */
  layerStatistics(outputGradient: Matrix): readonly LayerStatistics[]
  /**
   * A `forward` whose results stay where they are until the next one with this number, so that several batches can be gone back to in turn.
   * Networks of dense layers alone have it.
   */
  keep?(input: Matrix, place: number): KeptForward
}
// The matrix that `tangent` returns is overwritten by that network's next tangent; statistics are the caller's to keep.

/** The network as one that can differentiate forwards and says the statistics of its layers. @throws TypeError when the network's backend has no tangents. */
export function withCurvature(network: Network): CurvatureNetwork {
  const { tangent, layerStatistics } = network as Partial<CurvatureNetwork>
  if (tangent === undefined || layerStatistics === undefined) {
    throw new TypeError("network: expected one with tangents, got one of a backend without; use the backend 'simd'")
  }
  return network as CurvatureNetwork
}

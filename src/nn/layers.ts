// What networks are made of, layer by layer, as data.

/** Leaky ReLU with 0.01 below zero (Maas et al. 2013); ELU: exp(x) - 1 below zero (Clevert et al. 2016). */
export type Activation = 'relu' | 'tanh' | 'identity' | 'leakyRelu' | 'elu'

/** y = activation(x W + b), W [inputs, size] row-major, b [size]. */
export interface DenseLayer {
  readonly kind: 'dense'
  readonly size: number
  readonly activation: Activation
  /**
   * Layer normalisation (Ba, Kiros and Hinton 2016): y = activation(gain * normal(x W + b) + shift), normal(v) = (v - mean v) /
   * sqrt(variance v + 1e-5) over each row; gain [size] begins as ones, shift [size] as zeros. Default: none.
   */
  readonly layerNorm?: boolean
  /** Its weights are drawn orthogonal, times this gain (Saxe, McClelland and Ganguli 2014). Default: Xavier uniform. */
  readonly orthogonal?: number
  /** So many of its last outputs, or these, are biases alone: their weights are 0 and stay 0, so that they do not depend on the input. Default: 0. */
  readonly constant?: number | readonly { readonly from: number; readonly to: number }[]
}

/** Layer normalisation by itself, of the network's input or of another layer's results: y = gain * normal(x) + shift, see DenseLayer. */
export interface LayerNormLayer {
  readonly kind: 'layerNorm'
  /** As many as come in. */
  readonly size: number
}

/**
 * A gated recurrent unit (Cho et al. 2014) in PyTorch's form, which is Keras's with `reset_after`; gates side by side in the order r, z, n:
 *
 *     r = sigmoid(x W_r + b_r + h U_r + c_r)
 *     z = sigmoid(x W_z + b_z + h U_z + c_z)
 *     n = tanh(x W_n + b_n + r * (h U_n + c_n))
 *     h' = (1 - z) * n + z * h
 *
 * W [inputs, 3 size], b [3 size], U [size, 3 size], c [3 size]. PyTorch's weights are these transposed; Keras's order is z, r, n.
 * The output is h'. A network with one is a RecurrentNetwork (recurrence.ts).
 */
export interface GruLayer {
  readonly kind: 'gru'
  readonly size: number
  /** The matrices of its gates are drawn orthogonal, each by itself, times this gain. Default: Xavier uniform. */
  readonly orthogonal?: number
}

/**
 * Sets among the columns of the input, each made a row of fixed size that does not depend on the order of its pieces (deep sets: Zaheer et
 * al. 2017, section 3.1). Out come the columns of no set, in order, then of each set the mean and the largest of every unit over the pieces
 * that are there; zeros where none is. Both stay in the range that single pieces span, however many there are, where a sum grows with them:
 * weights are of use with other numbers of pieces. Parameters depend on no number of pieces. It is the first layer, behind a standardisation if there is one, or none.
 */
export interface SetsLayer {
  readonly kind: 'sets'
  /** Columns that come out (pooledSize in sets.ts). */
  readonly size: number
  /** In the order of their columns. */
  readonly sets: readonly {
    /** Its first column. */
    readonly from: number
    /** Pieces, side by side. */
    readonly count: number
    /** Numbers per piece. The first is not 0 where the piece is there; it is read for that alone, so its gradient is 0. */
    readonly piece: number
    /** What the other numbers of every piece go through: [piece - 1] -> [units], the same for all of them. */
    readonly layers: readonly LayerSpec[]
  }[]
}

/**
 * Standardisation of columns of the input: y = (x - mean) scale, no further than 10 from 0; mean [columns] begins as zeros, scale [columns]
 * as ones. Both are parameters that somebody sets: they have no gradient, so that no optimizer moves them. It is the first layer or none.
 */
export interface StandardLayer {
  readonly kind: 'standard'
  /** As many as come in. */
  readonly size: number
  /** The columns that are standardised, in order; others stay as they are. */
  readonly columns: readonly { readonly from: number; readonly to: number }[]
}

export type LayerSpec = DenseLayer | LayerNormLayer | GruLayer | SetsLayer | StandardLayer

/** What a network is made of, as data: the columns of its input and its layers one after the other. */
export interface NetworkSpec {
  readonly inputs: number
  readonly layers: readonly LayerSpec[]
}

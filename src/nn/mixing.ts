// Values of agents mixed into one by weights that differ from row to row: the bilinear layers of QMIX, and their exact gradients.
import { exp } from '../elementary.ts'
import type { Matrix } from '../types.ts'

/** What hypernetworks say in every row. */
export interface MixingWeights {
  /** [rows, values * units] Of the first layer: from value i to unit j at i * units + j. */
  readonly first: Matrix
  /** [rows, units] */
  readonly bias: Matrix
  /** [rows, units] Of the second layer. */
  readonly second: Matrix
  /** [rows, 1] */
  readonly base: Matrix
}

/** What a backend does with them. Weights may be of other rows each time; what is written is overwritten. */
export interface MixingPasses {
  /**
   * total = sum_j elu(sum_i q_i |first_ij| + bias_j) |second_j| + base, row by row (Rashid et al. 2018, section 4.1): no value can gain without
   * the total doing so, or staying. Notes what `mixGradient` needs as `hidden`.
   */
  mix(
    values: Matrix, // [rows, values]
    weights: MixingWeights,
    hidden: Matrix, // [rows, units], overwritten: elu of the first layer
    total: Matrix, // [rows, 1], overwritten
  ): void
  /** The gradients of sum_rows gradient * total at the weights and at the values; |x| has slope 0 at 0. All are overwritten. */
  mixGradient(
    values: Matrix, // [rows, values]
    weights: Pick<MixingWeights, 'first' | 'second'>,
    hidden: Matrix, // [rows, units] of `mix`
    gradient: Matrix, // [rows, 1]
    to: MixingWeights,
    toValues: Matrix, // [rows, values]
  ): void
}

/** The passes in JavaScript. */
export const heapMixing = passes(Math.abs, Math.sign)
/** The same with weights of either sign, so that a value's gain may be the total's loss (FACMAC's non-monotonic mixer: Peng et al. 2021). */
export const unrestrictedMixing = passes(
  weight => weight,
  () => 1,
)
export const { mix, mixGradient } = heapMixing

/** `size` is what a weight counts, `slope` the derivative of that. */
function passes(size: (weight: number) => number, slope: (weight: number) => number): MixingPasses {
  return {
    mix(values, { first, bias, second, base }, hidden, total) {
      const { rows, columns: count, data: q } = values
      const units = hidden.columns
      const [w, b, v, h] = [first.data, bias.data, second.data, hidden.data]
      for (let row = 0; row < rows; row++) {
        const at = row * units
        for (let j = 0; j < units; j++) h[at + j] = b[at + j]!
        for (let i = 0; i < count; i++) {
          const value = q[row * count + i]!
          const from = (row * count + i) * units
          for (let j = 0; j < units; j++) h[at + j]! += value * size(w[from + j]!)
        }
        let sum = base.data[row]!
        for (let j = at; j < at + units; j++) {
          const x = h[j]!
          if (x < 0) h[j] = exp(x) - 1
          sum += h[j]! * size(v[j]!)
        }
        total.data[row] = sum
      }
    },
    mixGradient(values, { first, second }, hidden, gradient, to, toValues) {
      const { rows, columns: count, data: q } = values
      const units = hidden.columns
      const [w, v, h] = [first.data, second.data, hidden.data]
      const [dw, db, dv] = [to.first.data, to.bias.data, to.second.data]
      for (let row = 0; row < rows; row++) {
        const at = row * units
        const g = gradient.data[row]!
        to.base.data[row] = g
        for (let j = at; j < at + units; j++) {
          const x = h[j]!
          dv[j] = g * x * slope(v[j]!)
          // elu'(x) = elu(x) + 1 below 0.
          db[j] = g * size(v[j]!) * (x < 0 ? x + 1 : 1)
        }
        for (let i = 0; i < count; i++) {
          const value = q[row * count + i]!
          const from = (row * count + i) * units
          let sum = 0
          for (let j = 0; j < units; j++) {
            const weight = w[from + j]!
            const atUnit = db[at + j]!
            sum += atUnit * size(weight)
            dw[from + j] = atUnit * value * slope(weight)
          }
          toValues.data[row * count + i] = sum
        }
      }
    },
  }
}

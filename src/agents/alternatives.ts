// The alternatives of an action that is made of choices alone: one for each combination, each with its probability.
import { exponentials } from '../nn/softmax.ts'
import { type ActionSpace, actionSize } from '../spaces.ts'

export interface Alternatives {
  /** The product of the sizes of the choices. */
  readonly count: number
  /** Which one a one-hot action is, that begins at `from`; the last part counts fastest. */
  numberOf(action: ArrayLike<number>, from: number): number
  /**
   * The probabilities of all of them, to `to` from `target` on, given the logits of the parts that begin at `from`; they sum to 1 to rounding
   * in double precision. `mask`: 0 at numbers of the action that are not allowed; its row begins at `masked`.
   */
  probabilities(
    logits: ArrayLike<number>,
    from: number,
    to: Float64Array,
    target: number,
    mask?: ArrayLike<number>,
    masked?: number,
  ): void
  /** Adds to the gradient at the logits, from `to[at]` on, that of a function of the probabilities f, given as u at each of them: f (u - sum f u). */
  addLogitGradient(f: ArrayLike<number>, u: ArrayLike<number>, to: Float32Array, at: number): void
}

/** Of a space without boxes. */
export function alternativesOf(space: ActionSpace): Alternatives {
  const count = space.reduce((product, { size }) => product * size, 1)
  const each = new Float64Array(actionSize(space))
  return {
    count,
    numberOf(action, from) {
      let [number, at] = [0, from]
      for (const { size } of space) {
        let chosen = 0
        while (chosen < size - 1 && action[at + chosen] !== 1) chosen++
        number = number * size + chosen
        at += size
      }
      return number
    },
    probabilities(logits, from, to, target, mask, masked = 0) {
      to[target] = 1
      let [made, at] = [1, 0]
      for (const { size } of space) {
        const sum = exponentials(logits, from + at, size, each, at, mask, masked + at)
        // From the last on, so that nothing is overwritten that is still to be read.
        for (let i = made - 1; i >= 0; i--) {
          const before = to[target + i]!
          for (let k = size - 1; k >= 0; k--) to[target + i * size + k] = (before * each[at + k]!) / sum
        }
        made *= size
        at += size
      }
    },
    addLogitGradient(f, u, to, at) {
      let mean = 0
      for (let k = 0; k < count; k++) mean += f[k]! * u[k]!
      const sums = new Float64Array(actionSize(space))
      for (let k = 0; k < count; k++) {
        const own = f[k]! * (u[k]! - mean)
        for (let part = space.length - 1, rest = k, end = sums.length; part >= 0; part--) {
          const { size } = space[part]!
          end -= size
          sums[end + (rest % size)]! += own
          rest = Math.floor(rest / size)
        }
      }
      sums.forEach((sum, i) => {
        to[at + i]! += sum
      })
    },
  }
}

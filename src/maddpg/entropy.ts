// How undecided an actor is, part by part of its action: what MASAC adds to the return, with its gradient at the actor's outputs.
import { createDistribution } from '../agents/distribution.ts'
import { log } from '../elementary.ts'
import type { Backend } from '../nn/backend.ts'
import type { NoiseKey } from '../random.ts'
import type { ActionSpace } from '../spaces.ts'
import type { Matrix } from '../types.ts'

/** In nats; parts of an action add up. What is returned is overwritten by the next call of the same method. */
export interface Entropy {
  /**
   * The value that exploration is held at (see `createEntropy`): the mean over the rows where `present` is 1, of a choice by the logarithm of
   * the number of alternatives that the mask allows there.
   */
  aimOf(present: Float32Array, mask?: Matrix): number
  /**
   * [rows] Of each choice the entropy of softmax(logits) itself, as discrete soft actor-critic has it (Christodoulou 2019); of each
   * box -log pi(a) of the sample that the head draws from these outputs with this key, the box taken as -1 ... 1, so that its
   * width says nothing.
   */
  of(outputs: Matrix, noise: NoiseKey, mask?: Matrix): Float32Array
  /** [rows, outputs] scale[row] times the gradient of it at the outputs; of boxes along the path of the sample. */
  gradient(outputs: Matrix, noise: NoiseKey, scale: ArrayLike<number>, mask?: Matrix): Matrix
}
// `mask` [rows, action size] is 0 at alternatives that are not allowed; default: all are.

/** `choices`: the aim of a choice as a part of log(allowed alternatives); `boxes`: that of each number of a box. */
export function createEntropy(
  backend: Pick<Backend, 'matrix'>,
  space: ActionSpace,
  rows: number,
  aims: { readonly choices: number; readonly boxes: number },
): Entropy {
  const { parts, outputs: columns } = createDistribution(space)
  const entropy = new Float32Array(rows)
  const gradient = backend.matrix(rows, columns)
  const aimOf = ({ kind, place: { size } }: (typeof parts)[number]) =>
    kind === 'box' ? aims.boxes * size : aims.choices * log(size)
  const aim = parts.reduce((sum, part) => sum + aimOf(part), 0)
  const choices = parts.filter(({ kind }) => kind !== 'box').map(({ place }) => place)
  /** What the aim of a row is less than that without a mask. */
  const lacking = (mask: Matrix, row: number) => {
    let sum = 0
    for (const { action, size } of choices) {
      let count = 0
      for (let k = row * mask.columns + action, end = k + size; k < end; k++) if (mask.data[k] !== 0) count++
      sum += aims.choices * (log(size) - log(count))
    }
    return sum
  }
  return {
    aimOf(present, mask) {
      if (mask === undefined) return aim
      let [sum, count] = [0, 0]
      for (let row = 0; row < present.length; row++) {
        if (present[row] === 0) continue
        sum += lacking(mask, row)
        count++
      }
      return count === 0 ? aim : aim - sum / count
    },
    of(outputs, noise, mask) {
      entropy.fill(0)
      for (const part of parts) {
        if (part.path === undefined) part.entropy(outputs, entropy, mask)
        else part.path.surprisal(outputs, noise, entropy)
      }
      return entropy
    },
    gradient(outputs, noise, scale, mask) {
      for (const part of parts) {
        if (part.path === undefined) part.entropyGradient(outputs, scale, gradient, mask)
        else part.path.surprisalGradient(outputs, noise, scale, gradient)
      }
      return gradient
    },
  }
}

// How undecided an actor is, part by part of its action: what MASAC adds to the return, with its gradient at the actor's outputs.
import { createDistribution } from '../agents/distribution.ts'
import type { Backend } from '../nn/backend.ts'
import type { NoiseKey } from '../random.ts'
import type { ActionSpace } from '../spaces.ts'
import type { Matrix } from '../types.ts'

/** In nats; parts of an action add up. What is returned is overwritten by the next call of the same method. */
export interface Entropy {
  /** The value that exploration is held at (see `createEntropy`). */
  readonly aim: number
  /**
   * [rows] Of each choice the entropy of softmax(logits) itself, as discrete soft actor-critic has it (Christodoulou 2019); of each
   * box -log pi(a) of the sample that the head draws from these outputs with this key, the box taken as -1 ... 1, so that its
   * width says nothing.
   */
  of(outputs: Matrix, noise: NoiseKey): Float32Array
  /** [rows, outputs] scale[row] times the gradient of it at the outputs; of boxes along the path of the sample. */
  gradient(outputs: Matrix, noise: NoiseKey, scale: ArrayLike<number>): Matrix
}

/** `choices`: the aim of a choice as a part of log(alternatives); `boxes`: that of each number of a box. */
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
    kind === 'box' ? aims.boxes * size : aims.choices * Math.log(size)
  return {
    aim: parts.reduce((sum, part) => sum + aimOf(part), 0),
    of(outputs, noise) {
      entropy.fill(0)
      for (const part of parts) {
        if (part.path === undefined) part.entropy(outputs, entropy)
        else part.path.surprisal(outputs, noise, entropy)
      }
      return entropy
    },
    gradient(outputs, noise, scale) {
      for (const part of parts) {
        if (part.path === undefined) part.entropyGradient(outputs, scale, gradient)
        else part.path.surprisalGradient(outputs, noise, scale, gradient)
      }
      return gradient
    },
  }
}

// The Fisher matrix of a policy, as natural-gradient methods need it: never built, only multiplied with vectors.
import type { CurvatureNetwork } from '../nn/curvature.ts'
import { outputSize } from '../nn/network.ts'
import type { Matrix } from '../types.ts'
import type { Distribution } from './distribution.ts'

/**
 * Products of the Fisher matrix of a policy with vectors of its parameters, without the matrix: what natural gradients and trust regions are
 * solved with.
 */
export interface Fisher {
  /**
   * to = F v + damping v, F = 1/batch sum_r J_r^T H_r J_r at the network's parameters and the rows of its last `forward` (`sequence`):
   * J_r the Jacobian of row r's outputs (a tangent forward, a gradient back), H_r the Fisher matrix of its action distribution
   * with respect to them. Half v^T F v is the KL divergence from the policy to the one v away, to second order (Amari 1998;
   * the product: Schraudolph 2002; damping: Martens 2010). `vector` and `to` are laid out like `parameters` and may be one array.
   * Leaves `gradients` alone.
   * @param outputs the matrix that the last `forward` returned; its numbers must still be there.
   * @param mask [rows, action size], 0 at alternatives that are not allowed; absent: all are.
   * @throws TypeError for sizes that do not agree, RangeError for a damping below 0.
   */
  times(outputs: Matrix, vector: Float32Array, damping: number, to?: Float32Array, mask?: Matrix): Float32Array
  /**
   * Adds sum_r scale[r] J_r^T H_r J_r v to the network's gradients, over the rows of its last `forward`: with 1/batch and slice by slice, F v
   * of a batch that is gone through in slices. @throws TypeError for sizes that do not agree.
   */
  add(outputs: Matrix, vector: Float32Array, scale: ArrayLike<number>, mask?: Matrix): void
}

/**
 * The Fisher matrix of the policy whose distribution reads the network's outputs.
 * @throws TypeError when sizes disagree.
 */
export function createFisher(
  network: CurvatureNetwork,
  distribution: Pick<Distribution, 'outputs' | 'fisher'>,
): Fisher {
  if (distribution.outputs !== outputSize(network.spec)) {
    throw new TypeError(
      `createFisher: the distribution reads ${distribution.outputs} outputs, the network has ${outputSize(network.spec)}`,
    )
  }
  const { length } = network.parameters
  const saved = new Float32Array(length)
  let turned = new Float32Array(0)

  const add: Fisher['add'] = (at, vector, scale, mask) => {
    if (vector.length !== length)
      throw new TypeError(`fisher: a vector must hold ${length} numbers, got ${vector.length}`)
    const tangent = network.tangent(vector)
    checkLike(tangent, at)
    const { rows, columns } = tangent
    if (turned.length !== rows * columns) turned = new Float32Array(rows * columns)
    const to = { rows, columns, data: turned }
    distribution.fisher(at, tangent, to, mask)
    for (let row = 0; row < rows; row++) {
      const by = scale[row]!
      for (let i = row * columns; i < (row + 1) * columns; i++) turned[i]! *= by
    }
    network.backward(to)
  }

  return {
    add,
    times(at, vector, damping, to = new Float32Array(length), mask) {
      if (vector.length !== length || to.length !== length) {
        throw new TypeError(`fisher: vectors must hold ${length} numbers, got ${vector.length} and ${to.length}`)
      }
      if (!(damping >= 0)) throw new RangeError(`fisher: damping must be at least 0, got ${damping}`)
      // `backward` adds to the gradients of whoever is learning: they wait aside.
      saved.set(network.gradients)
      network.gradients.fill(0)
      add(at, vector, new Float64Array(at.rows).fill(1 / at.rows), mask)
      for (let i = 0; i < length; i++) to[i] = network.gradients[i]! + damping * vector[i]!
      network.gradients.set(saved)
      return to
    },
  }
}

function checkLike(tangent: Matrix, outputs: Matrix): void {
  if (tangent.rows === outputs.rows && tangent.columns === outputs.columns) return
  throw new TypeError(
    `fisher: outputs must be [${tangent.rows}, ${tangent.columns}], got [${outputs.rows}, ${outputs.columns}]`,
  )
}

// The Fisher matrix of a policy, as natural-gradient methods need it: never built, only multiplied with vectors.
import type { CurvatureNetwork } from '../nn/curvature.ts'
import { outputSize } from '../nn/network.ts'
import type { ActionSpace } from '../spaces.ts'
import type { Matrix } from '../types.ts'

/** A distribution over one part of the action, and how neighbouring network outputs parametrise it. */
export type DistributionPart =
  /** Choice among `size` alternatives: `size` logits, probabilities softmax(logits). H = diag(p) - p p^T. */
  | { readonly kind: 'categorical'; readonly size: number }
  /**
   * `size` independent normal numbers: `size` means, then `size` logarithms of standard deviations; with `logDeviations` given,
   * means alone.
   * H = diag(1 / sigma^2) at the means, 2 at each logarithm.
   */
  | { readonly kind: 'gaussian'; readonly size: number; readonly logDeviations?: Float32Array }

export interface Fisher {
  /**
   * to = F v + damping v, F = 1/batch sum_r J_r^T H_r J_r at the network's parameters and the rows of its last `forward` (`sequence`):
   * J_r the Jacobian of row r's outputs (a tangent forward, a gradient back), H_r the Fisher matrix of its action distribution
   * with respect to them. Half v^T F v is the KL divergence from the policy to the one v away, to second order (Amari 1998;
   * the product: Schraudolph 2002; damping: Martens 2010). `vector` and `to` are laid out like `parameters` and may be one array.
   * Leaves `gradients` alone.
   * @param outputs the matrix that the last `forward` returned; its numbers must still be there.
   * @throws TypeError for sizes that do not agree, RangeError for a damping below 0.
   */
  times(outputs: Matrix, vector: Float32Array, damping: number, to?: Float32Array): Float32Array
}

/** The parts of a space of choices. @throws TypeError for a box: its parametrisation is not the space's to say. */
export function categoricalParts(space: ActionSpace): DistributionPart[] {
  return space.map(part => {
    if (part.kind !== 'choice') throw new TypeError(`categoricalParts: part '${part.name}' must be a choice, got a box`)
    return { kind: 'categorical', size: part.size }
  })
}

/**
 * The Fisher matrix of the policy whose distributions are the network's outputs, part beside part.
 * @throws TypeError when sizes disagree.
 */
export function createFisher(network: CurvatureNetwork, parts: readonly DistributionPart[]): Fisher {
  const outputs = parts.reduce((sum, part) => sum + outputsOf(part), 0)
  if (outputs !== outputSize(network.spec)) {
    throw new TypeError(`createFisher: parts need ${outputs} outputs, the network has ${outputSize(network.spec)}`)
  }
  const { length } = network.parameters
  const saved = new Float32Array(length)
  return {
    times(at, vector, damping, to = new Float32Array(length)) {
      if (vector.length !== length || to.length !== length) {
        throw new TypeError(`fisher: vectors must hold ${length} numbers, got ${vector.length} and ${to.length}`)
      }
      if (!(damping >= 0)) throw new RangeError(`fisher: damping must be at least 0, got ${damping}`)
      const tangent = network.tangent(vector)
      checkLike(tangent, at)
      const turned = { ...tangent, data: new Float32Array(tangent.data.length) }
      headTimes(parts, at, tangent, turned)
      for (let i = 0; i < turned.data.length; i++) turned.data[i]! /= at.rows
      // `backward` adds to the gradients of whoever is learning: they wait aside.
      saved.set(network.gradients)
      network.gradients.fill(0)
      network.backward(turned)
      for (let i = 0; i < length; i++) to[i] = network.gradients[i]! + damping * vector[i]!
      network.gradients.set(saved)
      return to
    },
  }
}

/** to = H tangent, row by row: the Fisher matrix of the distributions with respect to `outputs`; all [batch, outputs]. */
export function headTimes(parts: readonly DistributionPart[], outputs: Matrix, tangent: Matrix, to: Matrix): void {
  for (let row = 0; row < outputs.rows; row++) {
    let at = row * outputs.columns
    for (const part of parts) {
      if (part.kind === 'categorical') categoricalTimes(outputs.data, tangent.data, to.data, at, part.size)
      else gaussianTimes(outputs.data, tangent.data, to.data, at, part)
      at += outputsOf(part)
    }
  }
}

/** to = p * (t - sum p t), p = softmax(logits). */
function categoricalTimes(logits: Float32Array, t: Float32Array, to: Float32Array, at: number, size: number): void {
  let largest = -Infinity
  for (let i = at; i < at + size; i++) largest = Math.max(largest, logits[i]!)
  let sum = 0
  let mean = 0
  for (let i = at; i < at + size; i++) {
    const weight = Math.exp(logits[i]! - largest)
    sum += weight
    mean += weight * t[i]!
  }
  for (let i = at; i < at + size; i++) to[i] = (Math.exp(logits[i]! - largest) / sum) * (t[i]! - mean / sum)
}

function gaussianTimes(
  outputs: Float32Array,
  t: Float32Array,
  to: Float32Array,
  at: number,
  { size, logDeviations }: { readonly size: number; readonly logDeviations?: Float32Array },
): void {
  for (let i = 0; i < size; i++) {
    const logDeviation = logDeviations === undefined ? outputs[at + size + i]! : logDeviations[i]!
    to[at + i] = t[at + i]! * Math.exp(-2 * logDeviation)
    if (logDeviations === undefined) to[at + size + i] = 2 * t[at + size + i]!
  }
}

function outputsOf(part: DistributionPart): number {
  if (part.kind === 'categorical') return part.size
  if (part.logDeviations !== undefined && part.logDeviations.length !== part.size) {
    throw new TypeError(`fisher: logDeviations must hold ${part.size} numbers, got ${part.logDeviations.length}`)
  }
  return part.logDeviations === undefined ? 2 * part.size : part.size
}

function checkLike(tangent: Matrix, outputs: Matrix): void {
  if (tangent.rows === outputs.rows && tangent.columns === outputs.columns) return
  throw new TypeError(
    `fisher: outputs must be [${tangent.rows}, ${tangent.columns}], got [${outputs.rows}, ${outputs.columns}]`,
  )
}

// A head turns a network's outputs into actions and leads the gradient back: one Gumbel-softmax per choice, side by side.
import type { Backend, Columns } from '../nn/backend.ts'
import type { NoiseKey } from '../random.ts'
import { type ActionSpace, actionSize } from '../spaces.ts'
import type { Matrix } from '../types.ts'

export interface Head {
  /** Network outputs that one action needs. */
  readonly inputs: number
  /** Actions [batch, actionSize] drawn from the distribution that the logits describe. */
  sample(logits: Matrix, noise: NoiseKey): Matrix
  /** The best guess: the probabilities themselves where soft actions are legal, else the likeliest alternative. */
  greedy(logits: Matrix): Matrix
  /** Gradient at the logits, [batch, inputs], from the gradient at the actions of the last `sample`. */
  gradient(actionGradient: Matrix): Matrix
}
// Returned matrices belong to the head and are overwritten by its next call.

/** Why a head for this space does not exist yet, as a sentence; null when it does. */
export function unsupportedSpace(space: ActionSpace): string | null {
  const box = space.find(part => part.kind === 'box')
  return box === undefined ? null : `part '${box.name}' is a box; choices are supported`
}

/**
 * The head for a space of choices: Gumbel-softmax samples (Jang et al. 2017). Where soft actions are legal the sample itself is
 * the action. Elsewhere its one-hot is executed, and the gradient is the soft sample's (straight-through).
 */
export function createHead(backend: Backend, space: ActionSpace, temperature: number): Head {
  const size = actionSize(space)
  const parts = columnsOf(space)
  const anyHard = parts.some(part => part.hard)
  const buffers = new Map<number, Buffers>()
  let last: Buffers

  /** Matrices for a batch size, made once: training, acting and watching come with a few sizes each. */
  const buffersFor = (rows: number) => {
    let found = buffers.get(rows)
    if (found === undefined) {
      found = {
        soft: backend.matrix(rows, size),
        actions: backend.matrix(rows, size),
        gradient: backend.matrix(rows, size),
      }
      buffers.set(rows, found)
    }
    last = found
    return found
  }
  const execute = (from: Matrix, to: Matrix) => {
    for (const { columns, hard } of parts) copyPart(from, columns, hard, to)
    return to
  }

  return {
    inputs: size,
    sample(logits, noise) {
      const { soft, actions } = buffersFor(logits.rows)
      for (const { columns } of parts) backend.gumbelSoftmax(logits, columns, temperature, noise, soft)
      return anyHard ? execute(soft, actions) : soft
    },
    greedy(logits) {
      const { actions } = buffersFor(logits.rows)
      for (const { columns } of parts) softmax(logits, columns, actions)
      return anyHard ? execute(actions, actions) : actions
    },
    gradient(actionGradient) {
      const { soft, gradient } = last
      for (const { columns } of parts)
        backend.gumbelSoftmaxGradient(soft, columns, temperature, actionGradient, gradient)
      return gradient
    },
  }
}

interface Buffers {
  readonly soft: Matrix
  readonly actions: Matrix
  readonly gradient: Matrix
}

/** The neighbouring columns of each part, and whether its actions must be one-hot. */
function columnsOf(space: ActionSpace): { columns: Columns; hard: boolean }[] {
  let from = 0
  return space.map(part => {
    const columns = { from, to: from + part.size }
    from += part.size
    return { columns, hard: part.kind === 'choice' && !part.soft }
  })
}

/** Copies columns as they are, or as the one-hot of each row's largest. */
function copyPart(from: Matrix, { from: first, to: end }: Columns, hard: boolean, to: Matrix): void {
  for (let row = 0; row < from.rows; row++) {
    const at = row * from.columns
    let largest = first
    for (let c = first + 1; c < end; c++) if (from.data[at + c]! > from.data[at + largest]!) largest = c
    for (let c = first; c < end; c++) to.data[at + c] = hard ? (c === largest ? 1 : 0) : from.data[at + c]!
  }
}

/** Row-wise softmax of some columns. */
function softmax(logits: Matrix, { from: first, to: end }: Columns, to: Matrix): void {
  for (let row = 0; row < logits.rows; row++) {
    const at = row * logits.columns
    let largest = -Infinity
    for (let c = first; c < end; c++) largest = Math.max(largest, logits.data[at + c]!)
    let sum = 0
    for (let c = first; c < end; c++) sum += to.data[at + c] = Math.exp(logits.data[at + c]! - largest)
    for (let c = first; c < end; c++) to.data[at + c]! /= sum
  }
}

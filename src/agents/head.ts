// A head turns a network's outputs into actions and leads the gradient back: a Gumbel-softmax per choice, a squashed Gaussian per box.
import type { Backend } from '../nn/backend.ts'
import type { NoiseKey } from '../random.ts'
import { type ActionSpace, actionSize } from '../spaces.ts'
import type { Matrix } from '../types.ts'
import { type ChoiceLayout, copyColumns, executeChoice, softmax } from './choice-columns.ts'
import { greedySquashed, type SquashedPart, sampleSquashed, squashedGradient } from './squashed-gaussian.ts'

export interface Head {
  /** Network outputs that one action needs, part by part: a logit per alternative; of a box the means, then the log deviations. */
  readonly inputs: number
  /** Actions [batch, actionSize] drawn from the distribution that the outputs [batch, inputs] describe. */
  sample(outputs: Matrix, noise: NoiseKey): Matrix
  /** The best guess: probabilities where soft actions are legal, else the likeliest alternative; of a box the squashed means. */
  greedy(outputs: Matrix): Matrix
  /** Gradient at the outputs, [batch, inputs], from the gradient at the actions of the last `sample`. */
  gradient(actionGradient: Matrix): Matrix
}
// Returned matrices belong to the head and are overwritten by its next call.

/** Why there is no head for this space, as a sentence; null when there is one. */
export function unsupportedSpace(space: ActionSpace): string | null {
  for (const part of space) {
    if (part.kind !== 'box' || (Number.isFinite(part.high - part.low) && part.low < part.high)) continue
    return `part '${part.name}' is a box from ${part.low} to ${part.high}; bounds must be finite, the lower one first`
  }
  return null
}

/**
 * The head for an action space. Choices are Gumbel-softmax samples (Jang et al. 2017). Where soft actions are legal the sample
 * itself is the action. Elsewhere its one-hot is executed, and the gradient is the soft sample's (straight-through).
 * Boxes are squashed Gaussians: see squashed-gaussian.ts.
 */
export function createHead(backend: Backend, space: ActionSpace, temperature: number | (() => number)): Head {
  const temperatureNow = typeof temperature === 'number' ? () => temperature : temperature
  const size = actionSize(space)
  const { choices, boxes, inputs } = layoutOf(space)
  // Soft choices alone are executed as they were drawn; everything else is written into rows of its own.
  const asDrawn = boxes.length === 0 && choices.every(({ hard }) => !hard)
  const buffers = new Map<number, Buffers>()
  let last: Buffers
  /** The temperature of the last sample. */
  let drawnAt = 1

  /** Matrices for a batch size, made once: training, acting and watching come with a few sizes each. */
  const buffersFor = (rows: number) => {
    let found = buffers.get(rows)
    if (found === undefined) {
      found = {
        drawn: backend.matrix(rows, inputs),
        actions: backend.matrix(rows, size),
        gradient: backend.matrix(rows, inputs),
        spread: boxes.length === 0 || choices.length === 0 ? null : backend.matrix(rows, inputs),
      }
      buffers.set(rows, found)
    }
    last = found
    return found
  }

  return {
    inputs,
    sample(outputs, noise) {
      const { drawn, actions } = buffersFor(outputs.rows)
      drawnAt = temperatureNow()
      for (const { columns } of choices) backend.gumbelSoftmax(outputs, columns, drawnAt, noise, drawn)
      if (asDrawn) return drawn
      for (const choice of choices) executeChoice(drawn, choice, actions)
      for (const box of boxes) sampleSquashed(outputs, box, noise, actions, drawn)
      return actions
    },
    greedy(outputs) {
      const { actions } = buffersFor(outputs.rows)
      for (const choice of choices) {
        softmax(outputs, choice, actions)
        if (choice.hard) executeChoice(actions, { ...choice, columns: choice.actions }, actions)
      }
      for (const box of boxes) greedySquashed(outputs, box, actions)
      return actions
    },
    gradient(actionGradient) {
      const { drawn, gradient, spread } = last
      for (const { columns, actions } of choices) {
        if (spread !== null) copyColumns(actionGradient, actions, spread, columns)
        backend.gumbelSoftmaxGradient(drawn, columns, drawnAt, spread ?? actionGradient, gradient)
      }
      for (const box of boxes) squashedGradient(drawn, box, actionGradient, gradient)
      return gradient
    },
  }
}

interface Buffers {
  /** [batch, inputs]: soft samples of the choices, slopes of the boxes. */
  readonly drawn: Matrix
  readonly actions: Matrix
  readonly gradient: Matrix
  /** Gradients at the actions in the columns of the outputs, where these differ; else null. */
  readonly spread: Matrix | null
}

/** Where each part stands among the outputs and among the actions. */
function layoutOf(space: ActionSpace) {
  const choices: ChoiceLayout[] = []
  const boxes: SquashedPart[] = []
  let inputs = 0
  let at = 0
  for (const part of space) {
    const { size } = part
    if (part.kind === 'box') {
      boxes.push({ output: inputs, action: at, size, low: part.low, high: part.high })
      inputs += size
    } else {
      const columns = { from: inputs, to: inputs + size }
      choices.push({ columns, actions: { from: at, to: at + size }, hard: !part.soft })
    }
    inputs += size
    at += size
  }
  return { choices, boxes, inputs }
}

// A head turns a network's outputs into actions and leads the gradient back: a Gumbel-softmax per choice, a squashed Gaussian per box.
import type { Backend } from '../nn/backend.ts'
import type { NoiseKey } from '../random.ts'
import { type ActionSpace, actionSize, boxFault } from '../spaces.ts'
import type { Matrix } from '../types.ts'
import { type ChoiceLayout, copyColumns, executeChoice, softmax } from './choice-columns.ts'
import { createEstimator, type EstimatorKind, playedSpace } from './estimators.ts'
import { greedySquashed, type SquashedPart, sampleSquashed, squashedGradient } from './squashed-gaussian.ts'
import { squashedMeanGradient, squashMeans } from './squashed-mean.ts'

/** How outputs become actions. */
export interface HeadConfig {
  /** Temperature of the Gumbel-softmax; a function where it changes. */
  readonly temperature: number | (() => number)
  /** How gradients pass through choices; default: soft. */
  readonly estimator?: EstimatorKind
  /** Soft samples that estimator gumbelRao takes the mean of; default: 10. */
  readonly estimatorSamples?: number
  /** sampled: a squashed Gaussian; deterministic: its squashed mean alone, explored by noise from outside. Default: sampled. */
  readonly boxes?: 'sampled' | 'deterministic'
}

export interface Head {
  /** Network outputs that one action needs, part by part: a logit per alternative; of a box the means, then the log deviations if it is sampled. */
  readonly inputs: number
  /** Actions [batch, actionSize] drawn from the distribution that the outputs [batch, inputs] describe. */
  sample(outputs: Matrix, noise: NoiseKey): Matrix
  /** The best guess: probabilities where soft actions are legal, else the likeliest alternative; of a box the squashed means. */
  greedy(outputs: Matrix): Matrix
  /** What actions are chosen from: probabilities of the alternatives; of a box the squashed means. */
  probabilities(outputs: Matrix): Matrix
  /** Gradient at the outputs, [batch, inputs], from the gradient at the actions of the last `sample`. */
  gradient(actionGradient: Matrix): Matrix
}
// Returned matrices belong to the head and are overwritten by its next call.

/** Why there is no head for this space, as a sentence; null when there is one. */
export function unsupportedSpace(space: ActionSpace): string | null {
  return space.map(boxFault).find(fault => fault !== null) ?? null
}

/**
 * The head for an action space. Choices are Gumbel-softmax samples (Jang et al. 2017). Where soft actions are legal the sample
 * itself is the action. Elsewhere its one-hot is executed, and the gradient is the soft sample's (straight-through); other
 * estimators execute the one-hot everywhere: see estimators.ts. Boxes are squashed Gaussians, see squashed-gaussian.ts, or squashed
 * means, see squashed-mean.ts.
 */
export function createHead(backend: Backend, space: ActionSpace, config: HeadConfig): Head {
  const { temperature, estimator: kind = 'soft', estimatorSamples = 10, boxes: boxKind = 'sampled' } = config
  const temperatureNow = typeof temperature === 'number' ? () => temperature : temperature
  const size = actionSize(space)
  const { choices, boxes, inputs } = layoutOf(playedSpace(space, kind), boxKind)
  const estimators = choices.map(choice => createEstimator(backend, choice, kind, estimatorSamples))
  const boxGradient = boxKind === 'sampled' ? squashedGradient : squashedMeanGradient
  // Soft choices alone are executed as they were drawn; everything else is written into rows of its own.
  const asDrawn = boxes.length === 0 && choices.every(({ hard }) => !hard)
  const buffers = new Map<number, Buffers>()
  let last: Buffers

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

  const meansOf = (outputs: Matrix) => {
    const { actions } = buffersFor(outputs.rows)
    for (const choice of choices) softmax(outputs, choice, actions)
    for (const box of boxes) greedySquashed(outputs, box, actions)
    return actions
  }

  return {
    inputs,
    sample(outputs, noise) {
      const { drawn, actions: rows } = buffersFor(outputs.rows)
      const actions = asDrawn ? drawn : rows
      const at = temperatureNow()
      for (const estimator of estimators) estimator.sample(outputs, at, noise, drawn, actions)
      for (const box of boxes) {
        if (boxKind === 'sampled') sampleSquashed(outputs, box, noise, actions, drawn)
        else squashMeans(outputs, box, actions, drawn)
      }
      return actions
    },
    greedy(outputs) {
      const actions = meansOf(outputs)
      for (const choice of choices) {
        if (choice.hard) executeChoice(actions, { ...choice, columns: choice.actions }, actions)
      }
      return actions
    },
    probabilities: meansOf,
    gradient(actionGradient) {
      const { drawn, gradient, spread } = last
      choices.forEach(({ columns, actions }, i) => {
        if (spread !== null) copyColumns(actionGradient, actions, spread, columns)
        estimators[i]!.gradient(drawn, spread ?? actionGradient, gradient)
      })
      for (const box of boxes) boxGradient(drawn, box, actionGradient, gradient)
      return gradient
    },
  }
}

interface Buffers {
  /** [batch, inputs]: what the gradients go by: soft samples of the choices, slopes of the boxes. */
  readonly drawn: Matrix
  readonly actions: Matrix
  readonly gradient: Matrix
  /** Gradients at the actions in the columns of the outputs, where these differ; else null. */
  readonly spread: Matrix | null
}

/** Where each part stands among the outputs and among the actions. */
export function layoutOf(space: ActionSpace, boxKind: HeadConfig['boxes'] = 'sampled') {
  const choices: ChoiceLayout[] = []
  const boxes: SquashedPart[] = []
  let inputs = 0
  let at = 0
  for (const part of space) {
    const { size } = part
    if (part.kind === 'box') {
      boxes.push({ output: inputs, action: at, size, low: part.low, high: part.high })
      if (boxKind === 'sampled') inputs += size
    } else {
      const columns = { from: inputs, to: inputs + size }
      choices.push({ columns, actions: { from: at, to: at + size }, hard: !part.soft })
    }
    inputs += size
    at += size
  }
  return { choices, boxes, inputs }
}

// A head turns a network's outputs into actions and leads the gradient back: a Gumbel-softmax per choice, a squashed Gaussian per box.
import type { Backend } from '../nn/backend.ts'
import type { NoiseKey } from '../random.ts'
import { type ActionSpace, boxFault } from '../spaces.ts'
import type { AgentSpec, Matrix } from '../types.ts'
import { actionColumns, allowedLogits, copyColumns, outputColumns, setForbidden } from './choice-columns.ts'
import { type BoxKind, createDistribution, type Distribution } from './distribution.ts'
import { createEstimator, type EstimatorKind, playedSpace } from './estimators.ts'

/** How outputs become actions. */
export interface HeadConfig {
  /** Temperature of the Gumbel-softmax; a function where it changes. */
  readonly temperature: number | (() => number)
  /** How gradients pass through choices; default: soft. */
  readonly estimator?: EstimatorKind
  /** Soft samples that estimator gumbelRao takes the mean of; default: 10. */
  readonly estimatorSamples?: number
  /**
   * sampled: a squashed Gaussian; deterministic: its squashed mean alone, explored by noise from outside; clipped: a Gaussian cut off at the
   * bounds; beta: a Beta distribution. The last two have no gradient along the path of a sample. Default: sampled.
   */
  readonly boxes?: keyof typeof boxKinds
  /** Whether outputs are values of the alternatives: samples are the best of them, too. Default: no. */
  readonly actionValues?: boolean
}

const boxKinds = {
  sampled: 'squashedGaussian',
  deterministic: 'squashedMean',
  clipped: 'clippedGaussian',
  beta: 'beta',
} as const

/** The distribution of boxes that are drawn so. */
export function boxKindOf({ boxes = 'sampled' }: Pick<HeadConfig, 'boxes'>): BoxKind {
  return boxKinds[boxes]
}

export interface Head {
  /** The distribution that its actions are drawn from. */
  readonly distribution: Distribution
  /** Network outputs that one action needs, part by part: a logit per alternative; of a box the means, then the log deviations if it is sampled. */
  readonly inputs: number
  /** Actions [batch, actionSize] drawn from the distribution that the outputs [batch, inputs] describe. */
  sample(outputs: Matrix, noise: NoiseKey, mask?: Matrix): Matrix
  /** The best guess: probabilities where soft actions are legal, else the likeliest alternative; of a box the squashed means. */
  greedy(outputs: Matrix, mask?: Matrix): Matrix
  /** What actions are chosen from: probabilities of the alternatives; of a box the squashed means. */
  probabilities(outputs: Matrix, mask?: Matrix): Matrix
  /** Gradient at the outputs, [batch, inputs], from the gradient at the actions of the last `sample`, whose mask must still be there; of boxes with a path. */
  gradient(actionGradient: Matrix): Matrix
}
// `mask` [batch, actionSize] is 0 at alternatives that are not allowed: their probability, action and gradient are exactly 0.
// Returned matrices belong to the head and are overwritten by its next call.

/** Why there is no head for this space, as a sentence; null when there is one. */
export function unsupportedSpace(space: ActionSpace): string | null {
  return space.map(boxFault).find(fault => fault !== null) ?? null
}

/** The same for the agents of a team; names the first that cannot be played. */
export function unsupportedSpaces(agents: readonly Pick<AgentSpec, 'id' | 'actionSpace'>[]): string | null {
  for (const { id, actionSpace } of agents) {
    const reason = unsupportedSpace(actionSpace)
    if (reason !== null) return `${id}: ${reason}`
  }
  return null
}

/**
 * The head for an action space. Choices are Gumbel-softmax samples (Jang et al. 2017). Where soft actions are legal the sample
 * itself is the action. Elsewhere its one-hot is executed, and the gradient is the soft sample's (straight-through); other
 * estimators execute the one-hot everywhere: see estimators.ts. Boxes are squashed Gaussians, or squashed means: see distributions/.
 */
export function createHead(backend: Backend, space: ActionSpace, config: HeadConfig): Head {
  const { temperature, estimator: kind = 'soft', estimatorSamples = 10 } = config
  const temperatureNow = typeof temperature === 'number' ? () => temperature : temperature
  const distribution = createDistribution(playedSpace(space, kind), {
    boxes: boxKindOf(config),
    temperature,
  })
  const { parts, outputs: inputs, actions: size } = distribution
  const choices = parts
    .filter(part => part.kind !== 'box')
    .map(part => ({ part, estimator: createEstimator(backend, part, kind, estimatorSamples) }))
  const places = choices.map(({ part }) => part.place)
  const boxes = parts.flatMap(({ path }) => path ?? [])
  const withoutPath = parts.filter(({ kind, path }) => kind === 'box' && path === undefined)
  // Soft choices alone are executed as they were drawn; everything else is written into rows of its own.
  const asDrawn = parts.every(part => part.kind === 'softChoice')
  const buffers = new Map<number, Buffers>()
  /** [batch, inputs] of a batch size: outputs without what is not allowed; made for the first mask. */
  const restricted = new Map<number, Matrix>()
  let last: Buffers
  let lastMask: Matrix | undefined

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
  const allowedOf = (outputs: Matrix, mask: Matrix) => {
    const found = restricted.get(outputs.rows) ?? backend.matrix(outputs.rows, inputs)
    restricted.set(outputs.rows, found)
    allowedLogits(outputs, mask, places, found)
    return found
  }

  const greedy: Head['greedy'] = (outputs, mask) => {
    const { actions } = buffersFor(outputs.rows)
    distribution.mode(outputs, actions, mask)
    return actions
  }

  return {
    distribution,
    inputs,
    sample(outputs, noise, mask) {
      if (config.actionValues === true) return greedy(outputs, mask)
      const { drawn, actions: rows } = buffersFor(outputs.rows)
      const actions = asDrawn ? drawn : rows
      const at = temperatureNow()
      lastMask = mask
      const logits = mask === undefined ? outputs : allowedOf(outputs, mask)
      for (const { estimator } of choices) estimator.sample(logits, at, noise, drawn, actions, mask)
      for (const box of boxes) box.sample(outputs, noise, actions, drawn)
      for (const box of withoutPath) box.sample(outputs, noise, { actions })
      return actions
    },
    greedy,
    probabilities(outputs, mask) {
      if (config.actionValues === true) return greedy(outputs, mask)
      const { actions } = buffersFor(outputs.rows)
      distribution.mean(outputs, actions, mask)
      return actions
    },
    gradient(actionGradient) {
      const { drawn, gradient, spread } = last
      for (const { part, estimator } of choices) {
        if (spread !== null) copyColumns(actionGradient, actionColumns(part.place), spread, outputColumns(part.place))
        estimator.gradient(drawn, spread ?? actionGradient, gradient)
        if (lastMask !== undefined) setForbidden(gradient, lastMask, part.place, 0)
      }
      for (const box of boxes) box.gradient(drawn, actionGradient, gradient)
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

// Steps along natural gradients by Kronecker factors, no further than a divergence allows (ACKTR: Wu et al. 2017, section 3).
import { ConfigError, NonFiniteError } from '../errors.ts'
import type { Group } from '../learning/groups.ts'
import type { ScheduledOptimizer } from '../learning/optimizer.ts'
import type { CurvatureNetwork } from '../nn/curvature.ts'
import { type Network, tensorLength } from '../nn/network.ts'
import { type Schedule, valueAt } from '../settings/schedule.ts'
import type { Matrix, Saved } from '../types.ts'
import { createKroneckerFactors } from './kronecker-factors.ts'

export interface NaturalStepSettings {
  readonly learningRate: Schedule
  /** Added to the products of eigenvalues. */
  readonly damping: number
  /** Most of what a step may change, as lr^2 g F^-1 g: about twice the divergence in nats. */
  readonly klClip: number
  readonly statisticsDecay: number
  readonly decomposeEvery: number
  readonly momentum: number
  readonly coldUpdates: number
  /** Of the gradient of a cold step; null: none. */
  readonly coldClip: number | null
}

export interface NaturalStep extends ScheduledOptimizer {
  /** The statistics of some rows of the minibatch, right after their gradient (KroneckerFactors). */
  take(scores: Matrix, count: number): void
  /** A tick's work before `step`; whether there is more. */
  work(): boolean
  /** What the last step was multiplied with so that it kept to klClip; 1 of one that was short enough, or cold. */
  readonly scale: number
}

/**
 * p = (F + damping)^-1 g, s = min(1, sqrt(klClip / (lr^2 g . p))), m <- momentum m + s p, step = lr (1 - momentum) m. In the first
 * `coldUpdates` steps m <- momentum m + g, g clipped, while the factors fill. `F`: KroneckerFactors, decomposed in every so many steps.
 * Factors, their eigenvectors and the momentum are in double precision; what is multiplied with rows and eigenvectors is in single.
 * @throws ConfigError where the network's backend has no statistics.
 */
export function createNaturalStep(
  { team, name: id }: Group,
  network: Network,
  name: 'actor' | 'critic',
  settings: NaturalStepSettings,
): NaturalStep {
  if (!('layerStatistics' in network)) {
    throw new ConfigError('run.backend', `expected simd, got ${team.backend.name}: natural steps want its statistics`)
  }
  const { parameters, gradients, tensors } = network
  const { damping, klClip, statisticsDecay, decomposeEvery, momentum, coldUpdates, coldClip } = settings
  const factors = createKroneckerFactors(team.backend, network as CurvatureNetwork, statisticsDecay)
  const direction = new Float64Array(parameters.length)
  let velocity = new Float64Array(parameters.length)
  let steps = 0
  /** Whether the eigenbases of the step that comes were begun. */
  let isRenewed = false
  let scale = 1

  const refuse = (tensor: string, what: string): never => {
    const sentence = `${id}: ${name}: optimizer: ${what}`
    throw new NonFiniteError(sentence, { agent: id, network: name, tensor })
  }
  /** The name of a tensor that holds a number that is not finite. */
  const spoilt = (values: Float32Array) =>
    tensors.find(tensor => !values.subarray(tensor.offset, tensor.offset + tensorLength(tensor)).every(Number.isFinite))
      ?.name ?? null

  /** The direction down, and what it counts. */
  const prepare = (rate: number): number => {
    if (steps < coldUpdates) {
      const norm = Math.sqrt(dot(gradients, gradients))
      const clipped = coldClip !== null && norm > coldClip ? coldClip / norm : 1
      for (let i = 0; i < direction.length; i++) direction[i] = clipped * gradients[i]!
      return 1
    }
    factors.precondition(gradients, damping, direction)
    const change = rate * rate * dot(gradients, direction)
    return change > klClip ? Math.sqrt(klClip / change) : 1
  }

  return {
    get scale() {
      return scale
    },
    take: factors.take,
    work() {
      factors.settle()
      const isDue = steps >= coldUpdates && (steps - coldUpdates) % decomposeEvery === 0
      if (!isDue) return false
      if (!isRenewed) factors.renew()
      isRenewed = true
      return factors.decompose()
    },
    step() {
      const bad = spoilt(gradients)
      if (bad !== null) refuse(bad, `the gradient of ${bad} is not finite; nothing was changed`)
      const rate = valueAt(settings.learningRate, team.now()) * team.rateScale()
      scale = prepare(rate)
      const kept = rate * (1 - momentum)
      for (let i = 0; i < velocity.length; i++) {
        velocity[i] = momentum * velocity[i]! + scale * direction[i]!
        parameters[i] = parameters[i]! - kept * velocity[i]!
      }
      gradients.fill(0)
      steps++
      isRenewed = false
      const after = spoilt(parameters)
      if (after !== null) refuse(after, `${after} is not finite after its step`)
    },
    save: (): Saved => ({ steps, isRenewed, velocity, factors: factors.save() }),
    restore(saved) {
      const state = saved as { steps: number; isRenewed: boolean; velocity: Float64Array; factors: Saved }
      steps = state.steps
      isRenewed = state.isRenewed
      velocity = state.velocity.slice()
      factors.restore(state.factors)
      gradients.fill(0)
    },
  }
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

// The step of TRPO: along the natural gradient as far as the trust region reaches, then back until it is a better policy within it (Schulman et al. 2015).
import { createFisher } from '../agents/fisher.ts'
import { ConfigError, NonFiniteError } from '../errors.ts'
import {
  advanceConjugateGradients,
  beginConjugateGradients,
  type ConjugateGradients,
  conjugateGradients,
  dot,
} from '../learning/conjugate-gradients.ts'
import { gradientNorm } from '../learning/gradient-norm.ts'
import type { Passes, Prepared } from '../learning/group-rounds.ts'
import type { Group } from '../learning/groups.ts'
import type { StochasticPolicy } from '../learning/stochastic-policy.ts'
import type { UpdateFigures } from '../learning/team-learner.ts'
import type { Backend } from '../nn/backend.ts'
import { withCurvature } from '../nn/curvature.ts'
import { blockOf, type Rows } from '../rollout/rows.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import { count, type OptionValues, ratio, real, scheduled } from '../settings/option.ts'
import { valueAt } from '../settings/schedule.ts'
import { createSlicesAt } from './slices-at.ts'
import { surrogateOf } from './surrogate.ts'

/** Defaults: openai/baselines, trpo_mpi for MuJoCo, which looks at every fifth row (`fisherEvery` 5). */
export const trustRegionOptions = {
  trustRegion: scheduled(
    0.01,
    { above: 0 },
    'size of a step (delta): the mean divergence KL(old, new) in nats, to second order; or its schedule',
  ),
  damping: real(0.1, { min: 0 }, 'what is added to the eigenvalues of the Fisher matrix, or of what stands for it'),
  conjugateSteps: count(
    10,
    { min: 1 },
    'products with the Fisher matrix that the natural gradient is found by, at most',
  ),
  fisherEvery: count(1, { min: 1 }, 'every so manieth row (sequence, chunk) is in the Fisher matrix; 1: all are'),
  searchSteps: count(
    10,
    { min: 1 },
    'steps that are tried, one shorter than the other; where none will do the policy stays',
  ),
  searchDecay: real(0.5, { above: 0, below: 1 }, 'how long the next of them is, as a part of the one before'),
  searchDivergence: real(
    1.5,
    { above: 0 },
    'the largest mean divergence that a step may have, as a multiple of trustRegion',
  ),
  searchGain: ratio(0, 'the least gain that a step must have, as a part of what the gradient foresees; 0: any'),
} as const

export type TrustRegionSettings = OptionValues<typeof trustRegionOptions>

/** What has been found on the way to a step. */
export interface TrustRegionRound extends ConjugateGradients, Prepared {
  /** [rows * distribution.outputs], [rows] What the policy says, and log pi of what was done, as the round begins. */
  readonly oldOutputs: Float64Array
  readonly oldLogProbability: Float64Array
  /** [parameters] The policy's parameters as the round begins, and the gradient of the surrogate there. */
  readonly oldParameters: Float64Array
  readonly ascent: Float64Array
  /** By place: see `at`. */
  readonly search: Float64Array
}

export interface TrustRegion<P extends TrustRegionRound> {
  begin(trajectory: Trajectory): TrustRegionRound
  readonly passes: Passes<P>
}

/** What a pass is of. */
const [ofGradient, ofCurvature, ofSearch] = [0, 1, 2]
/** Places in `search`: what the pass is of, steps tried, the objective as the round begins, the gain that the gradient foresees of the whole step. */
const at = { stage: 0, tried: 1, before: 2, foreseen: 3 }

/** Conjugate gradients end where the square of the residual's norm is below this (openai/baselines). */
const tolerance = 1e-10

/** @throws ConfigError where the backend has no tangents. */
export function refuseWithoutTangents({ name }: Pick<Backend, 'name'>, algorithm: string): void {
  if (name === 'simd') return
  throw new ConfigError(
    'learner.algorithm',
    `expected another than '${algorithm}': it wants tangents of networks, which backend '${name}' does not have; run.backend=simd has`,
  )
}

/**
 * Up L = mean r A + c mean H, r = pi / pi_old, while mean KL(pi_old || pi) is about delta at most: x = (F + damping)^-1 grad L by conjugate
 * gradients over products with the Fisher matrix F, beta = sqrt(2 delta / x^T (F + damping) x), then pi_old + beta x, pi_old + decay beta x,
 * ... until L gains and the divergence, exact and over all rows, is no more than `searchDivergence` delta; else pi_old.
 * `advantages`: A at some rows of a pass.
 */
export function createTrustRegion<P extends TrustRegionRound>(
  { team, name }: Group,
  policy: StochasticPolicy,
  settings: TrustRegionSettings & { readonly entropyWeight: OptionValues<typeof trustRegionOptions>['trustRegion'] },
  advantages: (rows: Rows, prepared: P, all: Rows) => Float64Array,
): TrustRegion<P> {
  const { distribution } = policy
  const { outputs } = distribution
  const network = withCurvature(policy.network)
  const { parameters, gradients } = network
  const n = parameters.length
  const fisher = createFisher(network, distribution)
  const { damping, conjugateSteps, searchSteps, searchDecay, searchGain } = settings
  const direction = new Float32Array(n)
  const entropyWeight = () => valueAt(settings.entropyWeight, team.now())
  // After a divergence steps are shorter by as much as those of optimizers: their square is.
  const delta = () => valueAt(settings.trustRegion, team.now()) * team.rateScale() * team.rateScale()

  const gradientAt = (rows: Rows, prepared: P, all: Rows): UpdateFigures => {
    const now = policy.at(rows)
    write(rows.indices, now.outputs.data, outputs, prepared.oldOutputs)
    write(rows.indices, now.logProbability, 1, prepared.oldLogProbability)
    const weights = advantages(rows, prepared, all)
    const { entropy } = now.gradient(weights, entropyWeight())
    return { entropy, gain: sumWhere(rows, weights) / rows.count }
  }
  const slices = createSlicesAt(policy)
  const curvatureAt = (rows: Rows, prepared: P): UpdateFigures => {
    direction.set(prepared.direction)
    const { outputs, scale, mask } = slices.at(rows, prepared)
    fisher.add(outputs, direction, scale, mask)
    return {}
  }
  const searchAt = (rows: Rows, prepared: P, all: Rows): UpdateFigures => {
    const now = policy.at(rows)
    const of = advantages(rows, prepared, all)
    const { figures } = surrogateOf(now.logProbability, rows.of(prepared.oldLogProbability), of, rows, null)
    const divergences = new Float32Array(rows.indices.length)
    distribution.divergence(blockOf(rows, prepared.oldOutputs, outputs), now.outputs, divergences, now.mask)
    return {
      policyLoss: figures.policyLoss!,
      entropy: sumWhere(rows, now.entropy) / rows.count,
      divergence: sumWhere(rows, divergences) / rows.count,
    }
  }

  /** The policy moves to so much of the whole step. */
  const moveTo = ({ oldParameters, solution }: P, part: number) => {
    for (let i = 0; i < n; i++) parameters[i] = oldParameters[i]! + part * solution[i]!
  }
  /** What was added up in a pass. */
  const taken = () => {
    const sums = Float64Array.from(gradients)
    gradients.fill(0)
    return sums
  }

  const endGradient = (sums: UpdateFigures, prepared: P) => {
    const actorGradientNorm = gradientNorm(network)
    if (!Number.isFinite(actorGradientNorm)) {
      throw new NonFiniteError(
        `${name}: actor: the norm of the gradient is ${actorGradientNorm}, expected a finite number`,
        {
          agent: name,
          network: 'actor',
        },
      )
    }
    prepared.oldParameters.set(parameters)
    prepared.ascent.set(taken().map(g => -g))
    prepared.search[at.before] = sums.gain! + entropyWeight() * sums.entropy!
    prepared.search[at.stage] = ofCurvature
    beginConjugateGradients(prepared, prepared.ascent)
    return { figures: { entropy: sums.entropy!, actorGradientNorm }, goesOn: actorGradientNorm > 0 }
  }
  const endCurvature = (prepared: P) => {
    const { ascent, residual, solution, solving, search } = prepared
    const product = taken()
    for (let i = 0; i < n; i++) product[i]! += damping * prepared.direction[i]!
    if (advanceConjugateGradients(prepared, product, { products: conjugateSteps, tolerance })) {
      return { figures: {}, goesOn: true }
    }
    // x^T (F + damping) x = x^T (g - residual), which no further product is wanted for.
    const square = dot(
      solution,
      ascent.map((g, i) => g - residual[i]!),
    )
    const figures = { conjugateResidual: Math.sqrt(solving[1]! / dot(ascent, ascent)) }
    if (!(square > 0)) return { figures, goesOn: false }
    const beta = Math.sqrt((2 * delta()) / square)
    for (let i = 0; i < n; i++) solution[i]! *= beta
    search[at.foreseen] = dot(ascent, solution)
    search[at.stage] = ofSearch
    moveTo(prepared, 1)
    return { figures, goesOn: true }
  }
  const endSearch = (sums: UpdateFigures, prepared: P) => {
    const { search } = prepared
    const part = partOf(search[at.tried]!, searchDecay)
    const gain = entropyWeight() * sums.entropy! - sums.policyLoss! - search[at.before]!
    const isWithin = sums.divergence! <= settings.searchDivergence * delta()
    if (isWithin && gain > 0 && gain >= searchGain * part * search[at.foreseen]!) {
      return { figures: { policyLoss: sums.policyLoss!, divergence: sums.divergence!, stepPart: part }, goesOn: false }
    }
    search[at.tried]!++
    const goesOn = search[at.tried]! < searchSteps
    moveTo(prepared, goesOn ? partOf(search[at.tried]!, searchDecay) : 0)
    return { figures: goesOn ? {} : { divergence: 0, stepPart: 0 }, goesOn }
  }

  return {
    begin: ({ rows }) => ({
      ...conjugateGradients(n),
      oldOutputs: new Float64Array(rows * outputs),
      oldLogProbability: new Float64Array(rows),
      oldParameters: new Float64Array(n),
      ascent: new Float64Array(n),
      search: new Float64Array(Object.keys(at).length),
    }),
    passes: {
      networks: [network],
      every: ({ search }) => (search[at.stage] === ofCurvature ? settings.fisherEvery : 1),
      update(rows, prepared, all) {
        const stage = prepared.search[at.stage]
        if (stage === ofGradient) return gradientAt(rows, prepared, all)
        return stage === ofCurvature ? curvatureAt(rows, prepared) : searchAt(rows, prepared, all)
      },
      end(sums, prepared) {
        const stage = prepared.search[at.stage]
        if (stage === ofGradient) return endGradient(sums, prepared)
        return stage === ofCurvature ? endCurvature(prepared) : endSearch(sums, prepared)
      },
    },
  }
}

/** decay^tried */
function partOf(tried: number, decay: number): number {
  let part = 1
  for (let i = 0; i < tried; i++) part *= decay
  return part
}

/** The sum over the rows in which the agent was there. */
function sumWhere({ trajectory, indices }: Rows, values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < indices.length; i++) if (trajectory.present[indices[i]!] === 1) sum += values[i]!
  return sum
}

/** Blocks of some rows into those of all. */
function write(rows: Uint32Array, from: Float32Array, size: number, to: Float64Array): void {
  rows.forEach((row, i) => {
    for (let c = 0; c < size; c++) to[row * size + c] = from[i * size + c]!
  })
}

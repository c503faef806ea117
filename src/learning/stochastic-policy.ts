// The policy of a group as policy gradients see it: log-probabilities of what was done, and steps along their gradients.
import { createActor, type LearningActor } from '../agents/actor.ts'
import { createDistribution, type Distribution } from '../agents/distribution.ts'
import { playedSpace } from '../agents/estimators.ts'
import { boxKindOf } from '../agents/head.ts'
import type { CurvatureNetwork, KeptForward } from '../nn/curvature.ts'
import type { Network } from '../nn/network.ts'
import { stateSize, withSequence } from '../nn/recurrence.ts'
import { type Rows, rowsOf, unitsOf } from '../rollout/rows.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import { actionSize } from '../spaces.ts'
import type { Column, Matrix, Stateful } from '../types.ts'
import { finiteLoss } from './finite-loss.ts'
import { gradientNorm } from './gradient-norm.ts'
import { actorsOf, type Group, identitiesOf, writeIdentities } from './groups.ts'
import { growingMatrix } from './growing-matrix.ts'
import { createInputStatistics } from './input-statistics.ts'
import { type OptimizerSettings, optimizerOf } from './optimizer.ts'
import { createOutputsBeyond, type OutputsBeyond, type PolicyInput } from './outputs-beyond.ts'
import type { UpdateFigures } from './team-learner.ts'

/** The policy of a group whose actions are drawn from a distribution: what acts, and what is learnt of it. */
export interface StochasticPolicy {
  /** Of the agents of the group, in order: they act by one-hots and squashed Gaussians. */
  readonly actors: readonly LearningActor[]
  readonly network: Network
  readonly distribution: Distribution
  /** Whether its network remembers, so that it learns from whole sequences. */
  readonly isRecurrent: boolean
  /** What acting has to record for it: what was drawn, where an action does not tell. */
  readonly records: readonly Column[]
  /** The policy as it is now, at some rows; until the next call. */
  at(rows: Rows): PolicyAtRows
  /** [rows, outputs of the network] What a network says of what the policy sees at some rows, and of what actors carried there; default: its own. */
  forward(rows: Rows, network?: Network): Matrix
  /** The same of its own network in a place that it keeps (CurvatureNetwork); null: it cannot, as it remembers or is not of dense layers alone. */
  keep(rows: Rows, place: number): KeptForward | null
  /** [rows, action size] What was allowed at some rows, everything where the agent was not there; undefined: everything always is. Until the next call. */
  maskOf(rows: Rows): Matrix | undefined
  /** [rows of the trajectory * distribution.outputs] Its outputs at all rows in which an agent was there, as it is now; or those of a network like its own. */
  outputsOf(trajectory: Trajectory, network?: Network): Float64Array
  /** The same at what is seen next after some rows, ascending, as where an episode was cut; 0 elsewhere. */
  readonly outputsBeyond: OutputsBeyond
  /** [rows of the trajectory] log pi(a | o) of what was done at all rows in which an agent was there, as it is now; 0 elsewhere. */
  logProbabilitiesOf(trajectory: Trajectory): Float64Array
  /** One step of the optimizer, and the norm of the gradient before it was clipped. @throws NonFiniteError when a gradient or a parameter is not finite. */
  step(): { readonly actorGradientNorm: number }
  /** Saved with the network; null where the algorithm changes the parameters itself, as trust regions do. */
  readonly optimizer: Stateful | null
  /** Of what its network reads, saved too; null: it reads observations as they are. */
  readonly statistics: Stateful | null
  /** Takes the observations of a round that is over into the statistics. */
  endRound(trajectory: Trajectory): void
}

/** A policy at some rows of a trajectory, ready to be pushed along gradients: log-probabilities and entropies [rows]. */
export interface PolicyAtRows {
  /** [rows, distribution.outputs] */
  readonly outputs: Matrix
  /** [rows, action size] What was allowed, for the methods of the distribution; absent: everything always is. */
  readonly mask?: Matrix
  /** [rows] log pi(a | o) of what was done: the sum over the parts of an action. */
  readonly logProbability: Float32Array
  /** [rows] */
  readonly entropy: Float32Array
  /**
   * Adds the gradient of the loss -sum(weights log pi(a | o)) / count - entropyWeight sum(H) / count to the network's, the weights held
   * fixed and the sums over the rows in which the agent was there (Williams 1992). `policyLoss`: its first part. `penalty`: a further part.
   * @throws NonFiniteError when the loss is not finite.
   */
  gradient(weights: ArrayLike<number>, entropyWeight: number, penalty?: DivergencePenalty | null): PolicyFigures
  /** The same, and one step of the optimizer. @throws NonFiniteError when the loss, a gradient or a parameter is not finite. */
  climb(weights: ArrayLike<number>, entropyWeight: number): PolicyFigures
  /**
   * [rows, distribution.outputs] The gradient of log pi(a | o) of what was done at the outputs, per row and not of a mean; 0 where the
   * agent was absent. What was done was drawn from pi as it played. Until the next call.
   */
  scores(): Matrix
}

/** The distance from an earlier policy: weight times the mean of KL(old || now), or of KL(now || old). */
export interface DivergencePenalty {
  /** [rows, distribution.outputs] */
  readonly old: Matrix
  readonly weight: number
  readonly of: 'old' | 'now'
}

/** Where there is a penalty on the divergence, also its mean over the rows in nats, `divergence`. */
export interface PolicyFigures extends UpdateFigures {
  readonly policyLoss: number
  /** The mean over the rows. */
  readonly entropy: number
}

/** Actors with weights drawn from the first agent's stream `actor`, and the optimizer of the network that they have in common; settings null: without one. */
export function createStochasticPolicy(group: Group, settings: OptimizerSettings | null): StochasticPolicy {
  const { team, agent, identityColumns } = group
  const identities = identitiesOf(group, 'policy')
  const { backend } = team
  const actorConfig = { ...team.network, temperature: 1, estimator: 'straightThrough' } as const
  const actors = actorsOf<LearningActor>(group, (index, first) => {
    const from = first?.network ?? team.random(agent.id, 'actor')
    return createActor(backend, team.agents[index]!, actorConfig, from, team.sharing[index]!.identity)
  })
  const { network } = actors[0]!
  const isRecurrent = stateSize(network.spec) > 0
  const distribution = createDistribution(playedSpace(agent.actionSpace, 'straightThrough'), {
    boxes: boxKindOf(team.network),
    choiceEvaluation: backend.choiceEvaluation,
  })
  const optimizer = settings && optimizerOf(group, settings, network, 'actor')
  const step = () => {
    if (optimizer === null) throw new TypeError('policy: expected one with an optimizer, got one made without settings')
    optimizer.step()
  }
  const statistics = createInputStatistics(network)
  const inputs = growingMatrix(backend, agent.observationSize + identityColumns)
  const states = growingMatrix(backend, Math.max(1, stateSize(network.spec)))
  const gradients = growingMatrix(backend, distribution.outputs)
  const further = growingMatrix(backend, distribution.outputs)
  const size = actionSize(agent.actionSpace)
  const taken = { actions: growingMatrix(backend, size), drawn: growingMatrix(backend, size) }
  const masks = agent.isMasked === true ? growingMatrix(backend, size) : null

  const inputAt: PolicyInput = (trajectory, rows, when) => {
    const input = inputs(rows.length)
    trajectory.copy(when, rows, input)
    writeIdentities(input, agent.observationSize, identities, i => trajectory.memberOf(rows[i]!))
    return input
  }
  const inputOf = ({ trajectory, indices }: Rows): Matrix => inputAt(trajectory, indices, 'observation')

  const forward = (rows: Rows, by = network): Matrix => {
    const { trajectory, indices, sequences, copyMemory } = rows
    const input = inputOf(rows)
    if (sequences === null || !isRecurrent) return by.forward(input)
    const state = states(sequences.length)
    copyMemory(state)
    const restarted = Uint8Array.from(indices, row => trajectory.restarted[row]!)
    return withSequence(by).sequence(input, { state, restarted })
  }

  const maskOf = ({ trajectory, indices }: Rows): Matrix | undefined => {
    const mask = masks?.(indices.length)
    if (mask !== undefined) trajectory.copy('mask', indices, mask)
    return mask
  }

  /** All rows, so many at a time. */
  const passes = function* (trajectory: Trajectory): Generator<Rows> {
    const units = Uint32Array.from(unitsOf(trajectory, isRecurrent).keys())
    const each = isRecurrent ? Math.max(1, Math.floor(passRows / trajectory.steps)) : passRows
    for (let from = 0; from < units.length; from += each) {
      yield rowsOf(trajectory, units.subarray(from, from + each), isRecurrent)
    }
  }

  const policy: StochasticPolicy = {
    actors,
    network,
    distribution,
    isRecurrent,
    records: distribution.needsDrawn ? [{ name: 'drawn', size }] : [],
    optimizer,
    statistics,
    endRound: trajectory =>
      statistics?.endRound(trajectory, rows => {
        const input = inputs(rows.length)
        trajectory.copy('observation', rows, input)
        return input
      }),
    forward,
    keep: (rows, place) => (network as Partial<CurvatureNetwork>).keep?.(inputOf(rows), place) ?? null,
    maskOf,
    outputsBeyond: createOutputsBeyond(backend, network, inputAt),
    outputsOf(trajectory, by) {
      const all = new Float64Array(trajectory.rows * distribution.outputs)
      for (const rows of passes(trajectory)) {
        const { data, columns } = forward(rows, by)
        rows.indices.forEach((row, i) => {
          for (let c = 0; c < columns; c++) all[row * columns + c] = data[i * columns + c]!
        })
      }
      return all
    },
    logProbabilitiesOf(trajectory) {
      const all = new Float64Array(trajectory.rows)
      for (const rows of passes(trajectory)) {
        const { logProbability } = policy.at(rows)
        rows.indices.forEach((row, i) => {
          if (trajectory.present[row] === 1) all[row] = logProbability[i]!
        })
      }
      return all
    },
    step() {
      const actorGradientNorm = gradientNorm(network)
      step()
      return { actorGradientNorm }
    },
    at(rows) {
      const { trajectory, indices, count } = rows
      const actions = taken.actions(indices.length)
      trajectory.copy('action', indices, actions)
      const done = distribution.needsDrawn ? { actions, drawn: taken.drawn(indices.length) } : { actions }
      if (done.drawn !== undefined) trajectory.copy('drawn', indices, done.drawn)
      const present = new Float32Array(indices.length)
      for (let i = 0; i < present.length; i++) present[i] = trajectory.present[indices[i]!]!
      const mask = maskOf(rows)
      const outputs = forward(rows)
      const now = { logProbability: new Float32Array(indices.length), entropy: new Float32Array(indices.length) }
      const gradientOf = distribution.evaluate(outputs, done, now, mask)

      /** [rows] A weight of a mean over the rows in which the agent was there. */
      const perRow = (weight: number) => {
        const each = new Float64Array(indices.length)
        for (let i = 0; i < each.length; i++) each[i] = (present[i]! * weight) / count
        return each
      }
      /** Adds the gradient of a penalty to that at the outputs; the mean divergence. */
      const penalise = ({ old, weight, of }: DivergencePenalty, atOutputs: Matrix): number => {
        const each = perRow(weight)
        const ofPenalty = further(indices.length)
        const divergences = new Float32Array(indices.length)
        const [a, b] = of === 'old' ? [old, outputs] : [outputs, old]
        distribution.divergence(a, b, divergences, mask)
        if (of === 'old') distribution.divergenceGradient(a, b, each, ofPenalty, mask)
        else distribution.divergenceGradientOfFirst(a, b, each, ofPenalty, mask)
        for (let i = 0; i < atOutputs.data.length; i++) atOutputs.data[i]! += ofPenalty.data[i]!
        return finiteLoss(dot(divergences, present) / count, group.name, 'actor')
      }

      const gradient: PolicyAtRows['gradient'] = (weights, entropyWeight, penalty = null) => {
        const scale = new Float64Array(indices.length)
        for (let i = 0; i < scale.length; i++) scale[i] = (-present[i]! * weights[i]!) / count
        const policyLoss = dot(now.logProbability, scale)
        const meanEntropy = dot(now.entropy, present) / count
        finiteLoss(policyLoss - entropyWeight * meanEntropy, group.name, 'actor')
        const atOutputs = gradients(indices.length)
        gradientOf(scale, entropyWeight === 0 ? null : perRow(-entropyWeight), atOutputs)
        const divergence = penalty === null ? null : penalise(penalty, atOutputs)
        network.backward(atOutputs)
        return { policyLoss, entropy: meanEntropy, ...(divergence === null ? {} : { divergence }) }
      }

      return {
        outputs,
        ...(mask === undefined ? {} : { mask }),
        ...now,
        gradient,
        scores() {
          const each = further(indices.length)
          gradientOf(present, null, each)
          return each
        },
        climb(weights, entropyWeight) {
          const figures = gradient(weights, entropyWeight)
          step()
          return figures
        },
      }
    },
  }
  return policy
}

/** Rows that are looked at in one pass. */
const passRows = 4096

function dot(values: ArrayLike<number>, weights: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) if (weights[i] !== 0) sum += weights[i]! * values[i]!
  return sum
}

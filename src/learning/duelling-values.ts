// A stochastic duelling critic: V of what is seen and A of it and an action, put together so that the mean of Q under the policy is V (Wang et al. 2017, section 5).
import { mlp, type Network, tensorLength } from '../nn/network.ts'
import type { Rows } from '../rollout/rows.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import { actionSize } from '../spaces.ts'
import type { Matrix, Stateful } from '../types.ts'
import type { CriticView } from './critic-input.ts'
import { finiteLoss } from './finite-loss.ts'
import { gradientNorm } from './gradient-norm.ts'
import type { Group } from './groups.ts'
import { growingMatrix } from './growing-matrix.ts'
import { createInputStatistics } from './input-statistics.ts'
import { createOptimizer } from './optimizer.ts'
import type { OptimisationSettings, ValueSettings } from './options.ts'
import { createStateValue, type StateValue } from './state-value.ts'
import { createTrajectoryInput } from './trajectory-input.ts'
import { createAuxiliaryLoss } from './value-loss.ts'

/** Actions of some rows, [rows, action size]. */
export type Actions = Pick<Matrix, 'data'>

export interface DuellingValues {
  /** V; its `network` is the first part of the critic, and its units are those of Q. */
  readonly value: StateValue
  /** A */
  readonly network: Network
  /** [actions.length * rows] A, in units of Q, of several actions of each row, block by block. */
  advantages(trajectory: Trajectory, rows: Uint32Array, actions: readonly Actions[]): Float32Array
  /** Takes targets [rows of the trajectory] into the running units. */
  observe(rows: Rows, targets: ArrayLike<number>): void
  /**
   * Adds the gradients of the mean loss of Q = V + A(done) - mean A(samples) to both networks', and to V's that of V towards V + trace (target
   * - Q), traces [rows of the trajectory] held fixed. Rows whose `counts` is not 1 add nothing; `count`: of those that do in all slices.
   * @throws NonFiniteError when the loss is not finite
   */
  gradient(
    rows: Rows,
    actions: { readonly done: Actions; readonly samples: readonly Actions[] },
    round: Readonly<Record<'targets' | 'traces' | 'counts', ArrayLike<number>>>,
    count: number,
  ): { readonly criticLoss: number }
  /** One step of both optimizers. @throws NonFiniteError when a gradient or a parameter is not finite */
  step(): { readonly criticGradientNorm: number; readonly advantageGradientNorm: number }
  /** What is saved beside V. */
  readonly networks: Readonly<Record<string, Network>>
  readonly parts: Readonly<Record<string, Stateful>>
  readonly statistics: Stateful | null
  endRound(trajectory: Trajectory): void
}

export type DuellingSettings = OptimisationSettings & Omit<ValueSettings, 'valueClip'>

/** Weights from the first agent's streams `critic` and `advantage`. What it sees: trajectory-input.ts, then the own action. */
export function createDuellingValues(group: Group, critic: CriticView, settings: DuellingSettings): DuellingValues {
  const { team, agent } = group
  const { backend } = team
  const value = createStateValue(group, critic, { ...settings, valueClip: null })
  const seen = createTrajectoryInput(group, critic, { actions: false })
  const size = actionSize(agent.actionSpace)
  const { hidden, activation, orthogonal, normaliseObservations = false } = team.network
  const spec = mlp(seen.size + size, hidden, 1, activation, {
    ...team.network,
    orthogonal: orthogonal && { ...orthogonal, output: 1 },
    standardised: normaliseObservations ? seen.observed : 0,
    sets: seen.sets,
  })
  const network = backend.network(spec, team.random(agent.id, 'advantage'))
  const statistics = createInputStatistics(network)
  const rate = settings.criticLearningRate ?? settings.learningRate
  const optimizer = createOptimizer(team, settings, network, [group.name, 'advantage'], rate)
  const loss = createAuxiliaryLoss(1, settings.huberDelta)
  const inputs = growingMatrix(backend, seen.size + size)
  const slopes = { value: growingMatrix(backend, 1), advantage: growingMatrix(backend, 1) }

  /** What A reads of several actions of each row. */
  const inputOf = (ofRows: Matrix, actions: readonly Actions[]): Matrix => {
    const input = inputs(actions.length * ofRows.rows)
    actions.forEach(({ data }, block) => {
      for (let i = 0; i < ofRows.rows; i++) {
        const at = (block * ofRows.rows + i) * input.columns
        input.data.set(ofRows.data.subarray(i * seen.size, (i + 1) * seen.size), at)
        for (let c = 0; c < size; c++) input.data[at + seen.size + c] = data[i * size + c]!
      }
    })
    return input
  }

  return {
    value,
    network,
    advantages: (trajectory, rows, actions) =>
      network.infer(inputOf(seen.of(trajectory, rows, 'observation'), actions)).data,
    observe(rows, targets) {
      const { deviation } = value.units
      value.observe(rows, targets)
      if (settings.valueNorm === 'popArt') scaleLast(network, deviation / value.units.deviation)
    },
    gradient({ trajectory, indices }, { done, samples }, { targets, traces, counts }, count) {
      const input = seen.of(trajectory, indices, 'observation')
      const v = value.network.forward(input).data
      const a = network.forward(inputOf(input, [done, ...samples])).data
      const rows = indices.length
      const atValue = slopes.value(rows)
      const atAdvantage = slopes.advantage(rows * (1 + samples.length))
      const { mean, deviation } = value.units
      let sum = 0
      indices.forEach((row, i) => {
        let expected = 0
        for (let n = 1; n <= samples.length; n++) expected += a[n * rows + i]! / samples.length
        const q = v[i]! + a[i]! - expected
        const target = (targets[row]! - mean) / deviation
        const isLearnt = counts[row] === 1
        const slope = isLearnt ? loss.slope(q, target, 0) / count : 0
        if (isLearnt) sum += loss.of(q, target, 0)
        atValue.data[i] = slope * (1 + traces[row]!)
        atAdvantage.data[i] = slope
        for (let n = 1; n <= samples.length; n++) atAdvantage.data[n * rows + i] = -slope / samples.length
      })
      const criticLoss = finiteLoss(sum / count, group.name, 'critic')
      value.network.backward(atValue)
      network.backward(atAdvantage)
      return { criticLoss }
    },
    step() {
      const advantageGradientNorm = gradientNorm(network)
      optimizer.step()
      return { ...value.step(), advantageGradientNorm }
    },
    networks: { advantage: network },
    parts: { advantageOptimizer: optimizer },
    statistics,
    endRound(trajectory) {
      value.endRound(trajectory)
      statistics?.endRound(trajectory, rows =>
        inputOf(seen.of(trajectory, rows, 'observation'), [noAction(rows.length)]),
      )
    },
  }

  /** Statistics look at what is seen alone. */
  function noAction(rows: number): Actions {
    return { data: new Float32Array(rows * size) }
  }
}

/** What its last layer says becomes so many times as large. */
function scaleLast({ tensors, parameters }: Network, factor: number): void {
  for (const tensor of tensors.slice(-2)) {
    for (let i = tensor.offset; i < tensor.offset + tensorLength(tensor); i++) parameters[i]! *= factor
  }
}

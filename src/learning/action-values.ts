// The action values Q of a group, one for each alternative of the own action, given what a critic sees, and for some what the others of the team do (Foerster et al. 2018).
import { type Alternatives, alternativesOf } from '../agents/alternatives.ts'
import { mlp, type Network } from '../nn/network.ts'
import type { Rows } from '../rollout/rows.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import { actionSize } from '../spaces.ts'
import type { Matrix, Stateful } from '../types.ts'
import type { CriticMoment, CriticView } from './critic-input.ts'
import { finiteLoss } from './finite-loss.ts'
import { gradientNorm } from './gradient-norm.ts'
import type { Group } from './groups.ts'
import { growingMatrix } from './growing-matrix.ts'
import { createInputStatistics } from './input-statistics.ts'
import { createOptimizer } from './optimizer.ts'
import type { OptimisationSettings, ValueSettings } from './options.ts'
import { createTrajectoryInput } from './trajectory-input.ts'
import { createValueLoss } from './value-loss.ts'
import { createValueNorm, withPopArt } from './value-norm.ts'

export interface ActionValues {
  readonly network: Network
  /** Absent: nothing was said of how fast it follows. */
  readonly targetNetwork?: Network
  readonly alternatives: Alternatives
  /** Its own units: Q = mean + deviation x, x what a network says. */
  readonly units: { readonly mean: number; readonly deviation: number }
  /** [rows of the trajectory * alternatives.count] x at all rows in which an agent was there, of its network or its target's; 0 elsewhere. */
  of(trajectory: Trajectory, network: Network): Float64Array
  /** The same of its network at what is seen next after some rows, where it sees no actions. */
  beyond(trajectory: Trajectory, rows: Uint32Array): Float64Array
  /** [rows of the trajectory] The numbers of the alternatives that were taken there. */
  taken(trajectory: Trajectory): Float64Array
  /** Takes targets [rows of the trajectory] of some rows into the running units, where it has them. */
  observe(rows: Uint32Array, targets: ArrayLike<number>): void
  /**
   * Adds the gradient of the mean loss of Q of what was taken, in its own units, over the rows whose `counts` [rows of the trajectory] is 1, to
   * the network's. `count`: of such rows in all slices. The loss is the part of these rows.
   * @throws NonFiniteError when the loss is not finite
   */
  gradient(
    rows: Rows,
    round: {
      readonly taken: ArrayLike<number>
      readonly targets: ArrayLike<number>
      readonly counts: ArrayLike<number>
    },
    count: number,
  ): { readonly criticLoss: number }
  /** One step of the optimizer, then target <- tau network + (1 - tau) target where there is one. @throws NonFiniteError when a gradient or a parameter is not finite */
  step(): { readonly criticGradientNorm: number }
  /** Q of what an agent, by its position in the group, and the others do as a game stands. */
  valueOf(member: number, moment: CriticMoment, actions: readonly Matrix[]): number
  /** What has to be saved beside the networks. */
  readonly parts: Readonly<Record<string, Stateful>>
  readonly statistics: Stateful | null
  /** Takes what was seen in a round that is over into the statistics. */
  endRound(trajectory: Trajectory): void
}

export interface ActionValueSettings extends OptimisationSettings, Omit<ValueSettings, 'valueClip'> {
  /** Of the target network; absent: there is none. */
  readonly tau?: number
}

/** Rows that are looked at in one pass. */
const passRows = 4096

/**
 * Weights from the first agent's stream `critic`; the target begins as a copy. What it sees: trajectory-input.ts, with the others' actions unless
 * `actions` is false.
 */
export function createActionValues(
  group: Group,
  critic: CriticView,
  settings: ActionValueSettings,
  { actions: seesActions }: { readonly actions: boolean } = { actions: true },
): ActionValues {
  const { team, agent } = group
  const { backend } = team
  const seen = createTrajectoryInput(group, critic, { actions: seesActions })
  const alternatives = alternativesOf(agent.actionSpace)
  const { hidden, activation, orthogonal, normaliseObservations = false } = team.criticNetwork
  const spec = mlp(seen.size, hidden, alternatives.count, activation, {
    ...team.criticNetwork,
    orthogonal: orthogonal && { ...orthogonal, output: 1 },
    standardised: normaliseObservations ? seen.observed : 0,
    sets: seen.sets,
  })
  const network = backend.network(spec, team.random(agent.id, 'critic'))
  const { tau } = settings
  const targetNetwork = tau === undefined ? null : backend.network(spec, team.random(agent.id, 'targetCritic'))
  if (targetNetwork !== null) backend.softUpdate(targetNetwork, network, 1)
  const statistics = createInputStatistics(network)
  const rate = settings.criticLearningRate ?? settings.learningRate
  const optimizer = createOptimizer(team, settings, network, [group.name, 'critic'], rate)
  const { valueNorm, valueNormDecay, huberDelta } = settings
  const running = valueNorm === 'none' ? null : createValueNorm(valueNormDecay)
  const scaled = running !== null && valueNorm === 'popArt' ? withPopArt(running, network) : running
  const norm =
    scaled !== null && scaled !== running && targetNetwork !== null ? withPopArt(scaled, targetNetwork) : scaled
  const loss = createValueLoss({ huberDelta, valueClip: null })
  const slopes = growingMatrix(backend, alternatives.count)
  const actions = growingMatrix(backend, actionSize(agent.actionSpace))
  const units = () => norm ?? plain

  const write = (trajectory: Trajectory, chosen: Uint32Array, by: Network, when: 'observation' | 'nextObservation') => {
    const all = new Float64Array(trajectory.rows * alternatives.count)
    for (let from = 0; from < chosen.length; from += passRows) {
      const rows = chosen.subarray(from, from + passRows)
      const { data, columns } = by.infer(seen.of(trajectory, rows, when))
      rows.forEach((row, i) => {
        for (let c = 0; c < columns; c++) all[row * columns + c] = data[i * columns + c]!
      })
    }
    return all
  }

  return {
    network,
    ...(targetNetwork === null ? {} : { targetNetwork }),
    alternatives,
    get units() {
      return units()
    },
    of: (trajectory, by) => write(trajectory, trajectory.learnable, by, 'observation'),
    beyond: (trajectory, rows) => write(trajectory, rows, network, 'nextObservation'),
    taken(trajectory) {
      const { learnable } = trajectory
      const all = new Float64Array(trajectory.rows)
      const done = actions(learnable.length)
      const { data, columns } = done
      trajectory.copy('action', learnable, done)
      learnable.forEach((row, i) => {
        all[row] = alternatives.numberOf(data, i * columns)
      })
      return all
    },
    observe(rows, targets) {
      norm?.take(Float64Array.from(rows, row => targets[row]!))
    },
    gradient({ trajectory, indices }, { taken, targets, counts }, count) {
      const values = network.forward(seen.of(trajectory, indices, 'observation'))
      const atOutputs = slopes(indices.length)
      atOutputs.data.fill(0)
      const { mean, deviation } = units()
      let sum = 0
      indices.forEach((row, i) => {
        if (counts[row] !== 1) return
        const at = i * alternatives.count + taken[row]!
        const target = (targets[row]! - mean) / deviation
        atOutputs.data[at] = loss.slope(values.data[at]!, target, 0) / count
        sum += loss.of(values.data[at]!, target, 0)
      })
      const criticLoss = finiteLoss(sum / count, group.name, 'critic')
      network.backward(atOutputs)
      return { criticLoss }
    },
    step() {
      const criticGradientNorm = gradientNorm(network)
      optimizer.step()
      if (targetNetwork !== null) backend.softUpdate(targetNetwork, network, tau!)
      return { criticGradientNorm }
    },
    valueOf(member, moment, actions) {
      const { data } = network.infer(seen.at(member, moment, actions))
      const own = actions[group.indices[member]!]!
      const { mean, deviation } = units()
      return mean + deviation * data[alternatives.numberOf(own.data, 0)]!
    },
    parts: { criticOptimizer: optimizer, ...(running === null ? {} : { valueNorm: running }) },
    statistics,
    endRound(trajectory) {
      if (statistics === null) return
      statistics.endRound(trajectory, rows => seen.of(trajectory, rows, 'observation'))
      // Both read what they see in the same units: the first two tensors are mean and scale.
      if (targetNetwork === null) return
      const { offset } = network.tensors[2]!
      targetNetwork.parameters.set(network.parameters.subarray(0, offset))
    },
  }
}

const plain = { mean: 0, deviation: 1 } as const

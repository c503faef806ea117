// ACER where an action is made of choices: Q has an output for each alternative, and V is its mean under the policy (Wang et al. 2017, Algorithm 2).
import { log } from '../elementary.ts'
import { createActionValues } from '../learning/action-values.ts'
import type { Group } from '../learning/groups.ts'
import { growingMatrix } from '../learning/growing-matrix.ts'
import { learningMembers } from '../learning/learning-members.ts'
import type { GroupLearner } from '../learning/rollout-updates.ts'
import { createStochasticPolicy } from '../learning/stochastic-policy.ts'
import { fillNext, rowsBeyond } from '../rollout/next-rows.ts'
import { retrace } from '../rollout/retrace.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import { valueAt } from '../settings/schedule.ts'
import { defaultCritic } from './actor-critic.ts'
import { createAveragePolicy, project } from './average-policy.ts'
import { probabilitiesOf } from './counterfactual.ts'
import {
  behaviourOf,
  behaviourRecord,
  type Judged,
  judgedBy,
  judgedFigures,
  type OffPolicySettings,
  policyFigures,
} from './off-policy.ts'

/** What a round begins with: of each row and alternative, where a blank stands for a row, pi, average pi and w (see `weights`). */
interface Round extends Judged {
  readonly [name: string]: Float64Array
  readonly taken: Float64Array
  readonly pi: Float64Array
  readonly average: Float64Array
  readonly weights: Float64Array
}

/** The group's networks: `actor`, `critic` and, where steps are bound to it, the average policy. */
export function choicesLearner(group: Group, settings: OffPolicySettings): GroupLearner<Round> {
  const { team, agent, name } = group
  const { gamma, lambda, timeLimit, ratioCap, biasCorrection, averageDecay, averageRegion: delta } = settings
  const view = settings.critic ?? defaultCritic
  const policy = createStochasticPolicy(group, settings)
  const critic = createActionValues(group, view, settings, { actions: false })
  const average = delta === null ? null : createAveragePolicy(team, agent.id, policy, averageDecay)
  const { alternatives } = critic
  const { count } = alternatives
  const mayBeAbsent = team.agents.some(each => each.mayBeAbsent === true)
  const slopes = growingMatrix(team.backend, policy.distribution.outputs)

  const probabilities = (trajectory: Trajectory, outputs: ArrayLike<number>, beyond?: Uint32Array) =>
    probabilitiesOf(trajectory, outputs, alternatives, agent.isMasked === true, beyond, beyond && 'nextMask')
  /** [rows] sum_a pi(a) Q(a) at some rows, in units of rewards. */
  const means = (rows: Uint32Array, pi: Float64Array, q: Float64Array, to: Float64Array) => {
    const { mean, deviation } = critic.units
    for (const row of rows) {
      let sum = 0
      for (let a = row * count; a < (row + 1) * count; a++) sum += pi[a]! * q[a]!
      to[row] = mean + deviation * sum
    }
  }

  return {
    members: learningMembers(policy, critic, [behaviourRecord(policy.distribution)], average ? { average } : {}).map(
      (member, i) =>
        view === 'set' ? member : { ...member, value: (moment, actions) => critic.valueOf(i, moment, actions) },
    ),
    isRecurrent: policy.isRecurrent,
    prepare(trajectory) {
      const { rows, learnable } = trajectory
      average?.adoptStatistics()
      const pi = probabilities(trajectory, policy.outputsOf(trajectory))
      const mu = probabilities(trajectory, behaviourOf(trajectory, policy.distribution).data)
      const taken = critic.taken(trajectory)
      const all = critic.of(trajectory, critic.network)
      const values = new Float64Array(rows)
      means(learnable, pi, all, values)
      const nextValues = new Float64Array(rows)
      const beyond = rowsBeyond(trajectory, mayBeAbsent)
      const ahead = probabilities(trajectory, policy.outputsBeyond(trajectory, beyond), beyond)
      means(beyond, ahead, critic.beyond(trajectory, beyond), nextValues)
      fillNext(trajectory, mayBeAbsent, values, nextValues)

      // Retrace with c = min(1, pi / mu) of what was done.
      const { mean, deviation } = critic.units
      const q = new Float64Array(rows)
      const ratios = new Float64Array(rows)
      for (const row of learnable) {
        const at = row * count + taken[row]!
        q[row] = mean + deviation * all[at]!
        ratios[row] = pi[at]! / mu[at]!
      }
      const traces = ratios.map(ratio => Math.min(1, ratio))
      const targets = retrace(trajectory, { q, nextValues, traces }, { gamma, lambda, timeLimit })
      const judged = judgedBy(trajectory, { q, targets, ratios }, settings)
      return {
        ...judged,
        taken,
        pi,
        average: average === null ? pi : probabilities(trajectory, policy.outputsOf(trajectory, average.network)),
        weights: weights({ pi, mu, taken, all, values, ...judged }, critic.units, { ratioCap, biasCorrection }),
      }
    },
    update(rows, round) {
      // pi up z, the gradient sum_a w(a) grad log pi(a) + c grad H at its probabilities, bound to the average policy; Q down mean h(Qret - Q(s, a)).
      policy.forward(rows)
      const entropyWeight = valueAt(settings.entropyWeight, team.now())
      const atLogits = slopes(rows.indices.length)
      atLogits.data.fill(0)
      const sums = { loss: 0, entropy: 0, divergence: 0, held: 0 }
      const g = new Float64Array(count)
      const k = new Float64Array(count)
      rows.indices.forEach((row, i) => {
        if (rows.trajectory.present[row] === 0) return
        const f = round.pi.subarray(row * count, (row + 1) * count)
        for (let a = 0; a < count; a++) {
          const [p, before, w] = [f[a]!, round.average[row * count + a]!, round.weights[row * count + a]!]
          const divisor = Math.max(p, least)
          const logP = log(divisor)
          g[a] = p === 0 ? 0 : w / divisor - entropyWeight * (1 + logP)
          k[a] = p === 0 ? 0 : -before / divisor
          if (p === 0) continue
          sums.loss -= w * logP
          sums.entropy -= p * logP
          sums.divergence += before === 0 ? 0 : before * (log(before) - logP)
        }
        if (delta !== null && project(g, k, delta)) sums.held++
        for (let a = 0; a < count; a++) g[a]! /= -rows.count
        alternatives.addLogitGradient(f, g, atLogits.data, i * atLogits.columns)
      })
      policy.network.backward(atLogits)
      return {
        ...policyFigures(rows, sums, entropyWeight, delta !== null, name),
        ...critic.gradient(rows, round, round.counted[0]!),
      }
    },
    slices: {
      networks: [policy.network, critic.network],
      begin({ trajectory: { learnable } }, { counts, targets }) {
        critic.observe(
          learnable.filter(row => counts[row] === 1),
          targets,
        )
      },
      end(_, round) {
        const figures = { ...policy.step(), ...critic.step(), ...judgedFigures(round) }
        average?.follow()
        return figures
      },
    },
  }
}

/** Probabilities below this count as this where something is divided by them. */
const least = 1e-10

/**
 * [rows * alternatives] w: of what was done min(c, pi / mu) (Qret - V), and of each alternative [pi - c mu]+ (Q - V), which makes up for what c
 * takes (Wang et al. 2017, equation 7). In units of Q; 0 in rows that are not learnt.
 */
export function weights(
  {
    pi,
    mu,
    taken,
    all,
    values,
    targets,
    counts,
  }: Readonly<Record<'pi' | 'mu' | 'taken' | 'all' | 'values' | 'targets' | 'counts', ArrayLike<number>>>,
  { mean, deviation }: { readonly mean: number; readonly deviation: number },
  { ratioCap, biasCorrection }: Pick<OffPolicySettings, 'ratioCap' | 'biasCorrection'>,
): Float64Array {
  const count = pi.length / taken.length
  const c = ratioCap ?? Number.POSITIVE_INFINITY
  const all0 = new Float64Array(pi.length)
  for (let row = 0; row < taken.length; row++) {
    if (counts[row] !== 1) continue
    const from = row * count
    const value = (values[row]! - mean) / deviation
    for (let at = from; biasCorrection && c < Number.POSITIVE_INFINITY && at < from + count; at++) {
      all0[at] = Math.max(0, pi[at]! - c * mu[at]!) * (all[at]! - value)
    }
    const done = from + taken[row]!
    all0[done]! += Math.min(c, pi[done]! / mu[done]!) * ((targets[row]! - mean) / deviation - value)
  }
  return all0
}

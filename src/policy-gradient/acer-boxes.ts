// ACER where an action has boxes: a stochastic duelling critic, and a correction for one action drawn anew (Wang et al. 2017, Algorithm 3).
import { exp, pow } from '../elementary.ts'
import { createDuellingValues } from '../learning/duelling-values.ts'
import type { Group } from '../learning/groups.ts'
import { growingMatrix } from '../learning/growing-matrix.ts'
import { learningMembers } from '../learning/learning-members.ts'
import { logRatio } from '../learning/log-ratio.ts'
import type { GroupLearner } from '../learning/rollout-updates.ts'
import { createStochasticPolicy } from '../learning/stochastic-policy.ts'
import { saveNetworks } from '../nn/saved-networks.ts'
import { retrace } from '../rollout/retrace.ts'
import { blockOf } from '../rollout/rows.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import { valueAt } from '../settings/schedule.ts'
import { actionSize } from '../spaces.ts'
import type { Matrix } from '../types.ts'
import { defaultCritic } from './actor-critic.ts'
import { createAveragePolicy, project } from './average-policy.ts'
import {
  behaviourOf,
  behaviourRecord,
  type Judged,
  judgedBy,
  judgedFigures,
  type OffPolicySettings,
  policyFigures,
} from './off-policy.ts'

/** What a round begins with, by row: actions drawn anew, the first of them to correct for, and what they and what was done weigh. */
interface Round extends Judged {
  readonly [name: string]: Float64Array
  /** [rows * (1 + samples) * action size] The last ones are those that A is measured against. */
  readonly samples: Float64Array
  /** [rows * action size] What the first was before it was squashed or clipped. */
  readonly drawn: Float64Array
  /** min(c, pi / mu) (Qopc - V) of what was done, and [1 - c mu / pi]+ (Q - V) of the first of them, in units of Q. */
  readonly weights: Float64Array
  readonly corrections: Float64Array
  /** min(1, pi / mu) */
  readonly traces: Float64Array
  /** [rows * outputs] Of the average policy. */
  readonly average: Float64Array
}

/** Rows that are looked at in one pass. */
const passRows = 1024

/** The group's networks: `actor`, `critic` (V), `advantage` (A) and, where steps are bound to it, the average policy. */
export function duellingLearner(group: Group, settings: OffPolicySettings): GroupLearner<Round> {
  const { team, agent, name } = group
  const { gamma, lambda, timeLimit, ratioCap, biasCorrection, averageDecay, averageRegion: delta } = settings
  const c = ratioCap ?? Number.POSITIVE_INFINITY
  const corrects = biasCorrection && ratioCap !== null
  const policy = createStochasticPolicy(group, settings)
  const critic = createDuellingValues(group, settings.critic ?? defaultCritic, settings)
  const average = delta === null ? null : createAveragePolicy(team, agent.id, policy, averageDecay)
  const noise = team.noise(agent.id, 'duelling')
  const { distribution } = policy
  const { outputs } = distribution
  const size = actionSize(agent.actionSpace)
  const dimensions = agent.actionSpace.reduce((sum, part) => sum + (part.kind === 'box' ? part.size : 1), 0)
  const blocks = 1 + settings.duellingSamples
  const [atOutputs, ofPart, ofDivergence] = [0, 1, 2].map(() => growingMatrix(team.backend, outputs)) as [Grow, Grow, Grow] // biome-ignore format: one line

  /** What was done at some rows. */
  const doneAt = (trajectory: Trajectory, rows: Uint32Array) => {
    const done = { actions: matrix(rows.length, size), drawn: matrix(rows.length, size) }
    trajectory.copy('action', rows, done.actions)
    if (!distribution.needsDrawn) return { actions: done.actions }
    trajectory.copy('drawn', rows, done.drawn)
    return done
  }
  const maskAt = (trajectory: Trajectory, rows: Uint32Array): Matrix | undefined => {
    if (agent.isMasked !== true) return undefined
    const mask = matrix(rows.length, size)
    trajectory.copy('mask', rows, mask)
    return mask
  }
  /** [rows] pi / mu of some actions. */
  const ratiosOf = (pi: Matrix, mu: Matrix, taken: { actions: Matrix; drawn?: Matrix }, mask?: Matrix) => {
    const [now, old] = [new Float32Array(pi.rows), new Float32Array(pi.rows)]
    distribution.logProbability(pi, taken, now, mask)
    distribution.logProbability(mu, taken, old, mask)
    return Float64Array.from(now, (logP, i) => exp(logRatio(logP, old[i]!)))
  }

  return {
    members: learningMembers(policy, critic.value, [behaviourRecord(distribution)], {
      duelling: saveNetworks(critic.networks, {
        ...critic.parts,
        ...(critic.statistics && { statistics: critic.statistics }),
        noise,
      }),
      ...(average ? { average } : {}),
    }).map(member => ({
      ...member,
      endRound(trajectory: Trajectory) {
        policy.endRound(trajectory)
        critic.endRound(trajectory)
      },
    })),
    isRecurrent: policy.isRecurrent,
    prepare(trajectory) {
      const { rows, learnable } = trajectory
      average?.adoptStatistics()
      const now = policy.outputsOf(trajectory)
      const behaviour = behaviourOf(trajectory, distribution).data
      const { values, nextValues } = critic.value.both(trajectory)
      const { deviation } = critic.value.units
      const all = {
        samples: new Float64Array(rows * blocks * size),
        drawn: new Float64Array(rows * size),
        ratios: new Float64Array(rows),
        q: new Float64Array(rows),
        corrections: new Float64Array(rows),
      }
      for (let from = 0; from < learnable.length; from += passRows) {
        const chosen = learnable.subarray(from, from + passRows)
        const pi = blockOf({ indices: chosen }, now, outputs)
        const mu = blockOf({ indices: chosen }, behaviour, outputs)
        const mask = maskAt(trajectory, chosen)
        const done = doneAt(trajectory, chosen)
        const samples = Array.from({ length: blocks }, () => {
          const sample = { actions: matrix(chosen.length, size), drawn: matrix(chosen.length, size) }
          distribution.sample(pi, noise.next(), sample, mask)
          return sample
        })
        const ofDone = ratiosOf(pi, mu, done, mask)
        const ofFirst = ratiosOf(pi, mu, samples[0]!, mask)
        const a = critic.advantages(
          trajectory,
          chosen,
          [done, ...samples].map(({ actions }) => actions),
        )
        chosen.forEach((row, i) => {
          let expected = 0
          for (let n = 1; n < blocks; n++) expected += a[(1 + n) * chosen.length + i]! / (blocks - 1)
          all.ratios[row] = ofDone[i]!
          all.q[row] = values[row]! + deviation * (a[i]! - expected)
          all.corrections[row] = corrects ? Math.max(0, 1 - c / ofFirst[i]!) * (a[chosen.length + i]! - expected) : 0
          samples.forEach(({ actions: { data } }, n) => {
            for (let j = 0; j < size; j++) all.samples[(row * blocks + n) * size + j] = data[i * size + j]!
          })
          for (let j = 0; j < size; j++) all.drawn[row * size + j] = samples[0]!.drawn.data[i * size + j]!
        })
      }
      // Retrace with c = min(1, (pi / mu)^(1 / d)) for Q; without ratios for the policy.
      const { q, ratios, corrections } = all
      const config = { gamma, lambda, timeLimit }
      const traces = ratios.map(ratio => Math.min(1, pow(ratio, 1 / dimensions)))
      const targets = retrace(trajectory, { q, nextValues, traces }, config)
      const uncorrected = retrace(trajectory, { q, nextValues, traces: traces.fill(1) }, config)
      const judged = judgedBy(trajectory, { q, targets, ratios }, settings)
      return {
        ...judged,
        samples: all.samples,
        drawn: all.drawn,
        weights: ratios.map(
          (ratio, row) => judged.counts[row]! * Math.min(c, ratio) * ((uncorrected[row]! - values[row]!) / deviation),
        ),
        corrections: corrections.map((correction, row) => judged.counts[row]! * correction),
        traces: ratios.map(ratio => Math.min(1, ratio)),
        average: average === null ? new Float64Array(0) : policy.outputsOf(trajectory, average.network),
      }
    },
    update(rows, round) {
      // pi up z, the gradient w grad log pi(done) + w' grad log pi(first) + c grad H at its outputs, bound to the average policy; Q down mean h(Qret - Q).
      const { trajectory, indices } = rows
      const now = policy.forward(rows)
      const mask = maskAt(trajectory, indices)
      const done = doneAt(trajectory, indices)
      const sampled = blockOf(rows, round.samples, blocks * size)
      const sample = (n: number): Matrix => columnsOf(sampled, n * size, size)
      const first = { actions: sample(0), drawn: blockOf(rows, round.drawn, size) }
      const present = Float64Array.from(indices, row => trajectory.present[row]!)
      const entropyWeight = valueAt(settings.entropyWeight, team.now())

      const g = atOutputs(indices.length)
      const part = ofPart(indices.length)
      const weights = rows.of(round.weights)
      const corrections = rows.of(round.corrections)
      distribution.logProbabilityGradient(now, done, weights, g, mask)
      if (corrects) {
        distribution.logProbabilityGradient(now, first, corrections, part, mask)
        add(part, g)
      }
      distribution.entropyGradient(
        now,
        present.map(there => there * entropyWeight),
        part,
        mask,
      )
      add(part, g)
      const sums = { loss: 0, entropy: 0, divergence: 0, held: 0 }
      const told = new Float32Array(indices.length)
      const sumOf = (weights: ArrayLike<number>) => told.reduce((sum, x, i) => sum + (weights[i] === 0 ? 0 : weights[i]! * x), 0) // biome-ignore format: one line
      distribution.logProbability(now, done, told, mask)
      sums.loss -= sumOf(weights)
      distribution.entropy(now, told, mask)
      sums.entropy = sumOf(present)
      if (delta !== null) {
        const before = blockOf(rows, round.average, outputs)
        const k = ofDivergence(indices.length)
        distribution.divergence(before, now, told, mask)
        sums.divergence = sumOf(present)
        distribution.divergenceGradient(before, now, present, k, mask)
        for (let i = 0; i < indices.length; i++) {
          const own = Float64Array.from(g.data.subarray(i * outputs, (i + 1) * outputs))
          if (!project(own, Float64Array.from(k.data.subarray(i * outputs, (i + 1) * outputs)), delta)) continue
          sums.held++
          g.data.set(own, i * outputs)
        }
      }
      for (let i = 0; i < g.data.length; i++) g.data[i]! /= -rows.count
      policy.network.backward(g)
      const samples = Array.from({ length: blocks - 1 }, (_, n) => sample(1 + n))
      return {
        ...policyFigures(rows, sums, entropyWeight, delta !== null, name),
        ...critic.gradient(rows, { done: done.actions, samples }, round, round.counted[0]!),
      }
    },
    slices: {
      networks: [policy.network, critic.value.network, critic.network],
      begin: (minibatch, { targets }) => critic.observe(minibatch, targets),
      end(_, round) {
        const figures = { ...policy.step(), ...critic.step(), ...judgedFigures(round) }
        average?.follow()
        return figures
      },
    },
  }
}

type Grow = ReturnType<typeof growingMatrix>

function matrix(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float32Array(rows * columns) }
}

function columnsOf({ rows, columns, data }: Matrix, from: number, size: number): Matrix {
  const to = matrix(rows, size)
  for (let row = 0; row < rows; row++) {
    to.data.set(data.subarray(row * columns + from, row * columns + from + size), row * size)
  }
  return to
}

function add({ data }: Matrix, to: Matrix): void {
  for (let i = 0; i < data.length; i++) to.data[i]! += data[i]!
}

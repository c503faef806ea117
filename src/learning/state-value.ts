// The state value V: the return that agents of a group expect, from their own observation, the observations of all agents or the world's state.

import { withMemory } from '../agents/recurrent-body.ts'
import { ConfigError } from '../errors.ts'
import { mlp, type Network } from '../nn/network.ts'
import { type NoiseKey, noiseNormal } from '../random.ts'
import { distinctRows } from '../rollout/distinct-rows.ts'
import { fillNext, rowsBeyond } from '../rollout/next-rows.ts'
import type { Rows } from '../rollout/rows.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import type { Matrix, Stateful } from '../types.ts'
import type { CriticView } from './critic-input.ts'
import { finiteLoss } from './finite-loss.ts'
import { gradientNorm } from './gradient-norm.ts'
import type { Group } from './groups.ts'
import { growingMatrix } from './growing-matrix.ts'
import { createInputStatistics } from './input-statistics.ts'
import { type OptimizerSettings, optimizerOf } from './optimizer.ts'
import type { MemorySettings, ValueSettings } from './options.ts'
import { createTrajectoryInput } from './trajectory-input.ts'
import { createValueLoss, type ValueLoss } from './value-loss.ts'
import { createValueMemory, type ValuesOfRound } from './value-memory.ts'
import { createValueNorm, withPopArt } from './value-norm.ts'

/** V: a network that says what is still to come from what is seen, fitted to targets by regression. */
export interface StateValue {
  readonly network: Network
  /** Of what its network reads; null: it reads all as it is. */
  readonly statistics: Stateful | null
  /** Takes what was seen in a round that is over into the statistics. */
  endRound(trajectory: Trajectory): void
  /** [rows of the trajectory] V at what was seen, or at what was seen next, before a reset; 0 where the agent was absent. */
  of(trajectory: Trajectory, when?: 'observation' | 'nextObservation'): Float64Array
  /** V of a round, asked for once when it begins; what comes after a termination is 0. What it remembers goes on with the next round. */
  both(trajectory: Trajectory): ValuesOfRound
  /** Whether its network remembers, so that it learns from sequences. */
  readonly isRecurrent: boolean
  /** Takes the targets of some rows [rows of the trajectory] into the running units of V, where it has them. */
  observe(rows: Rows, targets: ArrayLike<number>): void
  /** V's own units: V = mean + deviation x, x what its network says. */
  readonly units: { readonly mean: number; readonly deviation: number }
  /**
   * Adds the gradient of the mean loss of V over the rows in which the agent was there to the network's; targets, per row of `rows`.
   * `round`: what its round began with, for values that are clipped and for a network that remembers. The loss is in V's own units, and
   * that of the settings, or `of` another phase, which has no value before.
   * @throws NonFiniteError when the loss is not finite.
   */
  gradient(
    rows: Rows,
    targets: ArrayLike<number>,
    round?: Partial<Pick<ValuesOfRound, 'values' | 'memories'>>,
    of?: ValueLoss,
  ): { readonly valueLoss: number }
  /**
   * What the network was asked at the last `gradient`: per question the gradient of log N(x; V, 1), for an x drawn from it, a standard
   * normal number; 0 where the agent was absent. `count`: the others. Until the next call.
   */
  scores(noise: NoiseKey): { readonly scores: Matrix; readonly count: number }
  /** One step of the optimizer, and the norm of the gradient before it was clipped. @throws NonFiniteError when a gradient or a parameter is not finite. */
  step(): { readonly criticGradientNorm: number }
  /** Both: a step down the mean loss; by itself mean (targets - V)^2. The loss is that before the step. */
  fit(rows: Rows, targets: ArrayLike<number>): { readonly valueLoss: number }
  /** What has to be saved beside the network: its optimizer, and where it has them its running units. */
  readonly parts: Readonly<Record<string, Stateful>>
}

/** Rows that are looked at in one pass. */
const passRows = 4096

/**
 * V of a group; weights from the first agent's stream `critic`. It sees no actions (Yu et al. 2022), and else what trajectory-input.ts says of
 * `critic`.
 * @throws ConfigError for the state of a game that has none
 * @see {@link updatesOverRollouts} for an example
 */
export function createStateValue(
  group: Group,
  critic: CriticView,
  settings: OptimizerSettings & Partial<ValueSettings & MemorySettings>,
): StateValue {
  const { team, agent, criticIdentityColumns } = group
  const { backend, agents } = team
  const seen = createTrajectoryInput(group, critic, { actions: false })
  const { hidden, activation, orthogonal, normaliseObservations = false } = team.criticNetwork
  const ends = orthogonal === undefined ? undefined : { ...orthogonal, output: 1 }
  const plainSpec = mlp(seen.size, hidden, 1, activation, {
    ...team.criticNetwork,
    orthogonal: ends,
    standardised: normaliseObservations ? seen.observed : 0,
    sets: seen.sets,
  })
  const { criticMemory = 0, chunkSteps = null } = settings
  if (criticMemory > 0 && backend.name !== 'simd') {
    throw new ConfigError(
      'learner.criticMemory',
      `expected 0, got ${criticMemory}: backend '${backend.name}' has no recurrent layers; run.backend=simd has`,
    )
  }
  const spec = criticMemory > 0 ? withMemory(plainSpec, criticMemory, ends && { orthogonal: 1 }) : plainSpec
  const network = backend.network(spec, team.random(agent.id, 'critic'))
  const statistics = createInputStatistics(network)
  const optimizer = optimizerOf(group, settings, network, 'critic')
  const mayBeAbsent = agents.some(each => each.mayBeAbsent === true)
  const { valueNorm = 'none', valueNormDecay = 0, huberDelta = null, valueClip = null } = settings
  if (valueClip !== null && valueNorm === 'none') {
    throw new ConfigError(
      'learner.valueClip',
      `expected null where V is in units of rewards, got ${valueClip}; learner.valueNorm=running or popArt gives it units of its own`,
    )
  }
  const running = valueNorm === 'none' ? null : createValueNorm(valueNormDecay)
  const norm = running !== null && valueNorm === 'popArt' ? withPopArt(running, network) : running
  const loss = createValueLoss({ huberDelta, valueClip })
  const gradients = growingMatrix(backend, 1)
  /** What the network was asked at the last `gradient`. */
  let latest: { readonly trajectory: Trajectory; readonly asked: Uint32Array } | null = null

  const seesTheSame =
    (critic === 'joint' || critic === 'state') &&
    group.indices.length > 1 &&
    criticIdentityColumns === 0 &&
    criticMemory === 0 &&
    !mayBeAbsent
  /** What the network is asked about some rows: each once where agents of the group see the same. */
  const askedAt = (trajectory: Trajectory, rows: Uint32Array) =>
    seesTheSame ? distinctRows(trajectory, rows) : { rows, places: null }

  /** Writes V at some rows. */
  const write = (
    trajectory: Trajectory,
    chosen: Uint32Array,
    when: 'observation' | 'nextObservation',
    to: Float64Array,
  ) => {
    const { mean, deviation } = norm ?? plain
    for (let from = 0; from < chosen.length; from += passRows) {
      const part = chosen.subarray(from, from + passRows)
      const { rows, places } = askedAt(trajectory, part)
      const { data } = network.infer(seen.of(trajectory, rows, when))
      for (let i = 0; i < part.length; i++) {
        const value = data[places === null ? i : places[i]!]!
        to[part[i]!] = norm === null ? value : mean + deviation * value
      }
    }
    return to
  }

  const memory = criticMemory > 0 ? createValueMemory(backend, network, chunkSteps) : null

  const gradient: StateValue['gradient'] = (chosen, targets, round, by = loss) => {
    const { trajectory, indices: rows, count } = chosen
    const { rows: asked, places } = askedAt(trajectory, rows)
    latest = { trajectory, asked }
    const input = seen.of(trajectory, asked, 'observation')
    const values = memory === null ? network.forward(input) : memory.forward(chosen, input, round!.memories!)
    const old = valueClip === null || by !== loss ? null : round!.values!
    const slopes = gradients(asked.length)
    slopes.data.fill(0)
    const { mean, deviation } = norm ?? plain
    const inUnits = (value: number) => (norm === null ? value : (value - mean) / deviation)
    let sum = 0
    for (let i = 0; i < rows.length; i++) {
      if (trajectory.present[rows[i]!] === 0) continue
      const value = values.data[places === null ? i : places[i]!]!
      const target = inUnits(targets[i]!)
      const before = old === null ? 0 : inUnits(old[rows[i]!]!)
      slopes.data[places === null ? i : places[i]!]! += by.slope(value, target, before) / count
      sum += by.of(value, target, before)
    }
    const valueLoss = finiteLoss(sum / count, group.name, 'critic')
    network.backward(slopes)
    return { valueLoss }
  }

  return {
    network,
    statistics,
    endRound: trajectory => statistics?.endRound(trajectory, rows => seen.of(trajectory, rows, 'observation')),
    parts: {
      criticOptimizer: optimizer,
      ...(running === null ? {} : { valueNorm: running }),
      ...(memory === null ? {} : { criticMemory: memory }),
    },
    isRecurrent: memory !== null,
    get units() {
      return norm ?? plain
    },
    of: (trajectory, when = 'observation') =>
      write(trajectory, trajectory.learnable, when, new Float64Array(trajectory.rows)),
    both(trajectory) {
      const { rows, learnable } = trajectory
      const others = rowsBeyond(trajectory, mayBeAbsent)
      const values = new Float64Array(rows)
      const nextValues = new Float64Array(rows)
      let memories: Float64Array = new Float64Array(0)
      if (memory === null) {
        write(trajectory, learnable, 'observation', values)
        write(trajectory, others, 'nextObservation', nextValues)
      } else {
        const { mean, deviation } = norm ?? plain
        const raw = memory.walk(trajectory, others, seen.of)
        for (const row of learnable) values[row] = mean + deviation * raw.values[row]!
        for (const row of others) nextValues[row] = mean + deviation * raw.nextValues[row]!
        ;({ memories } = raw)
      }
      fillNext(trajectory, mayBeAbsent, values, nextValues)
      return { values, nextValues, memories }
    },
    observe({ trajectory, indices }, targets) {
      if (norm === null) return
      const own = new Float64Array(indices.length)
      let count = 0
      for (const row of indices) if (trajectory.present[row] === 1) own[count++] = targets[row]!
      norm.take(own.subarray(0, count))
    },
    gradient,
    scores(noise) {
      const { trajectory, asked } = latest!
      const scores = gradients(asked.length)
      let count = 0
      for (let i = 0; i < asked.length; i++) {
        const present = trajectory.present[asked[i]!]!
        count += present
        scores.data[i] = present === 0 ? 0 : noiseNormal(noise, 2 * i, 2 * i + 1)
      }
      return { scores, count }
    },
    step() {
      const criticGradientNorm = gradientNorm(network)
      optimizer.step()
      return { criticGradientNorm }
    },
    fit(rows, targets) {
      const figures = gradient(rows, targets)
      optimizer.step()
      return figures
    },
  }
}

/** V as the network says it. */
const plain = { mean: 0, deviation: 1 }

// Counterfactual advantages and the targets of critics that judge actions (Foerster et al. 2018).
import type { Alternatives } from '../agents/alternatives.ts'
import { gae } from '../rollout/gae.ts'
import { nStepReturns } from '../rollout/returns.ts'
import type { Outcomes, Trajectory } from '../rollout/trajectory.ts'

/** [rows] A = Q(u) - sum_a pi(a) Q(a, u of the others), whose mean under pi is 0 in every row; of `rows`, 0 elsewhere. */
export function counterfactualAdvantages(
  q: ArrayLike<number>, // [rows, alternatives]
  probabilities: ArrayLike<number>, // [rows, alternatives]
  taken: ArrayLike<number>, // [rows]
  rows: Uint32Array,
  alternatives: number,
): Float64Array {
  const advantages = new Float64Array(taken.length)
  for (const row of rows) {
    const at = row * alternatives
    let baseline = 0
    for (let k = 0; k < alternatives; k++) baseline += probabilities[at + k]! * q[at + k]!
    advantages[row] = q[at + taken[row]!]! - baseline
  }
  return advantages
}

/** [rows * alternatives.count] The probabilities of all alternatives at the rows in which an agent was there, by the outputs of its policy; or at what follows some rows. */
export function probabilitiesOf(
  trajectory: Trajectory,
  outputs: ArrayLike<number>, // [rows, outputs]
  { count, probabilities }: Alternatives,
  isMasked: boolean,
  chosen: Uint32Array = trajectory.learnable,
  maskName: 'mask' | 'nextMask' = 'mask',
): Float64Array {
  const { rows } = trajectory
  const all = new Float64Array(rows * count)
  const columns = outputs.length / rows
  const mask = { rows: chosen.length, columns, data: new Float32Array(isMasked ? chosen.length * columns : 0) }
  if (isMasked) trajectory.copy(maskName, chosen, mask)
  chosen.forEach((row, i) => {
    probabilities(outputs, row * columns, all, row * count, isMasked ? mask.data : undefined, i * columns)
  })
  return all
}

export interface ActionTargets {
  /** [rows] What Q of what was done is fitted to. */
  readonly targets: Float64Array
  /** [rows] 1 where it is: what follows is known, or nothing does. */
  readonly counts: Float64Array
}

export interface ActionTargetConfig {
  readonly gamma: number
  readonly lambda: number
  /** Rewards that are summed before the next value counts; null: by lambda. */
  readonly targetSteps: number | null
  /** Of steps at which a time limit cut an episode. */
  readonly timeLimit: 'drop' | 'terminate'
}

/**
 * TD(lambda) or n-step targets from Q of what was done, then and next. What was done after an episode or a rollout was cut nobody knows: such
 * a row teaches nothing, and those before it end in its Q (so does coma_learner.py of EPyMARL).
 */
export function actionTargets(
  trajectory: Outcomes,
  values: Float64Array, // [rows]
  { gamma, lambda, targetSteps, timeLimit }: ActionTargetConfig,
): ActionTargets {
  const { sequences, present, terminated, truncated } = trajectory
  const ends = terminated.slice()
  const cuts = new Uint8Array(values.length)
  const nextValues = new Float64Array(values.length)
  const counts = new Float64Array(values.length)
  for (let row = 0; row < values.length; row++) {
    if (present[row] === 0) continue
    if (timeLimit === 'terminate' && truncated[row] === 1) ends[row] = 1
    if (ends[row] === 0 && (truncated[row] === 1 || present[row + sequences] !== 1)) cuts[row] = 1
    else if (ends[row] === 0) nextValues[row] = values[row + sequences]!
    counts[row] = 1 - cuts[row]!
  }
  const outcomes = { ...trajectory, terminated: ends, truncated: cuts }
  const targets =
    targetSteps === null
      ? gae(outcomes, values, nextValues, { gamma, lambda, timeLimit: 'drop' }).targets
      : nStepReturns(outcomes, gamma, targetSteps, values, nextValues, 'drop')
  return { targets, counts }
}

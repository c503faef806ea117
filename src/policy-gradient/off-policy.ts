// What off-policy actor-critics have in common, whatever their actions: settings, what a round begins with, and what is said of it.
import type { Distribution } from '../agents/distribution.ts'
import { distributionColumn } from '../columns.ts'
import { finiteLoss } from '../learning/finite-loss.ts'
import {
  blocks,
  boxActions,
  critics,
  discounting,
  optimisation,
  optimizerRules,
  sharing,
  values,
  withDefaults,
  without,
} from '../learning/options.ts'
import { segmentReplay } from '../learning/replayed-rollouts.ts'
import type { UpdateFigures } from '../learning/team-learner.ts'
import { explainedVariance } from '../rollout/moments.ts'
import { learntRows, type TimeLimit } from '../rollout/returns.ts'
import type { Rows } from '../rollout/rows.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import { count, type OptionValues, optionalReal } from '../settings/option.ts'
import type { Column, Matrix } from '../types.ts'
import { truncatedShare } from './actor-critic.ts'

/** Those of offpac, which acer has too. */
export const offPolicyOptions = {
  ...withDefaults(optimisation, { learningRate: 0.002, epsilon: 1e-5, clip: 10, clipBy: 'network' }),
  ...optimizerRules,
  ...boxActions,
  ...withDefaults(discounting, { gamma: 0.95 }),
  ...critics,
  ...withDefaults(sharing, { shareParameters: true }),
  ...withDefaults(without(blocks, 'advantageNorm'), { rolloutSteps: 20, lambda: 1 }),
  ...without(values, 'valueClip'),
  ...segmentReplay,
  ratioCap: optionalReal('largest ratio pi / mu that counts in full (c); null: all do', { above: 0 }, 10),
  duellingSamples: count(
    5,
    { min: 1 },
    'actions with boxes: how many of the policy, drawn anew, the advantage of what was done is measured against',
  ),
} as const

/** What is done about ratios that are truncated and steps that are long. */
export interface OffPolicySettings extends OptionValues<typeof offPolicyOptions> {
  /** Whether what `ratioCap` takes is made up for. */
  readonly biasCorrection: boolean
  /** Of the average policy, and how far a row may lead away from it; null: any way. */
  readonly averageDecay: number
  readonly averageRegion: number | null
}

/** The record of what an agent was drawn from when it acted, mu as a whole. */
export function behaviourRecord({ outputs }: Distribution): Column {
  return { name: distributionColumn, size: outputs }
}

/** [rows of the trajectory, outputs] The same at all rows. */
export function behaviourOf({ rows, copy }: Trajectory, { outputs }: Distribution): Matrix {
  const to = { rows, columns: outputs, data: new Float32Array(rows * outputs) }
  copy(
    distributionColumn,
    Uint32Array.from({ length: rows }, (_, row) => row),
    to,
  )
  return to
}

/** What a round begins with, beside what its kind of action asks for. */
export interface Judged {
  /** [rows] What Q of what was done is fitted to. */
  readonly targets: Float64Array
  /** [rows] 1 where it is learnt. */
  readonly counts: Float64Array
  /** The number of such rows, at least 1. */
  readonly counted: Float64Array
  /** explainedVariance, truncatedShare, meanRatio, cappedShare */
  readonly round: Float64Array
}

/** `q` of what was done and `ratios`, pi / mu of it, [rows] each. */
export function judgedBy(
  trajectory: Trajectory,
  { q, targets, ratios }: Readonly<Record<'q' | 'targets' | 'ratios', Float64Array>>,
  { timeLimit, ratioCap }: { readonly timeLimit: TimeLimit; readonly ratioCap: number | null },
): Judged {
  const rows = learntRows(trajectory, timeLimit)
  const counts = new Float64Array(trajectory.rows)
  let [sum, capped] = [0, 0]
  for (const row of rows) {
    counts[row] = 1
    sum += ratios[row]!
    if (ratioCap !== null && ratios[row]! > ratioCap) capped++
  }
  const counted = Math.max(1, rows.length)
  return {
    targets,
    counts,
    counted: Float64Array.of(counted),
    round: Float64Array.of(
      explainedVariance(q, targets, rows),
      truncatedShare(trajectory),
      sum / counted,
      capped / counted,
    ),
  }
}

/** Figures of a whole round. */
export function judgedFigures({ round }: Judged): UpdateFigures {
  const [explainedVariance, truncatedShare, meanRatio, cappedShare] = round as unknown as [number, number, number, number] // biome-ignore format: one line
  return { explainedVariance, truncatedShare, meanRatio, cappedShare }
}

/** What rows of a policy's step come to, as means over the rows in which the agent was there. */
export interface PolicySums {
  /** -sum w log pi, H, KL(average, policy), 1 where the region held. */
  readonly loss: number
  readonly entropy: number
  readonly divergence: number
  readonly held: number
}

/** @throws NonFiniteError when the loss is not finite */
export function policyFigures(
  { count }: Rows,
  { loss, entropy, divergence, held }: PolicySums,
  entropyWeight: number,
  isBound: boolean,
  of: string,
): UpdateFigures {
  finiteLoss((loss - entropyWeight * entropy) / count, of, 'actor')
  const ofRegion = isBound ? { averageDivergence: divergence / count, regionShare: held / count } : {}
  return { policyLoss: loss / count, entropy: entropy / count, ...ofRegion }
}

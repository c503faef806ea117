// What actor-critics over blocks of steps have in common: settings, the round that they learn from, and what is said of it.

import { ConfigError } from '../errors.ts'
import type { TeamContext } from '../learning/algorithm.ts'
import type { CriticView } from '../learning/critic-input.ts'
import {
  blocks,
  boxActions,
  critics,
  discounting,
  memories,
  optimisation,
  optimizerRules,
  sharing,
  type ValueSettings,
  values,
  withDefaults,
} from '../learning/options.ts'
import type { RolloutUpdatesConfig } from '../learning/rollout-updates.ts'
import type { StateValue } from '../learning/state-value.ts'
import type { UpdateFigures } from '../learning/team-learner.ts'
import type { ValuesOfRound } from '../learning/value-memory.ts'
import { explainedVariance, standardised } from '../rollout/moments.ts'
import { learntRows } from '../rollout/returns.ts'
import { type Grouping, type Rows, rowsPresent } from '../rollout/rows.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import { count, flag, type OptionValues } from '../settings/option.ts'

/** All but those of optimizers. */
export const blockOptions = {
  ...boxActions,
  ...withDefaults(discounting, { gamma: 0.99 }),
  ...critics,
  ...withDefaults(sharing, { shareParameters: true }),
  ...blocks,
  ...values,
  ...memories,
} as const

export const actorCriticOptions = {
  ...withDefaults(optimisation, { learningRate: 0.0007, epsilon: 1e-5, clip: 10, clipBy: 'network' }),
  ...optimizerRules,
  ...blockOptions,
} as const

/** Of those that learn from a round more than once. */
export const epochsOptions = {
  epochs: count(10, { min: 1 }, 'times that a round goes through what was played'),
  minibatches: count(1, { min: 1 }, 'parts of an epoch, a step of the optimizers each'),
} as const

/** Of those whose advantages may be in V's units, without being normalised. */
export const scaleOptions = {
  scaleAdvantages: flag(
    true,
    "whether advantages that are not normalised (advantageNorm none) are divided by the deviation in V's units (valueNorm)",
  ),
} as const

/** Advantages in V's units, where they are to be. */
export function scaled(
  advantages: Float64Array,
  { units }: Pick<StateValue, 'units'>,
  { scaleAdvantages, advantageNorm }: OptionValues<typeof scaleOptions> & Pick<ActorCriticSettings, 'advantageNorm'>,
): Float64Array {
  return scaleAdvantages && advantageNorm === 'none' ? advantages.map(a => a / units.deviation) : advantages
}

/** What a lag is, where weights play that are not the latest. */
export const lagMeans =
  'steps that the policy makes after the weights that play and before the step that is learnt from what they did'

export type ActorCriticSettings = Omit<OptionValues<typeof blockOptions>, keyof typeof sharing> & ValueSettings

/** What V sees where nobody says. */
export const defaultCritic = 'joint'

/** What a V sees that is one for a whole team. @throws ConfigError for what an agent alone would see of itself. */
export function teamCritic({ indices }: TeamContext, { critic }: Pick<ActorCriticSettings, 'critic'>): CriticView {
  const view = critic ?? defaultCritic
  if (indices.length === 1 || view === 'joint' || view === 'state') return view
  throw new ConfigError(
    'learner.critic',
    `expected joint or state, got ${view}: there is one V, that of the team, and no agent to whom something is its own`,
  )
}

/** How groups learn from their rows where a network remembers. @throws ConfigError for chunks that do not fit. */
export function groupingOf(
  team: TeamContext,
  { chunkSteps, rolloutSteps }: ActorCriticSettings,
  isRecurrent: boolean,
): Grouping {
  if (chunkSteps === null) return isRecurrent
  const refuse = (expected: string): never => {
    throw new ConfigError('learner.chunkSteps', `expected ${expected}, got ${chunkSteps}`)
  }
  if (!isRecurrent) refuse('null where no network remembers (network.memory, learner.criticMemory)')
  if (team.agents.some(agent => agent.mayBeAbsent === true)) {
    refuse('null where agents may be absent, since their sequences differ in length')
  }
  if (rolloutSteps % chunkSteps !== 0) refuse(`a part of learner.rolloutSteps=${rolloutSteps}`)
  return chunkSteps
}

/** The rollouts of some settings; each is gone through `epochs` times, in `minibatches` parts. */
export function roundOf(
  {
    rolloutSteps,
    critic,
    gamma,
    discountPer,
  }: Pick<ActorCriticSettings, 'rolloutSteps' | 'critic' | 'gamma' | 'discountPer'>,
  { epochs, minibatches }: { readonly epochs: number; readonly minibatches: number },
): RolloutUpdatesConfig {
  const view = critic ?? defaultCritic
  return {
    length: { steps: rolloutSteps },
    epochs,
    minibatches,
    isJoint: view === 'joint' || view === 'set',
    readsState: view === 'state',
    discount: { gamma, per: discountPer },
  }
}

/** What a round begins with: the advantages as they are learnt from, and how good the values were. */
export function judged(
  trajectory: Trajectory,
  { advantages, targets }: { readonly advantages: Float64Array; readonly targets: Float64Array },
  { values, memories }: Pick<ValuesOfRound, 'values' | 'memories'>,
  { advantageNorm, timeLimit }: Pick<ActorCriticSettings, 'advantageNorm' | 'timeLimit'>,
) {
  const rows = learntRows(trajectory, timeLimit)
  return {
    values,
    memories,
    targets,
    advantages: advantageNorm === 'round' ? standardised(advantages, rows) : advantages,
    /** explainedVariance, truncatedShare */
    round: Float64Array.of(explainedVariance(values, targets, rows), truncatedShare(trajectory)),
  }
}

/** The share of steps at which an episode was cut. */
export function truncatedShare({ learnable, truncated, terminated }: Trajectory): number {
  return learnable.filter(row => truncated[row] === 1 && terminated[row] === 0).length / learnable.length
}

/** The advantages of some rows of a minibatch, as they are learnt from. */
export function advantagesOf(
  rows: Rows,
  { advantages }: { readonly advantages: Float64Array },
  minibatch: Rows,
  { advantageNorm, timeLimit }: Pick<ActorCriticSettings, 'advantageNorm' | 'timeLimit'>,
): Float64Array {
  if (advantageNorm !== 'minibatch') return rows.of(advantages)
  let all = standardisedOf.get(minibatch)
  if (all === undefined) {
    const { trajectory } = minibatch
    const learnable = rowsPresent(minibatch)
    all = standardised(advantages, learntRows({ ...trajectory, learnable }, timeLimit))
    standardisedOf.set(minibatch, all)
  }
  return rows.of(all)
}

/** By minibatch, its advantages: once for all of its slices. */
const standardisedOf = new WeakMap<Rows, Float64Array>()

/** Figures of a whole round, said once. */
export function roundFigures({ round }: { readonly round: Float64Array }, epoch: number): UpdateFigures {
  return epoch === 0 ? { explainedVariance: round[0]!, truncatedShare: round[1]! } : {}
}

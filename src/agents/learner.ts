// A learner is one agent's networks and optimizers; an algorithm is a recipe that makes learners.
import type { Backend } from '../nn/backend.ts'
import type { OptionTable, OptionValues } from '../option.ts'
import type { Noise, Random } from '../random.ts'
import type { Schedule } from '../schedule.ts'
import type { AgentSpec, Batch, Matrix, Stateful } from '../types.ts'
import type { Actor, ActorConfig } from './actor.ts'
import type { Identity } from './identity.ts'

/** Figures of one update, by name: `criticLoss`, `actorLoss`, `value`. */
export type UpdateFigures = Readonly<Record<string, number>>

/** An agent as the others know it: a learner, or an opponent that does not learn. */
export interface Member extends Stateful {
  readonly actor: Actor
  /** What stands for the agent in others' targets; null: nobody can read it, as of a scripted opponent. */
  readonly targetActor: Actor | null
  /** Q(o, a), what its (first) critic expects of one row of everybody's observations and actions; absent: it has no critic. */
  value?(observations: readonly Matrix[], actions: readonly Matrix[]): number
}

export interface Learner extends Member {
  readonly targetActor: Actor
  /** Updates that it makes in a round, each from a batch of its own: one per sub-policy. */
  readonly subPolicies: number
  /**
   * One update from a batch; the roster is all agents in order, this one included. The batch holds transitions in which
   * sub-policy `subPolicy` acted.
   * @throws NonFiniteError when a loss or a gradient is not finite.
   */
  update(batch: Batch, roster: Roster, subPolicy?: number): UpdateFigures
}

export type Roster = readonly Member[]

/** What the update rule itself is set by. */
export interface LearnerConfig {
  readonly learningRate: Schedule
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** Largest L2 norm of each parameter tensor's gradient; null: none. */
  readonly clip: number | null
  /** Discount of the next value. */
  readonly gamma: number
  /** Rate of the soft target update. */
  readonly tau: number
  /** Weight of mean(outputs^2) in the actor's loss: logits, means and log deviations. */
  readonly logitPenalty: number
  /** What critics see: joint, all agents; local, their own alone; null: as the algorithm says. */
  readonly critic: 'joint' | 'local' | null
  /** Whether targets begin as copies; else with random weights of their own, as in the reference. */
  readonly copyTargets: boolean
  /** Whether rewards are divided by the running deviation of the agent's own. */
  readonly normaliseRewards: boolean
  /** Sub-policies per agent, one drawn per episode (Lowe et al. 2017, section 4.3). */
  readonly subPolicies: number
  /** Whether the others' policies are inferred from their actions (Lowe et al. 2017, section 4.2) instead of read. */
  readonly inferPolicies: boolean
  /** Weight of the entropy of an inferred policy (lambda). */
  readonly inferenceEntropy: number
}

export interface LearnerContext {
  readonly backend: Backend
  readonly agents: readonly AgentSpec[]
  /** Which of the agents this learner is. */
  readonly index: number
  readonly learner: LearnerConfig
  readonly network: ActorConfig
  /** Transitions in a batch. */
  readonly batch: number
  /** Agents whose policies nobody can read, by index: their actions are known from the replay buffer alone. */
  readonly unreadable: ReadonlySet<number>
  /** Environment steps so far: what schedules go by. */
  now(): number
  /** What learning rates are multiplied with, less than 1 once a run that diverged was rolled back; default: 1. */
  rateScale?(): number
  /** Named streams of this learner: `random('actor')`. */
  random(name: string): Random
  noise(name: string): Noise
  /** Makes a part of the learner, or gives the part of that name that agents with shared parameters have in common. */
  share<T>(name: string, make: () => T): T
  /** Who the agent is among those with shared parameters; default: alone. */
  readonly identity?: Identity
}

export interface Algorithm {
  readonly id: string
  readonly description: string
  /** All its settings: `learner.<key>`. */
  readonly options: OptionTable
  /** Why an agent cannot be trained by it, as a sentence; null when it can. */
  unsupported(agent: AgentSpec): string | null
  /** `options`: a value for each of its settings. */
  createLearner(context: LearnerContext, options?: Readonly<Record<string, unknown>>): Learner
}

/** Types an algorithm: `createLearner` gets the values of its options. */
export function defineAlgorithm<const O extends OptionTable = Record<never, never>>(algorithm: {
  readonly id: string
  readonly description: string
  readonly options?: O
  unsupported(agent: AgentSpec): string | null
  createLearner(context: LearnerContext, options: OptionValues<O>): Learner
}): Algorithm {
  const options: OptionTable = algorithm.options ?? {}
  const standard = Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default]))
  return {
    ...algorithm,
    options,
    createLearner: (context, given) => algorithm.createLearner(context, { ...standard, ...given } as OptionValues<O>),
  }
}

// A learner is one agent's networks and optimizers; an algorithm is a recipe that makes learners.
import type { Backend } from '../nn/backend.ts'
import type { Noise, Random } from '../random.ts'
import type { AgentSpec, Batch, Stateful } from '../types.ts'
import type { Actor, ActorConfig } from './actor.ts'

/** Figures of one update, by name: `criticLoss`, `actorLoss`, `value`. */
export type UpdateFigures = Readonly<Record<string, number>>

export interface Learner extends Stateful {
  readonly actor: Actor
  readonly targetActor: Actor
  /**
   * One update from a batch; the roster is all learners in agent order, this one included.
   * @throws NonFiniteError when a loss or a gradient is not finite.
   */
  update(batch: Batch, roster: Roster): UpdateFigures
}

export type Roster = readonly Learner[]

/** What the update rule itself is set by. */
export interface LearnerConfig {
  readonly learningRate: number
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
  /** Named streams of this learner: `random('actor')`. */
  random(name: string): Random
  noise(name: string): Noise
}

export interface Algorithm {
  readonly id: string
  readonly description: string
  /** Why an agent cannot be trained by it, as a sentence; null when it can. */
  unsupported(agent: AgentSpec): string | null
  createLearner(context: LearnerContext): Learner
}

// The contract of learning: one learner per team. It takes in what is played, says when it has to learn, and learns a little at a time.
import type { JointStep, Stateful } from '../types.ts'
import type { Member, Roster } from './member.ts'

/** Figures of one update, by name: `criticLoss`, `actorLoss`, `value`. */
export type UpdateFigures = Readonly<Record<string, number>>

/** One update, and whose it was: the id of an agent, or of several agents with shared parameters. */
export interface Update {
  readonly of: string
  readonly figures: UpdateFigures
  /** Whether it was the last of the learner's round. */
  readonly endsRound: boolean
}

/**
 * The learner of one team. Its state is what belongs to none of its members alone: where it stands in a round, a rollout. That of the
 * members (networks, optimizers) is saved by themselves.
 */
export interface TeamLearner extends Stateful {
  /** The agents of the team, in agent order. */
  readonly members: readonly Member[]
  /** Takes in a joint step of all games; the replay buffer, where there is one, holds it already. */
  take(step: JointStep): void
  /** Whether a round of updates is due or under way: until it is over no game is stepped. */
  readonly due: boolean
  /** Which agent the next update is of, by index; of an update of several agents the first. Teams that are due take turns by it. */
  readonly turn: number
  /**
   * One update of the round, about a tick's work (8 ms): of one agent, or of one minibatch. The roster is all agents, those of the team
   * included.
   * @throws NonFiniteError when a loss, a gradient or a parameter is not finite.
   */
  advance(roster: Roster): Update
}

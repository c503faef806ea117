// A member: one agent as the learners of all teams know it, whether it learns, was trained before, or follows a script.
import type { Actor } from '../agents/actor.ts'
import type { Policy } from '../agents/policy.ts'
import type { Noise, Random } from '../random.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import type { Column, Matrix, Stateful } from '../types.ts'
import type { CriticMoment } from './critic-input.ts'

/** One agent as the learners of all teams know it, whether it learns, was trained before or follows a script. */
export interface Member extends Stateful {
  readonly actor: Actor
  /** Who acts for it in training, where that is no longer or not only what learns, as earlier weights are; default: its actor. */
  readonly behaviour?: Actor
  /** A slower copy of the actor, for the targets of others; absent: they read the actor itself. */
  readonly targetActor?: Actor
  /** Whether others can read its actor; false: as of a scripted opponent, they know it by its actions alone. Default: true. */
  readonly isReadable?: boolean
  /** Q(o, a), what its (first) critic expects of one row of what there is to see and of everybody's actions; absent: it has no such critic. */
  value?(moment: CriticMoment, actions: readonly Matrix[]): number
  /** How it plays, where that is more than what its actor does; absent: its actor plays. */
  createPolicy?(streams: PolicyStreams): Policy
  /** Columns that acting leaves behind for learning, beside what the actor carries from step to step. Default: none. */
  readonly records?: readonly Column[]
  /** Told of the first member of a group when its round over a rollout is over. */
  endRound?(trajectory: Trajectory): void
}

/** Where a policy draws from: named streams of its agent and of its team, for the purpose that it plays for. */
export interface PolicyStreams {
  noise(name: string): Noise
  random(name: string): Random
  ofTeam(name: string): Random
  /** Makes a part, or gives the part of that name that policies made together have in common. */
  share<T>(name: string, make: () => T): T
}

/** All agents of a game, in agent order. */
export type Roster = readonly Member[]

/** What stands for an agent in the targets of others. */
export function targetActorOf({ actor, targetActor = actor }: Pick<Member, 'actor' | 'targetActor'>): Actor {
  return targetActor
}

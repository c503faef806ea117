// Learning by workers: each plays its share of the games and learns from that alone, one after the other, in the same order in every round (Mnih et al. 2016).
import type { GameShare } from '../agents/actor-of-games.ts'
import { createTrajectory } from '../rollout/trajectory.ts'
import type { TeamContext } from './algorithm.ts'
import { createGroupRounds, type Prepared, type RoundLearner } from './group-rounds.ts'
import { type Group, groupsOf } from './groups.ts'
import type { Member } from './member.ts'
import {
  learnerOver,
  type RolloutLearner,
  type RolloutUpdatesConfig,
  type RoundPart,
  rolloutOf,
} from './rollout-updates.ts'

/** A group, and how each worker learns from what its agents did in the worker's games. */
export interface WorkersLearner<P extends Prepared = Prepared> {
  /** Its agents, in order. */
  readonly members: readonly Member[]
  readonly workers: readonly RoundLearner<P>[]
}

/** `shares`: the games of each worker. Groups learn one after the other within the turn of a worker. */
export function updatesByWorkers<P extends Prepared>(
  team: TeamContext,
  shares: readonly GameShare[],
  config: RolloutUpdatesConfig,
  createLearner: (group: Group) => WorkersLearner<P>,
  part: RoundPart,
): RolloutLearner {
  const { agents, indices } = team
  const groups = groupsOf(team)
  const learners = groups.map(createLearner)
  const groupOf = (agent: number) => groups.findIndex(group => group.indices.includes(agent))
  const members = indices.map(agent => {
    const group = groupOf(agent)
    return learners[group]!.members[groups[group]!.indices.indexOf(agent)]!
  })
  const rollout = rolloutOf(
    team,
    config,
    members,
    agent => typeof learners[groupOf(agent)]!.workers[0]!.isRecurrent === 'number',
  )
  const turns = shares.flatMap((share, worker) =>
    groups.map((group, i) => ({ share, group, learner: learners[i]!.workers[worker]! })),
  )
  const source = {
    trajectory(of: readonly number[], turn: number) {
      const { from, to } = turns[turn]!.share
      const { source } = rollout
      return createTrajectory({ ...source, lanes: source.lanes.filter(({ game }) => from <= game && game < to) }, of)
    },
    forget: rollout.forget,
  }
  const rounds = createGroupRounds(
    source,
    turns.map(({ group }) => group),
    turns.map(({ learner }) => learner),
    team.random(agents[indices[0]!]!.id, 'minibatches'),
    config,
  )
  return learnerOver(rollout, rounds, members, part)
}

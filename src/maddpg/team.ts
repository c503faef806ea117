// The learner of a team with action-value critics: its agents learn one after the other, or those that share parameters together.
import { agentContexts } from '../learning/agent-context.ts'
import type { TeamContext } from '../learning/algorithm.ts'
import type { CriticView } from '../learning/critic-input.ts'
import { groupsOf } from '../learning/groups.ts'
import type { MaddpgSettings } from '../learning/options.ts'
import { groupUpdatesOverReplay, updatesOverReplay } from '../learning/replay-updates.ts'
import type { TeamLearner } from '../learning/team-learner.ts'
import type { ReplaySpec } from '../replay/view.ts'
import { createGroupParts, refuseTogether } from './group-parts.ts'
import { createParts, createReplayLearner, type Parts, type PolicyUpdate } from './parts.ts'

/**
 * `updateOf`: what an update of these parts is, of one agent or of a group. With `groupUpdate` agents that share parameters make one update
 * together: one batch, one pass of every network over the rows of all of them, one step along the mean of their gradients (Gupta, Egorov and
 * Kochenderfer 2017: one policy, trained with the experience of all). What they all see is multiplied once, so a round costs in proportion to
 * the number of agents.
 * @throws ConfigError for settings with which agents cannot learn together
 */
export function createTeamLearner(
  team: TeamContext,
  settings: MaddpgSettings & { readonly groupUpdate: boolean } & Pick<ReplaySpec, 'latest'>,
  sees: CriticView,
  updateOf: (parts: Parts) => PolicyUpdate,
): TeamLearner {
  const all = agentContexts(team).map(context => createParts(context, settings, sees))
  const learners = all.map(parts => createReplayLearner(parts, updateOf(parts)))
  if (!settings.groupUpdate) return updatesOverReplay(team, settings, learners)
  const turns = groupsOf(team).map(group => {
    const agent = group.indices[0]!
    const numbers = group.indices.map(index => team.indices.indexOf(index))
    if (numbers.length === 1) return { name: group.name, agent, learner: learners[numbers[0]!]! }
    refuseTogether(group, all[numbers[0]!]!)
    const parts = createGroupParts(
      group,
      numbers.map(number => all[number]!),
    )
    return { name: group.name, agent, learner: createReplayLearner(parts, updateOf(parts)) }
  })
  return groupUpdatesOverReplay(team, settings, learners, turns)
}

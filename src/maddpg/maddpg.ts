// MADDPG: multi-agent actor-critic with centralised critics and decentralised actors (Lowe et al. 2017, Algorithm 1).
import { unsupportedSpaces } from '../agents/head.ts'
import { defineAlgorithm } from '../learning/algorithm.ts'
import { groupUpdates, maddpgOptions } from '../learning/options.ts'
import { criticSlope, fitCritic, targetValues, updateTarget } from './critic.ts'
import { createCritic, type Parts, type PolicyUpdate } from './parts.ts'
import { currentInput, improveActor, nextInput, proposedInput, targetOf, updateTargetActor } from './steps.ts'
import { createTeamLearner } from './team.ts'

const options = { ...maddpgOptions, ...groupUpdates }

/** Every critic sees all observations and all actions. */
export const maddpg = defineAlgorithm({
  id: 'maddpg',
  description: 'centralised critics, decentralised actors (Lowe et al. 2017)',
  options,
  critics: 'joint',
  unsupported: unsupportedSpaces,
  createLearner: (team, settings) => createTeamLearner(team, settings, 'joint', updateOf),
})

/** Every critic sees its own agent alone: independent DDPG (Lillicrap et al. 2016) with the same update. */
export const ddpg = defineAlgorithm({
  id: 'ddpg',
  description: 'independent learners: critics see their own agent only (Lillicrap et al. 2016)',
  options,
  critics: 'local',
  unsupported: unsupportedSpaces,
  createLearner: (team, settings) => createTeamLearner(team, settings, 'local', updateOf),
})

function updateOf(parts: Parts): PolicyUpdate {
  const critic = createCritic(parts)

  return (batch, roster, policy) => {
    // Critic: minimise (Q(o, a) - y)^2 with y = r + gamma Q'(o', a'), a' drawn from all target actors.
    const target = targetOf(parts, batch, targetValues(critic, nextInput(parts, batch, roster)))
    const now = currentInput(parts, batch)
    const criticFigures = fitCritic(critic, now, target, batch, parts.present)

    // Actor: maximise Q(o, a) over the own action; the others' actions are those of the batch.
    const proposed = proposedInput(parts, now, batch, policy)
    const { actorLoss, gradient } = criticSlope(critic, proposed, parts.input.ownAction, parts.present)
    improveActor(parts, policy, gradient)

    // Targets come closer; agents later in this round see them.
    updateTargetActor(parts, policy)
    updateTarget(critic)
    return { ...criticFigures, actorLoss }
  }
}

// MADDPG: multi-agent actor-critic with centralised critics and decentralised actors (Lowe et al. 2017, Algorithm 1).
import { unsupportedSpace } from '../agents/head.ts'
import { defineAlgorithm, type Learner, type LearnerContext } from '../agents/learner.ts'
import { maddpgOptions } from '../learning/options.ts'
import type { ValueCritic } from './critic.ts'
import { createParts, type LearnerParts, type LearnerUpdate } from './parts.ts'

/** Every critic sees all observations and all actions. */
export const maddpg = defineAlgorithm({
  id: 'maddpg',
  description: 'centralised critics, decentralised actors (Lowe et al. 2017)',
  options: maddpgOptions,
  unsupported: agent => unsupportedSpace(agent.actionSpace),
  createLearner: context => createLearner(context, 'joint'),
})

/** Every critic sees its own agent alone: independent DDPG (Lillicrap et al. 2016) with the same update. */
export const ddpg = defineAlgorithm({
  id: 'ddpg',
  description: 'independent learners: critics see their own agent only (Lillicrap et al. 2016)',
  options: maddpgOptions,
  unsupported: agent => unsupportedSpace(agent.actionSpace),
  createLearner: context => createLearner(context, 'local'),
})

function createLearner(context: LearnerContext, criticInput: 'joint' | 'local'): Learner {
  const parts = createParts(context, criticInput)
  return parts.learner(updateOf(parts, parts.critic()))
}

/** The update of Algorithm 1 with a critic, whatever values that one tells. */
export function updateOf(parts: LearnerParts, critic: ValueCritic): LearnerUpdate {
  return (batch, roster, policy) => {
    // Critic: minimise (Q(o, a) - y)^2 with y = r + gamma Q'(o', a'), a' drawn from all target actors.
    const target = parts.target(batch, critic.targetValues(parts.next(batch, roster)))
    const criticFigures = critic.fit(parts.now(batch), target, batch, parts.present)

    // Actor: maximise Q(o, a) over the own action; the others' actions are those of the batch.
    const actorFigures = parts.improve(batch, policy, critic)

    // Targets follow; agents later in this round see them.
    parts.follow(policy)
    critic.follow()
    return { ...criticFigures, ...actorFigures }
  }
}

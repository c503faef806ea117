// What users build relatives of MADDPG from: the parts of a learner with action-value critics, and the steps of its update.
export {
  type Critic,
  criticSlope,
  fitCritic,
  targetValues,
  updateTarget,
} from './critic.ts'
export {
  createCritic,
  createParts,
  createReplayLearner,
  currentInput,
  discountsOf,
  improveActor,
  type NextActions,
  nextInput,
  type Parts,
  type PolicyUpdate,
  proposedAction,
  rewardsOf,
  targetOf,
  updateTargetActor,
  withOwnAction,
} from './parts.ts'
export type { LearningPolicy } from './sub-policies.ts'

// What users build relatives of MADDPG from: the parts of a learner with action-value critics, and the steps of its update.
export { type Critic, criticSlope, fitCritic, targetValues, updateTarget } from './critic.ts'
export { createCritic, createParts, createReplayLearner, type Parts, type PolicyUpdate } from './parts.ts'
export {
  currentInput,
  discountsOf,
  improveActor,
  type NextActions,
  nextInput,
  proposedInput,
  rewardsOf,
  targetOf,
  updateTargetActor,
} from './steps.ts'
export type { LearningPolicy } from './sub-policies.ts'

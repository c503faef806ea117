// What the figures of learning mean that stand in metrics lines: for TensorBoard and the page.

/** By name, without units of the agent or team that they are of. */
export const meanings: Readonly<Record<string, string>> = {
  criticLoss: 'Loss of the critic, or of the values of actions (vdn, qmix, facmac: of what they make together)',
  secondCriticLoss: 'Loss of the second critic',
  actorLoss: 'Loss of the actor (minus the mean value of its actions)',
  policyLoss: 'Loss of the policy (minus the mean of advantages times log-probabilities, or of the clipped surrogate)',
  valueLoss: 'Loss of the value function, mean of squared errors or as learner.huberDelta says',
  auxiliaryLoss: "Loss of the value head on the policy's network, in auxiliary phases",
  auxiliaryValueLoss: 'Loss of the value function in auxiliary phases',
  cloneDivergence: 'Divergence (nats) of the policy from what it was before the auxiliary phase',
  inferenceLoss: 'Loss of the inferred policies of others',
  inferenceKL: 'Kullback-Leibler divergence (nats) of the inferred policies from the true ones',
  entropy: 'Entropy (nats) of the actor',
  approximateKl:
    'Divergence (nats) of the policy from the one that played the rollout, approximated by (r - 1) - log r',
  divergence:
    'Divergence (nats) of the policy from the one that played the rollout, which the objective penalises, or a trust region bounds',
  meanRatio: 'Mean ratio of probabilities of what was done, by the policy and by the one that played it',
  cappedShare: 'Share of rows whose ratio of probabilities is above what counts in full',
  averageDivergence: 'Divergence (nats) of the policy from the average policy',
  regionShare: 'Share of rows in which the trust region around the average policy held',
  advantageGradientNorm: "Norm of the gradient of the duelling critic's advantages, before it is clipped",
  conjugateResidual: 'Norm of what conjugate gradients left over of the gradient, as a part of its own',
  stepPart: 'Part of the step to the edge of the trust region that was taken; 0: none, the policy stayed',
  clipFraction: 'Share of rows whose ratio of probabilities is beyond the clip',
  compoundDeviation:
    'Deviation of the product of the ratios of probabilities of the agents that learnt before in the round, whose mean is about 1',
  explainedVariance:
    "Share of the targets' variance that the value function had foreseen: 1 is all, 0 no more than a constant",
  truncatedShare: 'Share of steps at which a time limit cut an episode',
  actorGradientNorm: "Norm of the actor's gradient, before it is clipped",
  criticGradientNorm: "Norm of the critic's gradient, before it is clipped",
  actorStepScale: "What the trust region leaves of the actor's natural step: 1 is all",
  criticStepScale: "What the trust region leaves of the critic's natural step: 1 is all",
  similarity: 'Mean kernel between different particles: 1, all are equal; 0, each is far from all others',
  alpha: 'Weight of the entropy in the return',
  lag: 'Versions by which the weights that actors played with were older than those that learnt from it',
  clippedMass: "Probability beyond the critic's support",
}

// What the figures of learning mean that stand in metrics lines: for TensorBoard and the page.

/** By name, without units of the agent or team that they are of. */
export const meanings: Readonly<Record<string, string>> = {
  criticLoss: 'Loss of the critic, or of the values of actions (vdn, qmix: of what they make together)',
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
  divergence: 'Divergence (nats) of the policy from the one that played the rollout, which the objective penalises',
  clipFraction: 'Share of rows whose ratio of probabilities is beyond the clip',
  explainedVariance:
    "Share of the targets' variance that the value function had foreseen: 1 is all, 0 no more than a constant",
  truncatedShare: 'Share of steps at which a time limit cut an episode',
  actorGradientNorm: "Norm of the actor's gradient, before it is clipped",
  criticGradientNorm: "Norm of the critic's gradient, before it is clipped",
  alpha: 'Weight of the entropy in the return',
  clippedMass: "Probability beyond the critic's support",
}

// Settings that several algorithms have, in groups by what they are about: an algorithm's own are composed of them.
import {
  choice,
  count,
  flag,
  type OptionValues,
  optionalChoice,
  optionalCount,
  optionalReal,
  ratio,
  real,
  scheduled,
} from '../settings/option.ts'

/** How networks are changed by their gradients: Adam (Kingma and Ba 2015) in TensorFlow 1's form. */
export const optimisation = {
  learningRate: scheduled(0.01, { above: 0 }, 'step size of actors and critics, or its schedule'),
  actorLearningRate: optionalReal('step size of actors, where it is another; null: learningRate', { above: 0 }),
  criticLearningRate: optionalReal('step size of critics, where it is another; null: learningRate', { above: 0 }),
  beta1: real(0.9, { min: 0, below: 1 }, "decay of Adam's first moment"),
  beta2: real(0.999, { min: 0, below: 1 }, "decay of Adam's second moment"),
  epsilon: real(1e-8, { above: 0 }, "Adam's epsilon, in TensorFlow 1's place"),
  clip: optionalReal('largest L2 norm of a gradient; null: none', { above: 0 }, 0.5),
  clipBy: choice(['tensor', 'network'], 'whose norm clip bounds: each parameter tensor, or the whole network'),
} as const

/** Rules other than Adam (RmsPropConfig). `epsilon` is that of either. */
export const optimizerRules = {
  optimizer: {
    ...choice(
      ['adam', 'rmsProp', 'rmsPropTensorflow'],
      "rule of the optimizer: adam; rmsProp, in PyTorch's form; rmsPropTensorflow, epsilon within the root and squares that begin at 1",
    ),
    changes: 'never',
  },
  squareDecay: real(0.99, { min: 0, below: 1 }, "decay of RMSProp's mean of squares"),
} as const

/** The values of `optimisation`: learning rate, clipping, the optimiser and its constants. */
export type OptimisationSettings = OptionValues<typeof optimisation>

/** How policy gradients draw boxes. */
export const boxActions = {
  boxes: {
    ...choice(
      ['squashed', 'clipped', 'beta'],
      'how boxes are drawn: squashed, a Gaussian led into the bounds by tanh; clipped, a Gaussian cut off at them, whose deviation does not depend on the observation; beta, a Beta distribution within them',
    ),
    changes: 'never',
  },
} as const

/** What a reward is worth later. */
export const discounting = {
  gamma: ratio(0.95, 'discount of the next value'),
  discountPer: choice(
    ['ownStep', 'gameStep'],
    'what gamma counts of agents that wait: their own steps, or all steps of the game',
  ),
  timeLimit: choice(
    ['bootstrap', 'terminate', 'drop'],
    'where a time limit cuts an episode: bootstrap, what follows has its value; terminate, none; drop, nothing is learnt from that step',
  ),
} as const

/** When and from what learning over the shared replay buffer takes place. */
export const replayUpdates = {
  batch: count(1024, { min: 1 }, 'transitions in a batch'),
  updateEvery: count(100, { min: 1 }, 'environment steps between update rounds'),
  updateAfter: count(25_600, { min: 1 }, 'transitions in the replay buffer before the first update round'),
  returnSteps: count(
    1,
    { min: 1, max: 100 },
    'steps whose rewards are summed before the next value counts (n-step returns)',
  ),
  priority: {
    ...ratio(0, 'exponent of the TD error by which transitions are drawn; 0: uniformly'),
    changes: 'never',
  },
  importance: scheduled(
    0.4,
    { min: 0, max: 1 },
    'how far importance weights make up for prioritised draws, or its schedule',
  ),
  draws: choice(
    ['agent', 'round'],
    'agent: every update draws a batch of its own; round: one batch for all updates of a round',
  ),
} as const

/** Target networks. */
export const targets = {
  tau: ratio(0.01, 'rate of the soft target update'),
  copyTargets: flag(false, 'whether target networks begin as copies; else with weights of their own'),
} as const

/** How actors turn outputs into actions that a gradient passes through, and how they explore. */
export const reparameterised = {
  logitPenalty: real(1e-3, { min: 0 }, "weight of mean(logits^2) in the actor's loss"),
  // Far smaller ones take the logits beyond single precision.
  temperature: scheduled(1, { min: 0.001 }, 'temperature of the Gumbel-softmax, or its schedule'),
  estimator: choice(
    ['soft', 'straightThrough', 'gumbelRao', 'gapped'],
    'how gradients pass through choices: soft, straightThrough, gumbelRao, gapped',
  ),
  estimatorSamples: count(
    10,
    { min: 1, max: 1000 },
    'soft samples of which estimator gumbelRao takes the mean gradient',
  ),
  exploration: choice(
    ['policy', 'gaussian', 'ornsteinUhlenbeck'],
    "how boxes explore: policy, by the actor's own deviation; gaussian or ornsteinUhlenbeck, noise added to its action",
  ),
  explorationScale: scheduled(
    0.1,
    { min: 0 },
    'deviation of added exploration noise, as a part of half the width of the box',
  ),
} as const

/** What critics see: value critics the observations, action-value critics all actions too. */
export const critics = {
  critic: {
    ...optionalChoice(
      ['joint', 'local', 'state', 'set'],
      "what critics see: joint, all agents; local, their own alone; state, the world's own state; set, all agents as sets that fit any number; null: as the algorithm says",
    ),
    changes: 'never',
  },
} as const

/** In which unit critics judge. */
export const rewardUnits = {
  normaliseRewards: {
    ...flag(false, "whether rewards are divided by the deviation of the agent's own"),
    changes: 'never',
  },
} as const

/** Policies of others that are inferred instead of read (Lowe et al. 2017, section 4.2). */
export const inference = {
  inferPolicies: {
    ...flag(false, "whether the others' policies are inferred from their actions, not read"),
    changes: 'never',
  },
  inferenceEntropy: real(1e-3, { min: 0 }, 'weight of the entropy of inferred policies (lambda)'),
} as const

/** Several policies of one agent (Lowe et al. 2017, section 4.3). */
export const ensembles = {
  subPolicies: {
    ...count(1, { min: 1, max: 32 }, 'sub-policies of each agent, one drawn per episode'),
    changes: 'never',
  },
} as const

/** Whether agents of a team share parameters, and are told apart by a one-hot. */
export const sharing = {
  shareParameters: {
    ...flag(false, 'whether agents of one team with equal spaces have their networks in common'),
    changes: 'never',
  },
  identity: {
    ...flag(
      true,
      'whether agents that share parameters are told apart by a one-hot of their number; false: networks fit teams of any size',
    ),
    changes: 'never',
  },
} as const

/** Whether those who share parameters learn together. */
export const groupUpdates = {
  groupUpdate: {
    ...flag(
      false,
      'whether agents that share parameters learn in one update, from one batch, by the mean of their gradients; false: one after the other',
    ),
    needs: 'shareParameters',
    changes: 'never',
  },
} as const

/** Blocks of steps that policy gradients learn from. */
export const blocks = {
  rolloutSteps: count(128, { min: 1 }, 'steps of every game that a round learns from'),
  lambda: ratio(
    0.95,
    'what longer returns count in advantages (GAE) and targets (TD(lambda)): 0, one reward and the next value; 1, all rewards',
  ),
  entropyWeight: scheduled(0.01, { min: 0 }, 'weight of the entropy of the policy, or its schedule'),
  advantageNorm: choice(
    ['round', 'minibatch', 'none'],
    'over what advantages are brought to mean 0 and deviation 1: all rows of a round, those of a minibatch; none',
  ),
} as const

/** How V comes closer to its targets. */
export const values = {
  valueNorm: {
    ...choice(
      ['running', 'popArt', 'none'],
      'units of V: running, mean and deviation of its targets; popArt, the same, and what it says stays when they move; none, of rewards',
    ),
    changes: 'never',
  },
  valueNormDecay: real(0.99999, { min: 0, below: 1 }, 'decay of the running mean and deviation in a minibatch'),
  huberDelta: optionalReal(
    "error, in V's units, at which its loss goes from half the square to a line; null: the square",
    { above: 0 },
    10,
  ),
  valueClip: optionalReal("how far V may gain by moving in a round, in V's units (wants valueNorm); null: any way", {
    above: 0,
  }),
} as const

/** Networks that remember, over blocks of steps. */
export const memories = {
  criticMemory: {
    ...count(0, {}, 'units of a recurrent layer of V; 0: it remembers nothing'),
    changes: 'never',
  },
  chunkSteps: {
    ...optionalCount(
      'steps after which gradients of networks that remember are cut, a part of rolloutSteps; null: nowhere',
      { min: 1 },
    ),
    changes: 'never',
  },
} as const

/** The values of `memories`: of networks that remember. */
export type MemorySettings = OptionValues<typeof memories>

/** The values of `values`: of V, the value of states. */
export type ValueSettings = OptionValues<typeof values>

/** All settings of MADDPG, which its relatives have too. */
export const maddpgOptions = {
  ...optimisation,
  ...discounting,
  ...replayUpdates,
  ...targets,
  ...reparameterised,
  ...critics,
  ...rewardUnits,
  ...inference,
  ...ensembles,
  ...sharing,
} as const

/** Their values. */
export type MaddpgSettings = OptionValues<typeof maddpgOptions>

/** The same options with other defaults, as an algorithm is meant to be run. */
export function withDefaults<const O extends Readonly<Record<string, { readonly default: unknown }>>>(
  options: O,
  defaults: { readonly [K in keyof O]?: O[K]['default'] },
): O {
  const changed = Object.entries(options).map(([name, option]) =>
    Object.hasOwn(defaults, name) ? [name, { ...option, default: defaults[name] }] : [name, option],
  )
  return Object.fromEntries(changed) as O
}

/** The same options without some. */
export function without<const O extends object, K extends keyof O>(options: O, ...names: readonly K[]): Omit<O, K> {
  const kept = Object.entries(options).filter(([name]) => !(names as readonly PropertyKey[]).includes(name))
  return Object.fromEntries(kept) as Omit<O, K>
}

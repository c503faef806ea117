// Named layers of settings over the defaults, and what all training runs begin with.

/** Some settings, by section and key. */
type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>

export interface Preset {
  /** The algorithms that its settings of `learner` are for, the first of them where nobody says another; null: it has none, and is for every algorithm. */
  readonly algorithms: readonly string[] | null
  readonly settings: Settings
}

/** What a training run begins with where the game has such an option: the rules of the paper's code. */
export const trainingDefaults: Settings = { scenario: { rules: 'openai' } }

/** MAPPO's official settings for particle worlds: marlbenchmark/on-policy at de66d7a, onpolicy/config.py and scripts/train_mpe_scripts/train_mpe_spread.sh. */
const onPolicy = {
  learner: {
    critic: 'joint',
    identity: false,
    learningRate: 0.0007,
    epsilon: 1e-5,
    clip: 10,
    clipBy: 'network',
    gamma: 0.99,
    lambda: 0.95,
    timeLimit: 'terminate',
    rolloutSteps: 25,
    // 15 for other worlds than simple_spread.
    epochs: 10,
    minibatches: 1,
    ratioClip: 0.2,
    entropyWeight: 0.01,
    advantageNorm: 'round',
    valueNorm: 'running',
    valueNormDecay: 0.99999,
    valueClip: 0.2,
    huberDelta: 10,
  },
  // --use_ReLU of that script switches ReLU off.
  network: {
    hidden: [64, 64],
    activation: 'tanh',
    inputNorm: true,
    layerNorm: true,
    layerNormPlace: 'after',
    initialisation: 'orthogonal',
  },
  // 10 million steps; the script has 20.
  run: { games: 128, episodes: 400_000 },
} as const

export const presets: Readonly<Record<string, Preset>> = {
  // The defaults are openai/maddpg exactly.
  openai: { algorithms: null, settings: {} },
  // Found by scripts/search-modern.mjs; the search and its results are in docs/search/modern.md.
  modern: {
    algorithms: ['maddpg'],
    settings: {
      learner: {
        learningRate: { from: 0.003, to: 0.0005, steps: 625_000, shape: 'exponential' },
        gamma: 0.8,
        batch: 256,
        updateEvery: 12,
        copyTargets: true,
        shareParameters: true,
      },
      run: { episodes: 25_000 },
    },
  },
  mappo: { algorithms: ['ppo'], settings: onPolicy },
  // Its chunks of 10 steps are no part of 25: gradients go through the whole rollout.
  rmappo: {
    algorithms: ['ppo'],
    settings: {
      ...onPolicy,
      learner: { ...onPolicy.learner, criticMemory: 64 },
      network: { ...onPolicy.network, memory: 64 },
    },
  },
  ippo: { algorithms: ['ppo'], settings: { ...onPolicy, learner: { ...onPolicy.learner, critic: 'local' } } },
  // Found by scripts/search-modern-ppo.mjs; the search and its results are in docs/search/modern-ppo.md.
  'modern-ppo': {
    algorithms: ['ppo'],
    settings: {
      ...onPolicy,
      learner: {
        ...onPolicy.learner,
        critic: 'local',
        identity: true,
        learningRate: { from: 0.001, to: 0.0001, steps: 5_000_000, shape: 'linear' },
        gamma: 0.8,
        timeLimit: 'bootstrap',
        epochs: 5,
        minibatches: 4,
        entropyWeight: { from: 0.01, to: 0, steps: 5_000_000, shape: 'linear' },
        valueClip: null,
      },
      run: { games: 32, episodes: 200_000 },
    },
  },
  // JaxMARL's baselines/IPPO/ippo_ff_mpe.py and config/ippo_ff_mpe.yaml, but for its clip of V in units of rewards; actor and critic have
  // optimizers of their own here, so that its weight of the value loss, 0.5, is Adam's to undo.
  jaxmarl: {
    algorithms: ['ppo'],
    settings: {
      learner: {
        critic: 'local',
        identity: false,
        learningRate: { from: 0.00025, to: 1e-9, steps: 10_000_000, shape: 'linear' },
        epsilon: 1e-5,
        clip: 0.5,
        clipBy: 'network',
        gamma: 0.99,
        lambda: 0.95,
        timeLimit: 'terminate',
        rolloutSteps: 128,
        epochs: 4,
        minibatches: 4,
        ratioClip: 0.2,
        entropyWeight: 0.01,
        advantageNorm: 'minibatch',
        valueNorm: 'none',
        valueClip: null,
        huberDelta: null,
      },
      network: { hidden: [64, 64], activation: 'tanh', initialisation: 'orthogonal', hiddenGain: Math.SQRT2 },
      run: { games: 16, episodes: 400_000 },
    },
  },
  // EPyMARL's src/config/algs/maa2c.yaml at cbc38c0: advantages of a round are normalised in place of rewards, and V has no target network.
  maa2c: {
    algorithms: ['a2c'],
    settings: {
      learner: {
        critic: 'joint',
        learningRate: 0.0005,
        epsilon: 1e-8,
        clip: 10,
        clipBy: 'network',
        gamma: 0.99,
        rolloutSteps: 25,
        advantageSteps: 5,
        entropyWeight: 0.01,
        advantageNorm: 'round',
        valueNorm: 'none',
        huberDelta: null,
      },
      network: { hidden: [128, 128], memory: 128 },
      run: { games: 10, episodes: 800_000 },
    },
  },
}

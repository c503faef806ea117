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
}

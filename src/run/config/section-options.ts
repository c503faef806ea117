// The options of a run that no game and no algorithm brings: how it is carried out, its networks and its replay buffer.
import {
  choice,
  count,
  counts,
  flag,
  flagOrText,
  type Option,
  optionalCount,
  optionalReal,
  part,
  ratio,
  real,
  text,
} from '../../settings/option.ts'

/** Settings of an author that change nothing that is learnt: how far, how fast and how often is written. */
const beside = { immaterial: true } as const
/** Of those, what a run that goes on may change too. */
const everyStart = { changes: 'resume', immaterial: true } as const
/** States are made by it: nothing that was learnt would fit, or mean the same. */
const fixed = { changes: 'never' } as const
/** A run that goes back to its checkpoints is another one with others. */
const checkpoints = { immaterial: { unless: { divergence: 'rollback' } } } as const

export const runOptions = {
  preset: { ...text('openai', 'the named layer of settings below the overrides'), ...beside },
  seed: count(1, { max: 0xffffffff }, 'every random number of the run follows from it'),
  episodes: {
    ...(count(60_000, { min: 1 }, 'training episodes; null: run.steps says how long') as Option<number | null>),
    kind: 'optionalCount',
    ...everyStart,
  },
  steps: {
    ...optionalCount('environment steps to train for, in place of run.episodes; null: those say how long', { min: 1 }),
    ...everyStart,
  },
  games: { ...count(1, { min: 1 }, 'games stepped side by side'), ...fixed },
  actors: {
    ...optionalCount(
      'actors that play the games, run.games / run.actors each, while the learners learn from what they played before; null: the games are played step by step between updates',
      { min: 1, max: 4096 },
    ),
    ...fixed,
  },
  lag: {
    ...count(
      1,
      { max: 64 },
      'of actors: batches by which the weights that they play with are older than those that learn from what they play; 0: they wait for the learners',
    ),
    ...fixed,
  },
  trajectorySteps: {
    ...optionalCount(
      'of actors: steps of a trajectory, which is played with the same weights; null: as many as the rollouts of all teams have, else 25',
      { min: 1, max: 100_000 },
    ),
    ...fixed,
  },
  actorOrder: {
    ...choice(
      ['fixed', 'arrival'],
      'of actors: fixed, which weights play what follows from run.lag, so that any number of threads gives the same bits; arrival, the newest play: not reproducible',
    ),
    ...fixed,
  },
  actorThreads: {
    ...optionalCount(
      "of actors: threads that play, beside the learners'; 0: the learners' own plays; null: as many as run.threads where that is more than 1. Results are the same for any number",
      { max: 64 },
    ),
    ...everyStart,
  },
  verifyActors: {
    ...ratio(
      0,
      'of actors on other machines: share of what they play that is played again before it is learnt from, from one of their states to the next; 1: all, so that no lie is learnt from. Results are the same for any',
    ),
    ...everyStart,
  },
  backend: text('simd', 'what runs the networks: simd, tfjs'),
  tfjs: choice(
    ['auto', 'tensorflow', 'wasm', 'cpu'],
    'what carries the tensors of backend tfjs; auto: native TensorFlow if it loads, else wasm, else cpu',
  ),
  threads: {
    ...optionalCount(
      'threads that share the work: of the simd backend, and of games whose steps take long enough; null: one per core. Results are the same for any number',
      { min: 1, max: 64 },
    ),
    ...everyStart,
  },
  kernels: {
    ...choice(
      ['standard', 'relaxed', 'blas'],
      "relaxed: fused multiply-add where the engine has relaxed SIMD; blas: learning's products by a native library; other bits than standard",
    ),
    ...fixed,
  },
  blas: {
    ...text(
      'any',
      'name, version and core of the library that kernels=blas must find; the config.json of a run keeps its own',
    ),
    ...fixed,
    ...beside,
  },
  logEvery: { ...count(100, { min: 1 }, 'episodes between lines of metrics.jsonl'), ...beside },
  logSteps: {
    ...count(
      25_000,
      {},
      'environment steps without a line of metrics.jsonl after which one is written; 0: by episodes alone',
    ),
    ...beside,
  },
  checkpointEvery: { ...count(10_000, { min: 1 }, 'episodes between checkpoints'), ...checkpoints },
  checkpointSteps: {
    ...count(0, {}, 'environment steps between checkpoints, beside those by episodes; 0: none'),
    ...checkpoints,
  },
  checkpointMinutes: {
    ...real(
      10,
      { min: 0, max: 10_000 },
      'minutes without a checkpoint after which one is written, to be replaced by the next; 0: none',
    ),
    ...everyStart,
  },
  evaluateEvery: {
    ...count(
      0,
      {},
      'episodes between evaluations, a multiple of run.logEvery or rounded up to one; 0: none while training',
    ),
    ...beside,
  },
  evaluateEpisodes: {
    ...count(100, { min: 1 }, 'episodes of such an evaluation, rounded up to a multiple of 50'),
    ...beside,
  },
  evaluateMode: {
    ...choice(
      ['greedy', 'sample'],
      'how actors play in such an evaluation: sample, as in training; greedy, their best guess',
    ),
    ...beside,
  },
  keepCheckpoints: {
    ...count(2, { min: 1, max: 1000 }, 'newest checkpoints kept; with two, one is left where the newest is damaged'),
    ...everyStart,
  },
  keepBest: {
    ...flagOrText(
      false,
      /^(return|evaluation)(\/.+)?$/,
      'return, evaluation, or either with a team or an agent like return/adversary',
      'whether the actors with the best return are kept too: return (or true), by the training return; evaluation, by the evaluations of run.evaluateEvery; mean over all agents, or of a team as return/adversary',
    ),
    ...everyStart,
  },
  summaryEpisodes: {
    ...count(1000, {}, 'episodes of each evaluation in the table at the end of `marlstrom train`; 0: no table'),
    ...beside,
  },
  tensorboard: {
    ...flag(true, 'whether the lines of metrics.jsonl are written as TensorBoard events too'),
    ...beside,
  },
  csv: {
    ...flag(false, 'whether the lines of metrics.jsonl are written as rows of metrics.csv too'),
    ...beside,
  },
  hookSeconds: {
    ...real(
      5,
      { min: 0, max: 1e6 },
      "seconds of processor time that a function of a user's game may take before it is named and the process ended; 0: any number",
    ),
    ...everyStart,
  },
  divergence: choice(
    ['stop', 'rollback'],
    'when a loss, gradient or parameter is no number: stop, or rollback to the last checkpoint and learn slower',
  ),
  rollbacks: count(3, { min: 1, max: 100 }, 'rollbacks before the run stops all the same'),
  rollbackFactor: real(0.5, { above: 0, below: 1 }, 'what every rollback multiplies learning rates with'),
} as const

/** What the networks of actors and those of critics may have of their own. */
const layerOptions = {
  hidden: { ...counts([64, 64], 'units of each hidden layer'), ...fixed },
  activation: {
    ...choice(['relu', 'leakyRelu', 'elu', 'tanh'], 'activation of the hidden layers: relu, leakyRelu, elu, tanh'),
    ...fixed,
  },
  layerNorm: { ...flag(false, 'whether hidden layers are normalised'), ...fixed },
  layerNormPlace: {
    ...choice(['before', 'after'], 'where network.layerNorm normalises: before the activation, or after it'),
    ...fixed,
  },
  inputNorm: { ...flag(false, 'whether what networks read is normalised, row by row'), ...fixed },
  initialisation: {
    ...choice(
      ['xavier', 'orthogonal'],
      'first weights: xavier, uniform; orthogonal, with the gain network.hiddenGain in hidden layers, 1 in recurrent ones, 0.01 where actors and 1 where critics end',
    ),
    ...fixed,
  },
  hiddenGain: {
    ...optionalReal('gain of orthogonal weights of hidden layers; null: sqrt 2, of tanh 5/3', { above: 0 }),
    ...fixed,
  },
} as const

export const networkOptions = {
  ...layerOptions,
  actor: {
    ...part(layerOptions, 'those of the settings above that are others for actors, like {"hidden": [32]}'),
    ...fixed,
  },
  critic: { ...part(layerOptions, 'those of the settings above that are others for critics'), ...fixed },
  setUnits: {
    ...counts([32], 'units of each layer that the pieces of sets go through before they are pooled'),
    ...fixed,
  },
  normaliseObservations: {
    ...flag(
      false,
      'whether each number that networks see is brought to mean 0 and deviation 1 by all seen so far, no further than 10 from 0; of algorithms that learn from rollouts',
    ),
    ...fixed,
  },
  memory: { ...count(0, { max: 1024 }, 'units of a recurrent layer (GRU) in the actors; 0: none'), ...fixed },
  memorySteps: count(8, { min: 1, max: 1000 }, 'steps that learning goes back through the memory of an actor'),
} as const

export const replayOptions = {
  capacity: count(
    1_000_000,
    { min: 1 },
    'transitions kept, taken as they come; where 2 GB hold fewer, they are the default',
  ),
} as const

/** The sections of settings whose names do not depend on game or algorithm. */
export const sectionOptions = { replay: replayOptions, network: networkOptions, run: runOptions } as const

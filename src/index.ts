// The public names of marlstrom, in groups by the way of the data: from settings and games to play, learning, runs and viewers.

// Errors and numbers: what everything else is made of.

export { portableMath } from './elementary.ts'
export { ConfigError, FileError, NonFiniteError } from './errors.ts'
export { createNoise, createRandom, type Noise, type Random } from './random.ts'
export { type ActionPart, type ActionSpace, actionSize } from './spaces.ts'
export type {
  AgentSpec,
  Batch,
  Column,
  JointStep,
  Matrix,
  NamedMatrix,
  ObservationPart,
  Saved,
  Seen,
  Stateful,
} from './types.ts'

// Settings: options as data, with bounds and help.

export {
  choice,
  count,
  counts,
  flag,
  type Option,
  type OptionTable,
  type OptionValues,
  optionalChoice,
  optionalCount,
  optionalReal,
  ratio,
  real,
  scheduled,
  text,
} from './settings/option.ts'
export { type Schedule, valueAt } from './settings/schedule.ts'

// Games: their contract, by name, checked and saved.

export { type LoadedScenario, loadScenario } from './authoring/load-scenario.ts'
export { type CheckSettings, checkGame, describeProblem, type GameProblem, type GameReport } from './envs/check-game.ts'
export type { Frame, FrameEntity, FrameField, FrameSchema, PictureSchema } from './envs/frame.ts'
export { agentsOf } from './envs/game-agents.ts'
export { defineGame, type GameDefinition } from './envs/game-definition.ts'
export type { GameHandles } from './envs/game-handles.ts'
export type { MarkovGame } from './envs/markov-game.ts'
export {
  type ObservationSpace,
  type ParallelAction,
  type ParallelGame,
  type ParallelInfo,
  type ParallelReset,
  type ParallelStep,
  parallelGame,
} from './envs/parallel-game.ts'
export { findGame, gameOf, games, scenarios } from './run/run.ts'

// Particle worlds: what a scenario is written with, and the recorded traces that worlds are held against.

export type { ParticleAct } from './envs/particle-actions.ts'
export { createParticleGame, type ParticleGame } from './envs/particle-game.ts'
export * from './envs/scenario.ts'
export { parseTrace, type Trace, traceRules } from './envs/trace.ts'
export { type Differences, replayTrace, type TraceResult } from './envs/trace-replay.ts'

// Games on grids: cells, things, moves and collisions.

export type { CollisionRule } from './grids/collisions.ts'
export { defineGrid, type GridGameDefinition } from './grids/define-grid.ts'
export type { GridDefinition } from './grids/grid-definition.ts'
export type { GridAgent, Thing } from './grids/grid-entities.ts'
export type { GridGame } from './grids/grid-game.ts'
export { type Cell, type Direction, directions } from './grids/grid-map.ts'
export type { GridWorld } from './grids/grid-world.ts'
export { stepTowards, turnTowards } from './grids/paths.ts'

// Play: policies, many games side by side, steps as streams.

export type { Act, Policy } from './agents/policy.ts'
export { fastClock, realTimeClock, stepClock, type Tick } from './engine/clock.ts'
export { createEpisodeTracker, type Episode, episodes } from './engine/episodes.ts'
export {
  defineOperator,
  type OperatorContext,
  type OperatorDefinition,
  type OperatorParts,
  withRewards,
} from './engine/operator.ts'
export { actAll, simulate } from './engine/simulate.ts'
export { createVectorGame, type VectorGame } from './envs/vector-game.ts'
export { checkOperator, type OperatorCheck } from './run/check-operator.ts'
export { policiesOf, trainedPolicies } from './run/run.ts'
export {
  type ActingAgent,
  definePolicy,
  type PolicyDefinition,
  type PolicySeat,
  type Sight,
  type WrittenAction,
  writtenPolicy,
} from './run/written-policy.ts'

// Networks: backends, layers, optimisers' contracts.

export type { Backend, Optimizer } from './nn/backend.ts'
export { type CurvatureNetwork, type LayerStatistics, withCurvature } from './nn/curvature.ts'
export { mlp, type Network, type NetworkSpec } from './nn/network.ts'
export { type Memory, type RecurrentNetwork, stateSize, withSequence } from './nn/recurrence.ts'
export { type SetPlace, setPlacesOf } from './nn/sets.ts'
export { createSimdBackend } from './nn/simd/backend.ts'
export { type Blas, loadBlas } from './nn/simd/blas/load-blas.ts'

// Experience: what was played, kept for learning: the replay buffer and rollouts.

export type { Draw } from './replay/draw.ts'
export {
  type BatchConfig,
  createBatch,
  createJointReplay,
  type JointReplay,
  type JointReplayConfig,
} from './replay/joint-replay.ts'
export { type AdvantageConfig, type Advantages, gae } from './rollout/gae.ts'
export { explainedVariance, type Moments, momentsOf, standardised } from './rollout/moments.ts'
export { discountedReturns, meanAtStep, meanOfOthersAtStep, nStepReturns } from './rollout/returns.ts'
export type { RolloutDiscount } from './rollout/row-places.ts'
export { blockOf, type Grouping, type Rows } from './rollout/rows.ts'
export type { Trajectory } from './rollout/trajectory.ts'

// Learning: what algorithms are made of.

export { type BoxKind, createDistribution, type Distribution, type Taken } from './agents/distribution.ts'
export { createFisher, type Fisher } from './agents/fisher.ts'
export { unsupportedSpaces } from './agents/head.ts'
export { type AgentContext, agentContexts } from './learning/agent-context.ts'
export { type Algorithm, defineAlgorithm, type TeamContext } from './learning/algorithm.ts'
export { finiteLoss } from './learning/finite-loss.ts'
export type { Prepared, RoundLearner, SlicedLearning } from './learning/group-rounds.ts'
export { type Group, groupsOf } from './learning/groups.ts'
export { learningMembers } from './learning/learning-members.ts'
export type { Member, Roster } from './learning/member.ts'
export { createOptimizer, type ScheduledOptimizer } from './learning/optimizer.ts'
/** Settings in groups, as the algorithms that ship have them: spread those that yours has, too, into its `options`. */
export * as optionGroups from './learning/options.ts'
export { type OptimisationSettings, withDefaults } from './learning/options.ts'
export { type ReplayLearner, type ReplayUpdates, updatesOverReplay } from './learning/replay-updates.ts'
export { type GroupLearner, type RolloutUpdatesConfig, updatesOverRollouts } from './learning/rollout-updates.ts'
export { createStateValue, type StateValue } from './learning/state-value.ts'
export {
  createStochasticPolicy,
  type DivergencePenalty,
  type PolicyAtRows,
  type PolicyFigures,
  type StochasticPolicy,
} from './learning/stochastic-policy.ts'
export type { TeamLearner, Update, UpdateFigures } from './learning/team-learner.ts'
export type { ValuesOfRound } from './learning/value-memory.ts'
/** What MADDPG and its relatives share: critics, their targets, and the steps of an update one by one. */
export * as maddpgParts from './maddpg/public-parts.ts'
export { loadAlgorithm, loadPolicy } from './run/player-file.ts'
export { algorithms } from './run/run.ts'

// Runs: trainings from their settings, and what they leave on disk.

export type { CheckpointChoice } from './experiment/checkpoint-files.ts'
export { csvSink } from './experiment/csv-sink.ts'
export { isDone } from './experiment/done.ts'
export { createTrainingReturns, type MetricsLine } from './experiment/metrics.ts'
export { type RecordedEvent, type RecordOptions, record } from './experiment/record.ts'
export { createRunFolder, isRunFolder, openRunFolder, type RunFolder, runFolderName } from './experiment/run-folder.ts'
export type { MetricsSink, Pictures, SinkStart } from './experiment/sinks.ts'
export {
  countersOf,
  type EvaluatedEvent,
  type Training,
  type TrainingControls,
  type TrainingEvent,
  train,
} from './experiment/trainer.ts'
export { type LockOptions, lockTrainer, type TrainerLock } from './experiment/trainer-lock.ts'
export { type Overrides, type RunConfig, resolveConfig } from './run/config/config.ts'
export { createRun, type Run, type RunRequest } from './run/run.ts'
export { forkRun, resumeRun, trainRun } from './serving/train-run.ts'
export type {
  GoOnOptions,
  OwnControls,
  ProgressEvent,
  RunTraining,
  TrainedRun,
  TrainRunOptions,
} from './serving/training-options.ts'

// Run folders and many runs: what commands do with them, as functions.

export { type Crossplay, type CrossplayOptions, crossplay } from './api/crossplay.ts'
export { type EvaluateOptions, evaluateRun, type RunEvaluation } from './api/evaluate-run.ts'
export { type ExportedFile, type ExportOptions, exportRun } from './api/export-run.ts'
export { type RecordedGameFile, type RecordGameOptions, recordGame } from './api/record-game.ts'
export { render } from './api/render.ts'
export type { Picture, RenderOptions } from './api/render-options.ts'
export { report, type WrittenReport } from './api/report.ts'
export type { ReportOptions } from './api/report-options.ts'
export { type SweepResult, sweep } from './api/sweep.ts'
export type { SweepNews, SweepOptions } from './api/sweep-options.ts'

// Evaluation: how good policies are, by episodes or exactly.

export { type ExactResult, exactResult, type TurnPolicy, type TurnSight } from './analysis/exact-result.ts'
export { createGameTree, type GameTree, type Solved } from './analysis/game-tree.ts'
export {
  holdAt,
  keepPace,
  type OptimalPig,
  type PigChances,
  type PigPolicy,
  type PigPosition,
  pigWinRate,
  solvePig,
} from './analysis/pig-chances.ts'
export { actorTurns, evenChances, scriptedTurns } from './analysis/turn-policies.ts'
export { type Evaluation, type EvaluationRequest, evaluate, type Returns } from './experiment/evaluate.ts'
export { type ExactStanding, exactStandings } from './run/exact-standings.ts'
export { evaluationOf } from './run/run.ts'
export { type Standing, type StandingsRequest, standingsOf } from './run/standings.ts'

// Viewers: pages that are served, games to watch and control, sessions, the stream server.

export { baselineSetup } from './exhibition/baseline-setup.ts'
export { createExhibition, type Exhibition } from './exhibition/exhibition.ts'
export type { ExhibitionSetup, TeamPolicies } from './exhibition/setup.ts'
export { initialSession } from './experiment/initial-session.ts'
export { createProgress } from './experiment/progress.ts'
export { type Command, createSession, type Session, type SessionState } from './experiment/session.ts'
export type { Inspection, Moment, Opening, Show } from './experiment/show.ts'
export { besideTraining, createTrainingControl, type TrainingControl } from './experiment/training-control.ts'
export { foxgloveSubprotocols } from './foxglove/subprotocols.ts'
export { type Checkpoints, checkpointsOf, runSetup } from './run/run-setup.ts'
export type { LiveView } from './serving/live-view.ts'
export { openPage, type Page, type ViewerCommand } from './serving/page.ts'
export type { PageOptions } from './serving/page-options.ts'
export { type PlayOnOptions, playOn } from './serving/play-on.ts'
export { type ServedRun, type ServeOptions, serve } from './serving/serve.ts'
export { watch } from './serving/watch.ts'
export type { Watchable, WatchOptions } from './serving/watch-options.ts'
export { createStreamServer, type StreamServer, type StreamServerOptions } from './stream/server.ts'

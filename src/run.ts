// The front door: a config in, a wired training run out. The only file that knows scenarios, algorithms and backends by name.
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { scenarios } from '../scenarios/index.ts'
import type { Actor } from './agents/actor.ts'
import { createActorPolicy } from './agents/actor-policy.ts'
import { createNoOpPolicy, createRandomPolicy, createScriptedPolicy } from './agents/baseline-policies.ts'
import type { Algorithm, Learner, LearnerContext } from './agents/learner.ts'
import type { Policy } from './agents/policy.ts'
import { relatives } from './algorithms/index.ts'
import { isScenarioPath } from './authoring/bundle.ts'
import { type KeptSource, loadScenario, reloadScenario } from './authoring/load-scenario.ts'
import { type Overrides, type RunConfig, resolveConfig } from './config.ts'
import { createEpisodeTracker } from './engine/episodes.ts'
import { createUpdateRounds } from './engine/update-rounds.ts'
import { type GameDefinition, particleDefinition } from './envs/game-definition.ts'
import type { MarkovGame } from './envs/markov-game.ts'
import type { OptionTable } from './envs/scenario.ts'
import { createVectorGame } from './envs/vector-game.ts'
import { ConfigError, unknownName } from './errors.ts'
import type { EvaluationMode, EvaluationRequest } from './experiment/evaluate.ts'
import { createTrainingReturns } from './experiment/metrics.ts'
import type { Training } from './experiment/trainer.ts'
import { otherGames } from './games/index.ts'
import { ddpg, maddpg } from './maddpg/maddpg.ts'
import type { Backend } from './nn/backend.ts'
import { partsOf, restoreWhole } from './nn/saved-networks.ts'
import { createSimdBackend } from './nn/simd/backend.ts'
import { createTfjsBackend } from './nn/tfjs/backend.ts'
import { resolveTable } from './option.ts'
import { createNoise, createRandom } from './random.ts'
import { createBatch, createJointReplay, type JointReplay } from './replay/joint-replay.ts'
import { valueAt } from './schedule.ts'
import type { AgentSpec, Saved, Stateful } from './types.ts'

export { scenarios }

/** Everything that can be trained by name: the particle scenarios, and games that are no particle worlds. */
export const games: Readonly<Record<string, GameDefinition>> = {
  ...Object.fromEntries(Object.entries(scenarios).map(([id, scenario]) => [id, particleDefinition(scenario)])),
  ...otherGames,
}

/** How agents learn, by id. */
export const algorithms: Readonly<Record<string, Algorithm>> = { maddpg, ddpg, ...relatives }
/** What runs the networks, by name. Creating a tfjs backend is what loads TensorFlow.js. */
export const backends: Readonly<Record<string, (settings: RunConfig['run']) => Promise<Backend>>> = {
  simd: ({ threads, kernels }) => createSimdBackend({ threads: threads ?? availableParallelism(), kernels }),
  tfjs: ({ tfjs }) => createTfjsBackend({ carrier: tfjs }),
}

export interface Run extends Training {
  readonly config: RunConfig
  readonly definition: GameDefinition
  /** Where the scenario came from when it is a user's file; null: it ships with marlstrom. */
  readonly source: KeptSource | null
  /** Another game with the options of this run. */
  createGame(): MarkovGame
  /** Restores the learners alone from what the whole run saved: enough to act. */
  restoreLearners(saved: Saved): void
  /** Frees the backend's memory; the run cannot be used afterwards. */
  dispose(): void
}

/**
 * A training run, wired and ready: `train(run)` starts it. `scenario.id` is an id or the path of a scenario file; a run that goes
 * on names the copy of the file that it kept (`RunFolder.scenarioFile`).
 * @throws ConfigError with the path of the first wrong setting, FileError when the scenario file cannot be loaded.
 */
export async function createRun(given: Overrides, keptScenario?: string): Promise<Run> {
  const { id, definition, source } = await findGame(resolveConfig(given).scenario.id, keptScenario)
  const wanted = { ...given, scenario: { ...given.scenario, id } }
  const algorithm = pick(algorithms, 'learner.algorithm', 'algorithm', resolveConfig(wanted).learner.algorithm)
  const config = resolveConfig(wanted, definition, algorithm.defaults)
  const createGame = gameOf(config, definition)
  const options = resolveTable(algorithm.options, config.algorithm, 'algorithm')
  const { seed } = config.run
  const vectorGame = createVectorGame({
    create: createGame,
    games: config.run.games,
    random: game => createRandom(seed, 'game', game),
  })
  const { agents } = vectorGame
  refuseUnsupported(algorithm, agents)

  const backend = await pick(backends, 'run.backend', 'backend', config.run.backend)(config.run)
  const now = () => vectorGame.steps * config.run.games
  const roster = agents.map((_, index) => createLearner(algorithm, options, config, backend, agents, index, now))
  const policies = agents.map(({ id }, i) => actorPolicy(roster[i]!.actor, seed, 'explore', id))
  const replay = createJointReplay(backend, agents, {
    ...config.replay,
    games: config.run.games,
    gamma: config.learner.gamma,
    extras: policies.map(policy => policy.extras ?? []),
  })
  if (config.run.backend === 'simd') refuseTooLarge(replay)
  const batch = createBatch(backend, agents, config.learner.batch)
  const ids = agents.map(agent => agent.id)
  const rounds = createUpdateRounds(roster, ids, replay, batch, createRandom(seed, 'replay'), {
    every: config.learner.updateEvery,
    after: config.learner.updateAfter,
    draws: config.replay.draws,
  })
  const tracker = createEpisodeTracker(config.run.games, agents.length)
  const returns = createTrainingReturns(agents.length)

  const byAgent = (parts: readonly Stateful[]) => composite(Object.fromEntries(ids.map((id, i) => [id, parts[i]!])))
  const learners = byAgent(roster)
  const parts = composite({ learners, policies: byAgent(policies), vectorGame, replay, rounds, tracker, returns })
  return {
    config,
    definition,
    source,
    agents,
    createGame,
    vectorGame,
    policies,
    roster,
    replay,
    rounds,
    tracker,
    returns,
    schedule: config.run,
    save: () => ({ ...(parts.save() as Record<string, Saved>), kernels: config.run.kernels }),
    restore(saved) {
      refuseOtherKernels(saved, config.run.kernels)
      parts.restore(saved)
    },
    restoreLearners: saved => restoreWhole(learners, partsOf(saved, ['learners']).learners!),
    dispose: () => backend.dispose(),
  }
}

/**
 * What makes the game that a config describes.
 * @throws ConfigError when the scenario or one of its options is unknown or wrong.
 */
export function gameOf(
  config: Pick<RunConfig, 'scenario'>,
  definition = pick(games, 'scenario.id', 'scenario', config.scenario.id),
): () => MarkovGame {
  const { id: _, ...options } = config.scenario
  definition.create(options)
  return () => definition.create(options)
}

/** What an id or the path of a scenario file stands for; files are loaded, from the copy that a run kept if there is one. */
export async function findGame(
  id: string,
  kept?: string,
): Promise<{ id: string; definition: GameDefinition; source: KeptSource | null }> {
  if (Object.hasOwn(games, id) || !isScenarioPath(id)) {
    return { id, definition: pick(games, 'scenario.id', 'scenario', id), source: null }
  }
  const file = resolve(id)
  if (kept !== undefined) return { id: file, ...(await reloadScenario(kept, file)) }
  const { definition, bundle } = await loadScenario(file)
  return { id: file, definition, source: { file, code: bundle.kept, note: null } }
}

/** The options of a game as settings: `scenario.<key>`. */
export function optionsOf(game: {
  readonly options: OptionTable
}): { key: string; default: unknown; description: string }[] {
  return Object.entries(game.options).map(([key, option]) => ({
    key,
    default: option.default,
    description: option.description,
  }))
}

/** Policies to play or to compare with; each takes the games it will play, and a seed of its own. */
export type PolicyKind = 'trained' | 'random' | 'noop' | 'scripted'

/**
 * Policies in agent order for some games.
 * @throws ConfigError when the scenario ships no controller and `scripted` is asked for.
 */
export function policiesOf(
  kind: Exclude<PolicyKind, 'trained'>,
  games: readonly MarkovGame[],
  seed: number,
): readonly Policy[] {
  const { agents, id } = games[0]!
  if (kind === 'random') return agents.map(a => createRandomPolicy(a.actionSpace, createRandom(seed, 'random', a.id)))
  if (kind === 'noop') return agents.map(agent => createNoOpPolicy(agent.actionSpace))
  if (games[0]!.script === undefined) throw new ConfigError('policy', `${id} ships no scripted controller`)
  return agents.map((_, agent) =>
    createScriptedPolicy((game, { actions }) => games[game]!.script!(agent, actions, game)),
  )
}

/** The run's actors as policies with noise of their own, so that watching and evaluating disturb nothing. */
export function trainedPolicies(run: Run, purpose: string): readonly Policy[] {
  const { seed } = run.config.run
  return run.agents.map(({ id }, i) => actorPolicy(run.roster[i]!.actor, seed, purpose, id))
}

/** An actor as a policy with streams of its own. */
function actorPolicy(actor: Actor, seed: number, purpose: string, id: string): Policy {
  return createActorPolicy(actor, createNoise(seed, purpose, id), createRandom(seed, purpose, id))
}

/** What `evaluate` needs to compare policies in the games of a run; noise and episodes follow from `seed`. */
export function evaluationOf(
  run: Run,
  kind: PolicyKind,
  mode: EvaluationMode,
  episodes: number,
  seed = 0,
): EvaluationRequest {
  return {
    createGame: run.createGame,
    policies: ({ games }) =>
      kind === 'trained' ? trainedPolicies(run, `evaluation/${seed}`) : policiesOf(kind, games, seed),
    episodes,
    mode,
    seed,
  }
}

function createLearner(
  algorithm: Algorithm,
  options: Readonly<Record<string, unknown>>,
  { run, learner, network }: RunConfig,
  backend: Backend,
  agents: readonly AgentSpec[],
  index: number,
  now: () => number,
): Learner {
  const { id } = agents[index]!
  const context: LearnerContext = {
    backend,
    agents,
    index,
    learner,
    network: { ...network, temperature: () => valueAt(learner.temperature, now()) },
    batch: learner.batch,
    random: name => createRandom(run.seed, 'learner', id, name),
    noise: name => createNoise(run.seed, 'learner', id, name),
    unreadable: new Set(),
    now,
    share: (_, make) => make(),
  }
  return algorithm.createLearner(context, options)
}

/** A replay buffer that cannot be addressed when full would end the run hours later, when it has grown so far. */
function refuseTooLarge({ capacity, bytesPerTransition, bytesWhenFull }: JointReplay): void {
  if (bytesWhenFull <= replayLimitBytes) return
  const number = (n: number) => n.toLocaleString('en-US')
  throw new ConfigError(
    'replay.capacity',
    `${number(capacity)} transitions of ${number(bytesPerTransition)} bytes want ${number(bytesWhenFull)} bytes; WebAssembly ` +
      `addresses ${number(2 ** 32)} in all, so choose at most ${number(Math.floor(replayLimitBytes / bytesPerTransition))}`,
  )
}

/** 4 GiB less what networks and batches may need. */
const replayLimitBytes = 2 ** 32 - 2 ** 28

function refuseUnsupported(algorithm: Algorithm, agents: readonly AgentSpec[]): void {
  for (const agent of agents) {
    const reason = algorithm.unsupported(agent)
    if (reason !== null)
      throw new ConfigError('learner.algorithm', `${algorithm.id} cannot train ${agent.id}: ${reason}`)
  }
}

/** The kernels decide the bits: a run that went on with others would be neither the one nor the other. */
function refuseOtherKernels(saved: Saved, kernels: string): void {
  const { kernels: before = 'standard' } = (saved ?? {}) as Record<string, Saved>
  if (before === kernels) return
  throw new ConfigError('run.kernels', `the run was trained with '${before}' kernels and keeps them, got '${kernels}'`)
}

/** One object whose state is that of all its parts, by name. */
function composite(parts: Readonly<Record<string, Stateful>>): Stateful {
  return {
    save: () => Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.save()])),
    restore(saved) {
      const state = partsOf(saved, Object.keys(parts))
      for (const [name, part] of Object.entries(parts)) part.restore(state[name]!)
    },
  }
}

/** A registered thing by its name. */
function pick<T>(known: Readonly<Record<string, T>>, path: string, kind: string, name: string): T {
  if (Object.hasOwn(known, name)) return known[name]!
  throw new ConfigError(path, unknownName(kind, name, Object.keys(known)))
}

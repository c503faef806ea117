// The front door: a config in, a wired training run out. With find-game.ts and players.ts alone it knows scenarios, algorithms and backends by name.
import { availableParallelism } from 'node:os'
import type { ActorGames } from '../actors/actor-games.ts'
import type { KeptSource } from '../authoring/kept-source.ts'
import { createEpisodeTracker } from '../engine/episodes.ts'
import { createUpdateRounds } from '../engine/update-rounds.ts'
import { agentsOf } from '../envs/game-agents.ts'
import type { GameDefinition } from '../envs/game-definition.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { ConfigError } from '../errors.ts'
import { isDone } from '../experiment/done.ts'
import { createDueEvaluation } from '../experiment/due-evaluation.ts'
import { evaluating } from '../experiment/evaluate.ts'
import { createGoodEnough } from '../experiment/good-enough.ts'
import { createLineLog, createTrainingReturns } from '../experiment/metrics.ts'
import { createRecovery } from '../experiment/recovery.ts'
import type { Training } from '../experiment/training.ts'
import { createTrainingOperators, savedOperators } from '../experiment/training-operators.ts'
import type { Roster } from '../learning/member.ts'
import type { TeamLearner } from '../learning/team-learner.ts'
import type { Backend } from '../nn/backend.ts'
import { partsOf, restoreWhole } from '../nn/saved-networks.ts'
import { createSimdBackend } from '../nn/simd/backend.ts'
import { createTfjsBackend } from '../nn/tfjs/backend.ts'
import { createRandom } from '../random.ts'
import { createJointReplay, type JointReplayConfig } from '../replay/joint-replay.ts'
import { createSharedReplay } from '../replay/shared-replay.ts'
import type { AgentSpec, Saved, Stateful } from '../types.ts'
import { codeToTravel, createRunActors, isPortable } from './actors/run-actors.ts'
import type { Overrides, RunConfig } from './config/config.ts'
import type { Described, SettingsByTeam } from './config/team-settings.ts'
import { asToday } from './earlier-checkpoint.ts'
import { readsEnds, readsState, storedBeside } from './experience.ts'
import { gameOf, optionsIn, pick } from './find-game.ts'
import { kernelOptions, kernelsNamed, refuseOtherKernels, withLibrary } from './kernels.ts'
import { placeOfReplay } from './learning-memory.ts'
import type { Opponent } from './opponents.ts'
import { type OtherAgents, otherAgents, type TrainedAgents } from './other-agents.ts'
import { type Algorithms, type CompleteSettings, completeSettings, type Kept, planRun, withOwn } from './plan.ts'
import type { PlayerFiles } from './player-file.ts'
import { describePlayers } from './players.ts'
import { type AgentRole, evaluationOf, trainingPolicies } from './policies.ts'
import type { RemoteActorsOptions } from './remote/remote-actors.ts'
import { createRunMembers } from './roster.ts'
import { createGamesInThreads } from './threads/games-in-threads.ts'
import type { GamesInThreads } from './threads/games-of-run.ts'

export { demandPictures } from '../envs/frame-schema.ts'
export { versionOf } from '../envs/game-definition.ts'
export { findGame, gameOf, games, optionsOf, scenarios } from './find-game.ts'
export { algorithms } from './players.ts'
export { evaluationOf, type PolicyKind, playedAgents, policiesOf, trainedPolicies } from './policies.ts'

/** What runs the networks, by name. Creating a tfjs backend is what loads TensorFlow.js. */
export const backends: Readonly<Record<string, (settings: RunConfig['run'], learns: boolean) => Promise<Backend>>> = {
  simd: (run, learns) =>
    createSimdBackend({ threads: run.threads ?? availableParallelism(), ...kernelOptions(run, learns) }),
  tfjs: ({ tfjs }) => createTfjsBackend({ carrier: tfjs }),
}

export interface Members {
  readonly roster: Roster
  /** As `restoreLearners` of a run. */
  restore(saved: Saved): void
}

/** A wired training: games, learners, replay buffer and settings, ready for `train`. */
export interface Run extends Training {
  readonly vectorGame: GamesInThreads
  readonly actors: ActorGames | null
  /** Of the teams that learn, in the order of their first agents. */
  readonly learners: readonly TeamLearner[]
  readonly config: RunConfig
  /** The same with nothing left unsaid: the options of the scenario too. */
  readonly settings: CompleteSettings
  readonly definition: GameDefinition
  /** Where the scenario came from when it is a user's file; null: it ships with marlstrom. */
  readonly source: KeptSource | null
  /** By team, of those that learn: the value of each option of its algorithm. */
  readonly teamSettings: SettingsByTeam
  /** Keys of older versions in what was given, which was read by their names of today. */
  readonly oldKeys: readonly string[]
  /** What there is to say of values that follow from the game; null: nothing. */
  readonly remark: string | null
  /** Who plays, in words: `maddpg`, or `adversary: ddpg, agent: random`. */
  readonly who: string
  /** Who acts for each agent, in agent order. */
  readonly parts: readonly AgentRole[]
  /** Teams of earlier runs that play along; a run folder keeps them. */
  readonly opponents: readonly Opponent[]
  /** Another game with the options of this run. */
  createGame(): MarkovGame
  /** What a whole run of an earlier version saved, as this version saves it. */
  asToday(saved: Saved): Saved
  /** Restores the learners alone from what the whole run saved: enough to act. */
  restoreLearners(saved: Saved): void
  /** Its members once more, as they were made, apart from those that learn: to play as an earlier checkpoint did. */
  createMembers(): Members
  /**
   * Who acts for the agents of the game with other options, by the weights of `trained` (default: of this run).
   * @throws ConfigError at `path` where the weights fit nobody: see `donorsOf`
   */
  otherAgents(agents: readonly AgentSpec[], path: string, trained?: TrainedAgents): OtherAgents
  /** Users' files that teams are played by; a run folder keeps their code. */
  readonly files: PlayerFiles
  /** All that settings of teams may be of. */
  readonly described: readonly Described[]
  /** Ends threads of its games and frees the memory of its own backend; the run cannot be used afterwards. */
  dispose(): void
}

/** Settings of a run, and what a program brings of its own. */
export interface RunRequest extends Overrides {
  /** Algorithms beside those that ship, by their ids: `learner: { algorithm: 'my_method' }`. A run folder keeps no code of them. */
  readonly algorithms?: Algorithms
  /**
   * What runs the networks, in place of run.backend, whose name it must have where that is given; run.kernels is not used then, and
   * run.threads counts for the games alone. The caller disposes of it.
   */
  readonly backend?: Backend
  /** Whether its networks learn; false: they only act, which wants no native library (run.kernels=blas). Default: true. */
  readonly learns?: boolean
  /** Where actors on other machines find the run; absent: they are played here. */
  readonly remote?: RemoteActorsOptions
  /** Whether it may go on with other kernels than it was trained with, by other bits; default: no. */
  readonly acceptOtherKernels?: boolean
}

/**
 * A training run, wired and ready: `train(run)` starts it. `scenario.id` is an id or the path of a scenario file; a run that goes
 * on names what its folder kept: the copy of that file, and the opponents.
 * @throws ConfigError with the path of the first wrong setting, FileError when the file of the scenario, of a player or an opponent cannot
 * be loaded.
 */
export async function createRun(request: RunRequest, kept?: Kept): Promise<Run> {
  const {
    algorithms: beside = {},
    backend: lent,
    learns = true,
    acceptOtherKernels = false,
    remote,
    ...settings
  } = request
  const planned = await planRun(lent === undefined ? settings : withBackend(settings, lent), kept, withOwn(beside))
  const plan =
    lent === undefined && learns ? { ...planned, config: withLibrary(planned.config, acceptOtherKernels) } : planned
  const { config, definition, source, players } = plan
  const elsewhere = remote === undefined ? null : { ...remote, code: codeToTravel(plan, beside, lent !== undefined) }
  const createGame = gameOf(config, definition)
  const game = createGame()
  const agents = agentsOf(game)
  const { stateParts } = game
  const keepsState = readsState(plan.teamSettings)
  const { seed } = config.run
  const recovery = createRecovery(config.run)

  const stored: JointReplayConfig = {
    capacity: config.replay.capacity,
    games: config.run.games,
    ...(config.run.actors !== null && config.run.actorOrder === 'arrival'
      ? { gamesOfStep: config.run.games / config.run.actors }
      : {}),
    memorySteps: config.network.memorySteps,
    ...(keepsState && stateParts !== undefined ? { stateParts } : {}),
    ends: readsEnds(plan.teamSettings),
    ...storedBeside(agents, players, config),
  }
  const backend = lent ?? (await pick(backends, 'run.backend', 'backend', config.run.backend)(config.run, learns))
  const isApart =
    config.run.backend === 'simd' && (await placeOfReplay(players, config, agents, stored, learns)) === 'apart'
  const apart = isApart ? await createSimdBackend({ threads: 1 }) : null
  // Actors of a run that is restored in order to act stand where its training had come to.
  let restoredAt = 0
  const now = () => Math.max(restoredAt, vectorGame.steps * vectorGame.games.length)
  const createStore = () => createJointReplay(backend, agents, apart === null ? stored : { ...stored, apart })
  const shared = createSharedReplay(createStore, createRandom(seed, 'replay'), now)
  const {
    roster,
    parts: roles,
    learners: learnerOf,
    opponents,
    pasts,
  } = createRunMembers(players, config, {
    backend,
    agents,
    stateParts,
    now,
    rateScale: () => recovery.rateScale,
    replay: shared.view,
  })
  const learners = [...learnerOf.values()]
  const policies = trainingPolicies({ agents, roster, parts: roles, config }, () => vectorGame.games, now)
  const extras = policies.map(policy => policy.extras ?? [])
  // Whoever learns from a step has taken what it needs when the next one is made.
  const keptSteps = 2
  const actors: ActorGames | null =
    config.run.actors === null
      ? null
      : await createRunActors({
          ...{ plan, backend, roster, parts: roles, extras, keptSteps, standIn: game },
          isPortable: lent === undefined && isPortable(plan, beside),
          remote: elsewhere,
        })
  // Scripts ask the games themselves, which must be here.
  const isScripted = roles.some(({ baseline }) => baseline === 'scripted')
  const vectorGame: GamesInThreads =
    actors ??
    createGamesInThreads({
      create: createGame,
      createWith: options => definition.create({ ...optionsIn(config), ...options }),
      games: config.run.games,
      random: game => createRandom(seed, 'game', game),
      extras,
      states: keepsState && stateParts !== undefined,
      keptSteps,
      threads: isScripted ? 1 : (config.run.threads ?? availableParallelism()),
      hookSeconds: config.run.hookSeconds,
      beforeMove: () => backend.rest?.(),
      source: { scenario: plan.bundle ?? config.scenario.id, options: optionsIn(config), seed },
    })
  const { store: replay } = shared
  const ids = agents.map(agent => agent.id)
  const rounds = createUpdateRounds(learners, ids, roster, [...pasts.values()])
  const tracker = createEpisodeTracker(config.run.games, agents.length)
  const returns = createTrainingReturns(agents.length)
  const log = createLineLog()
  const goodEnough = createGoodEnough()
  const operators = createTrainingOperators({ agents, seed, games: config.run.games, vectorGame: () => vectorGame })

  const { evaluateMode, evaluateEpisodes } = config.run
  const evaluation = createDueEvaluation(() =>
    evaluating(
      evaluationOf({ agents, roster, parts: roles, config, createGame }, 'trained', evaluateMode, evaluateEpisodes),
    ),
  )

  /** Whose updates rounds are made of, as earlier versions counted them. */
  const earlierTeams = () =>
    [...learnerOf.keys()].map(name => {
      const indices = agents.flatMap((agent, index) => (agent.team === name ? [index] : []))
      const { subPolicies = 1, draws } = roles[indices[0]!]!.settings as { subPolicies?: number; draws?: unknown }
      return { name, draws, turns: indices.flatMap(index => new Array<number>(subPolicies).fill(index)) }
    })
  const byAgent = (parts: readonly Stateful[]) => composite(Object.fromEntries(ids.map((id, i) => [id, parts[i]!])))
  const members = byAgent(roster)
  const parts = composite({
    learners: members,
    ...(actors === null ? { policies: byAgent(policies), vectorGame } : { actors }),
    ...(replay === null ? {} : { replay, draws: shared.draws }),
    teams: composite(Object.fromEntries(learnerOf)),
    ...(pasts.size === 0 ? {} : { pasts: composite(Object.fromEntries(pasts)) }),
    rounds,
    tracker,
    returns,
  })
  return {
    config,
    settings: completeSettings(plan),
    definition,
    source,
    teamSettings: plan.teamSettings,
    files: plan.files,
    described: plan.described,
    oldKeys: plan.oldKeys,
    remark: plan.remark,
    who: describePlayers(players),
    parts: roles,
    opponents,
    agents,
    createGame,
    vectorGame,
    actors,
    policies: actors === null ? policies : [],
    roster,
    learners,
    replay,
    rounds,
    tracker,
    returns,
    log,
    recovery,
    evaluation,
    goodEnough,
    operators,
    schedule: config.run,
    save: () => ({
      ...(parts.save() as Record<string, Saved>),
      kernels: kernelsNamed(config.run),
      scenarioVersion: definition.version,
      envSteps: now(),
      logged: log.save(),
      ...(evaluation.due ? { evaluationDue: evaluation.save() } : {}),
      ...(goodEnough.length === null ? {} : { goodEnough: goodEnough.save() }),
      ...savedOperators(operators),
      ...(recovery.rollbacks.length > 0 ? { rollbacks: recovery.save() } : {}),
    }),
    restore(saved) {
      if (!acceptOtherKernels) refuseOtherKernels(saved, kernelsNamed(config.run))
      parts.restore(asToday(saved, earlierTeams()))
      log.restore((saved as Record<string, Saved>).logged ?? null)
      evaluation.restore((saved as Record<string, Saved>).evaluationDue ?? null)
      goodEnough.restore((saved as Record<string, Saved>).goodEnough ?? null)
      operators.restore((saved as Record<string, Saved>).operators ?? null)
      recovery.restore((saved as Record<string, Saved>).rollbacks ?? null)
    },
    asToday: saved => asToday(saved, earlierTeams()),
    restoreLearners(saved) {
      restoreWhole(members, partsOf(saved, ['learners']).learners!)
      restoredAt = Number((saved as Record<string, Saved>).envSteps ?? 0)
    },
    createMembers() {
      const { roster } = createRunMembers(players, config, { backend, agents, stateParts, now })
      const apart = byAgent(roster)
      return { roster, restore: saved => restoreWhole(apart, partsOf(saved, ['learners']).learners!) }
    },
    otherAgents: (others, path, trained = { agents, roster, parts: roles }) =>
      otherAgents(backend, trained, others, path),
    dispose() {
      if (actors === null) vectorGame.dispose()
      else actors.dispose(isDone({ tracker, vectorGame, rounds, evaluation, goodEnough, schedule: config.run }))
      if (lent === undefined) backend.dispose()
      apart?.dispose()
    },
  }
}

/** Settings that say by which backend the run is trained. @throws ConfigError where they name another one */
function withBackend(settings: Overrides, { name }: Backend): Overrides {
  const { backend = name } = settings.run ?? {}
  if (backend !== name)
    throw new ConfigError('run.backend', `expected the name of the given backend, '${name}', got '${backend}'`)
  return { ...settings, run: { ...settings.run, backend } }
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

// Who acts: the actors of a run with noise of their own, and chance, doing nothing or a script to compare with.
import type { ActorConfig } from '../agents/actor.ts'
import { createActorPolicy } from '../agents/actor-policy.ts'
import { type Baseline, createBaselinePolicy } from '../agents/baseline-policies.ts'
import { type EstimatorKind, playedSpace } from '../agents/estimators.ts'
import {
  createExploration,
  createUniformExploration,
  type Exploration,
  type ExplorationKind,
} from '../agents/exploration.ts'
import type { Policy } from '../agents/policy.ts'
import { sharedParts } from '../agents/sharing.ts'
import { playedHere } from '../authoring/played-here.ts'
import { agentsOf } from '../envs/game-agents.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { ConfigError } from '../errors.ts'
import type { EvaluationMode, EvaluationRequest } from '../experiment/evaluate.ts'
import type { Member, Roster } from '../learning/member.ts'
import { createNoise, createRandom } from '../random.ts'
import { type Schedule, valueAt } from '../settings/schedule.ts'
import type { AgentSpec } from '../types.ts'
import type { RunConfig } from './config/config.ts'
import { createWrittenPolicy, type WrittenPlayer } from './written-policy.ts'

export { type Baseline, baselines, isBaseline } from '../agents/baseline-policies.ts'

/** Policies to play or to compare with; each takes the games it will play, and a seed of its own. */
export type PolicyKind = 'trained' | Baseline

/** Who acts without having learnt anything: a baseline by its name, or a policy that a user wrote. */
export type Untaught = Baseline | WrittenPlayer

/** What somebody who learns nothing is called. */
export function untaughtName(who: Untaught): string {
  return typeof who === 'string' ? who : who.policy.id
}

/** How an agent of a run acts, as far as it is no learner's business. */
export interface AgentRole {
  /** A policy that learns nothing; null: the actor of the roster acts. */
  readonly baseline: Untaught | null
  /** Whether it is learning in this run. */
  readonly learns: boolean
  /** The settings that its actor was, or is, trained with. */
  readonly config: RunConfig
  /** Those of its algorithm; none of a baseline. */
  readonly settings: ActingSettings
  /** How its actor acts, schedules included. */
  readonly acting: ActorConfig
}

/** Settings of algorithms that are about acting; one that has no such setting acts by the defaults. */
export interface ActingSettings {
  readonly temperature?: Schedule
  readonly estimator?: EstimatorKind
  readonly estimatorSamples?: number
  readonly exploration?: ExplorationKind
  readonly explorationScale?: Schedule
  /** Chance with which action values are not followed in training. */
  readonly explorationRate?: Schedule
  /** How a policy gradient draws boxes. */
  readonly boxes?: 'squashed' | 'clipped' | 'beta'
}

/** What policies are made of: a run, or a roster with the games it plays. */
export interface PolicySource {
  readonly agents: readonly AgentSpec[]
  readonly roster: Roster
  readonly parts: readonly AgentRole[]
  readonly config: RunConfig
}

/**
 * Policies in agent order for some games.
 * @throws ConfigError when the scenario ships no controller and `scripted` is asked for.
 * @see examples/simulate.ts
 */
export function policiesOf(kind: Baseline, games: readonly MarkovGame[], seed: number): readonly Policy[] {
  const game = games[0]!
  refuseUnscripted(kind, 'policy', game)
  return agentsOf(game).map((agent, index) => createBaselinePolicy(kind, agent, index, () => games, [seed, kind]))
}

/**
 * The run's players as policies with noise of their own, so that watching and evaluating disturb nothing: its actors, and the
 * opponents that it was trained against. `games` are those that will be played.
 * @example
 * ```ts
 * import { createRandom, createRun, createVectorGame, trainedPolicies } from 'marlstrom'
 *
 * const run = await createRun({ scenario: { id: 'simple' }, run: { seed: 1, threads: 1 } })
 * const games = createVectorGame({ create: run.createGame, games: 2, random: game => createRandom(1, 'game', game) })
 * console.log(trainedPolicies(run, 'a look', games.games).length) // 1
 * run.dispose()
 * ```
 */
export function trainedPolicies(run: PolicySource, purpose: string, games: readonly MarkovGame[]): readonly Policy[] {
  return playersPolicies(run, purpose, () => games)
}

/**
 * The policies that a training is played with, in games that are yet to be made: those that learn also explore as the settings say.
 * `now`: environment steps so far. `actor`: which of a run's actors, with streams of its own; default: the first, or there are none.
 */
export function trainingPolicies(
  run: PolicySource,
  games: () => readonly MarkovGame[],
  now: () => number,
  actor = 0,
): Policy[] {
  const streams = (name: string) => (actor === 0 ? name : `${name}/${actor}`)
  const roster = run.roster.map(member =>
    member.behaviour === undefined ? member : { ...member, actor: member.behaviour },
  )
  return playersPolicies({ ...run, roster }, streams('explore'), games, index => {
    const { learns, settings } = run.parts[index]!
    const agent = run.agents[index]!
    return learns ? explorationOf(settings, run.config, agent, now, streams('exploration')) : null
  })
}

/** The agents with their action spaces as their actors play them: some estimators make one-hots where soft actions are legal. */
export function playedAgents({ agents, parts }: Pick<PolicySource, 'agents' | 'parts'>): AgentSpec[] {
  return agents.map((agent, index) => ({
    ...agent,
    actionSpace: playedSpace(agent.actionSpace, parts[index]!.acting.estimator ?? 'soft'),
  }))
}

function playersPolicies(
  { agents, roster, parts, config }: PolicySource,
  purpose: string,
  games: () => readonly MarkovGame[],
  exploring: (index: number) => Exploration | null = () => null,
): Policy[] {
  const { seed } = config.run
  const share = sharedParts()
  return agents.map((agent, index) => {
    const { baseline } = parts[index]!
    if (baseline !== null && typeof baseline !== 'string') {
      return createWrittenPolicy(baseline, agents, index, [seed, purpose], playedHere)
    }
    if (baseline !== null) return createBaselinePolicy(baseline, agent, index, games, [seed, purpose])
    const member = roster[index]!
    if (member.createPolicy !== undefined) {
      return member.createPolicy({
        noise: name => createNoise(seed, purpose, agent.id, name),
        random: name => createRandom(seed, purpose, agent.id, name),
        ofTeam: name => createRandom(seed, purpose, agent.team, name),
        share,
      })
    }
    return actorPolicy(member, seed, purpose, agent.id, exploring(index))
  })
}

/**
 * What `evaluate` needs to compare policies in the games of a run; noise and episodes follow from `seed`. Other policies than the
 * trained ones take the places of those that learn, or of one team of them: opponents stay.
 * @see examples/evaluate.ts
 */
export function evaluationOf(
  run: PolicySource & { createGame(): MarkovGame },
  kind: PolicyKind,
  mode: EvaluationMode,
  episodes: number,
  seed = 0,
  team: string | null = null,
): EvaluationRequest {
  const replaced = (index: number) => run.parts[index]!.learns && (team === null || run.agents[index]!.team === team)
  return {
    createGame: run.createGame,
    policies({ games }) {
      const trained = trainedPolicies(run, `evaluation/${seed}`, games)
      if (kind === 'trained') return trained
      const others = policiesOf(kind, games, seed)
      return trained.map((policy, index) => (replaced(index) ? others[index]! : policy))
    },
    episodes,
    mode,
    seed,
  }
}

/** @throws ConfigError when a script is asked for and the game ships none. */
export function refuseUnscripted(kind: Baseline, path: string, game: Pick<MarkovGame, 'id' | 'script'>): void {
  if (kind === 'scripted' && game.script === undefined) {
    throw new ConfigError(path, `${game.id} ships no scripted controller`)
  }
}

/** An actor as a policy with streams of its own. */
function actorPolicy(
  { actor, records }: Member,
  seed: number,
  purpose: string,
  id: string,
  exploration: Exploration | null,
): Policy {
  return createActorPolicy(actor, createNoise(seed, purpose, id), createRandom(seed, purpose, id), exploration, records)
}

/** What is added to the actions of an agent that explores by more than its actor's own chance; null where it does not. */
function explorationOf(
  { exploration: kind = 'policy', explorationScale = 0, explorationRate }: ActingSettings,
  { run }: RunConfig,
  { id, actionSpace }: AgentSpec,
  now: () => number,
  stream: string,
): Exploration | null {
  const noise = () => createNoise(run.seed, stream, id)
  if (explorationRate !== undefined) {
    return createUniformExploration(actionSpace, () => valueAt(explorationRate, now()), noise())
  }
  if (kind === 'policy' || actionSpace.every(part => part.kind !== 'box')) return null
  const scale = () => valueAt(explorationScale, now())
  return createExploration(actionSpace, { kind, scale }, noise())
}

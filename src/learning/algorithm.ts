// An algorithm: a recipe that makes the learner of a team, with all its settings.
import type { ActorConfig } from '../agents/actor.ts'
import type { HeadConfig } from '../agents/head.ts'
import type { Sharing } from '../agents/sharing.ts'
import type { Backend } from '../nn/backend.ts'
import type { Noise, Random } from '../random.ts'
import type { ReplaySpec, ReplayView } from '../replay/view.ts'
import type { OptionTable, OptionValues } from '../settings/option.ts'
import type { AgentSpec, ObservationPart } from '../types.ts'
import type { TeamLearner } from './team-learner.ts'

/** Layers of critics; their last one has gain 1 where weights are orthogonal. */
export type CriticLayers = Omit<ActorConfig, keyof HeadConfig | 'memory'>

/** What the learner of a team is made of and for. */
export interface TeamContext {
  readonly backend: Backend
  /** All agents of the game. */
  readonly agents: readonly AgentSpec[]
  /** The named pieces of the world's own state, for critics that read it; absent: the game has none. */
  readonly stateParts?: readonly ObservationPart[] | undefined
  /** The team's own, by index, in agent order. */
  readonly indices: readonly number[]
  /** Games played side by side. */
  readonly games: number
  /** How actors are made: layers and, of the settings, how outputs become actions. */
  readonly network: ActorConfig
  /** How the layers of critics are made. */
  readonly criticNetwork: CriticLayers
  /** Agents whose policies nobody can read, by index: their actions are known from experience alone. */
  readonly unreadable: ReadonlySet<number>
  /** Environment steps so far: what schedules go by. */
  now(): number
  /** What learning rates are multiplied with, less than 1 once a run that diverged was rolled back. */
  rateScale(): number
  /** Named streams, of an agent by its id: `random('agent_0', 'actor')`. */
  random(id: string, name: string): Random
  noise(id: string, name: string): Noise
  /** Per agent of the game: with whom it shares parameters, if the team shares them. */
  readonly sharing: readonly Sharing[]
  /** A view of the replay buffer that all teams share; it is there because somebody asks. */
  replay(spec: ReplaySpec): ReplayView
}

/** A way of learning: its id, its options, what it supports, and how it makes the learner of a team. */
export interface Algorithm {
  readonly id: string
  readonly description: string
  /** All its settings, with the defaults that it is meant to be run with: `learner.<key>`, of one team `team.<team>.<key>`. */
  readonly options: OptionTable
  /** How choices are executed where probabilities are legal too: as those, or as a one-hot, whose probability is known; greedy: as that of the largest output, a value. */
  readonly acts: 'soft' | 'oneHot' | 'greedy'
  /** What its critics see where its setting `critic` is null; absent: it has no critics that could see all agents. */
  readonly critics?: 'joint' | 'local' | undefined
  /** Why a team cannot be trained by it, as a sentence; null when it can. */
  unsupported(agents: readonly AgentSpec[]): string | null
  /** `settings`: a value of each of its options; those left out have their defaults. */
  createLearner(team: TeamContext, settings?: Readonly<Record<string, unknown>>): TeamLearner
}

/**
 * Types an algorithm: `createLearner` gets the values of its options.
 * @see docs/algorithms-of-your-own.md
 */
export function defineAlgorithm<const O extends OptionTable = Record<never, never>>(algorithm: {
  readonly id: string
  readonly description: string
  readonly options?: O
  /** Default: soft. */
  readonly acts?: Algorithm['acts']
  readonly critics?: Algorithm['critics']
  /** Default: every team can be trained by it. */
  unsupported?(agents: readonly AgentSpec[]): string | null
  createLearner(team: TeamContext, settings: OptionValues<O>): TeamLearner
}): Algorithm {
  const options: OptionTable = algorithm.options ?? {}
  const standard = Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default]))
  return {
    acts: 'soft',
    unsupported: () => null,
    ...algorithm,
    options,
    createLearner: (team, given) => algorithm.createLearner(team, { ...standard, ...given } as OptionValues<O>),
  }
}

// The members of a run: a learner for every agent that learns, actors of earlier runs that stay as they are, and who has no actor.

import type { ActorConfig } from './agents/actor.ts'
import { boxesOf } from './agents/exploration.ts'
import { alone } from './agents/identity.ts'
import type { Algorithm, Learner, LearnerConfig, LearnerContext, Member, Roster } from './agents/learner.ts'
import { sharingOf } from './agents/sharing.ts'
import type { RunConfig } from './config.ts'
import { ConfigError, FileError } from './errors.ts'
import type { MaddpgSettings } from './learning/options.ts'
import type { Backend } from './nn/backend.ts'
import type { Opponent } from './opponents.ts'
import type { Player, Players } from './players.ts'
import { type Baseline, isBaseline, type Part } from './policies.ts'
import { createNoise, createRandom } from './random.ts'
import { valueAt } from './schedule.ts'
import { playerNamed, type Settings, settingsOf } from './team-settings.ts'
import type { AgentSpec, Saved } from './types.ts'

export interface Cast {
  readonly roster: Roster
  readonly parts: readonly Part[]
  /** What the run has to keep to be played and resumed on its own. */
  readonly opponents: readonly Opponent[]
}

/** The members of a run in agent order. `now`: environment steps so far. */
export function createCast(
  players: Players,
  config: RunConfig,
  backend: Backend,
  agents: readonly AgentSpec[],
  now: () => number,
  rateScale: () => number = () => 1,
): Cast {
  const roster: Member[] = new Array(agents.length)
  const parts: Part[] = new Array(agents.length)
  for (const [team, player] of players) {
    const indices = agents.flatMap((agent, index) => (agent.team === team ? [index] : []))
    const part: Part = {
      baseline: player.kind === 'baseline' ? player.baseline : null,
      ...(player.kind === 'frozen'
        ? partOf(player.opponent.config, player.settings, standing(player.opponent))
        : partOf(config, player.kind === 'learner' ? settingsOf(player.algorithm, config, team) : {}, now)),
    }
    const members =
      player.kind === 'learner'
        ? createTeam(player.algorithm, config, part.settings, backend, agents, indices, now, rateScale)
        : player.kind === 'frozen'
          ? frozenTeam(player, backend, agents, indices)
          : indices.map(index => unreadableMember(agents[index]!.id, player.baseline))
    indices.forEach((index, i) => {
      roster[index] = members[i]!
      parts[index] = part
    })
  }
  return {
    roster,
    parts,
    opponents: [...players.values()].flatMap(player => (player.kind === 'frozen' ? [player.opponent] : [])),
  }
}

function partOf(config: RunConfig, settings: Settings, now: () => number) {
  return { config, settings, acting: actorConfigOf(config.network, settings, now) }
}

/** The learners of one team. */
function createTeam(
  algorithm: Algorithm,
  config: RunConfig,
  settings: Settings,
  backend: Backend,
  agents: readonly AgentSpec[],
  indices: readonly number[],
  now: () => number,
  rateScale: () => number,
  batch = Number(settings.batch),
): Learner[] {
  const { run, network } = config
  const learner = settings as unknown as LearnerConfig & { readonly shareParameters: boolean }
  const unreadable = new Set(
    agents.flatMap((agent, index) => (isBaseline(playerNamed(config, agent.team)) ? [index] : [])),
  )
  const sharing = sharingOf(agents, learner.shareParameters)
  refuseMemory(network, backend)
  return indices.map(index => {
    const { id } = agents[index]!
    const context: LearnerContext = {
      backend,
      agents,
      index,
      learner,
      network: actorConfigOf(network, settings, now),
      batch,
      random: name => createRandom(run.seed, 'learner', id, name),
      noise: name => createNoise(run.seed, 'learner', id, name),
      unreadable,
      now,
      rateScale,
      ...sharing[index]!,
    }
    return algorithm.createLearner(context, settings)
  })
}

/** How actors are made that learn by these settings. `now`: environment steps so far. */
export function actorConfigOf(network: RunConfig['network'], settings: Settings, now: () => number): ActorConfig {
  const {
    temperature = 1,
    estimator = 'soft',
    estimatorSamples = 10,
    exploration = 'policy',
  } = settings as unknown as Partial<MaddpgSettings>
  return {
    ...network,
    temperature: () => valueAt(temperature, now()),
    estimator,
    estimatorSamples,
    boxes: boxesOf(exploration),
  }
}

/** Recurrent layers are not for every backend. */
function refuseMemory({ memory }: RunConfig['network'], { name }: Backend): void {
  if (memory === 0 || name === 'simd') return
  throw new ConfigError(
    'network.memory',
    `expected 0, got ${memory}: backend '${name}' has no recurrent layers; run.backend=simd has`,
  )
}

/** The team of an earlier run: its learners as they were, of whom the actors remain. */
function frozenTeam(
  { opponent, algorithm, settings }: Extract<Player, { kind: 'frozen' }>,
  backend: Backend,
  agents: readonly AgentSpec[],
  indices: readonly number[],
): Member[] {
  const { team, config, saved } = opponent
  // It learns no more: schedules stand where they had come to, and a batch of one row takes little memory.
  const learners = createTeam(algorithm, config, settings, backend, agents, indices, standing(opponent), () => 1, 1)
  const states = saved.learners as Record<string, Saved>
  return learners.map((learner, i) => {
    const { id } = agents[indices[i]!]!
    try {
      learner.restore(states[id] ?? null)
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof TypeError)) throw error
      throw new FileError(`team.${team}`, `the checkpoint does not fit its run's config.json: ${id}: ${error.message}`)
    }
    return { actor: learner.actor, targetActor: learner.actor, ...unchanging }
  })
}

/** Where the training of an opponent had come to. */
function standing({ saved }: Opponent): () => number {
  return () => Number(saved.envSteps)
}

/** An agent whose policy is no network: others know it by its actions alone. */
function unreadableMember(id: string, baseline: Baseline): Member {
  const refuse = () => {
    throw new TypeError(`${id} is played by '${baseline}', which has no actor; ask its policy`)
  }
  return {
    actor: {
      identity: alone,
      carries: [],
      networks: [],
      sample: refuse,
      greedy: refuse,
      probabilities: refuse,
      distribution: refuse,
    },
    targetActor: null,
    ...unchanging,
  }
}

/** What stays as it is needs no place in checkpoints. */
const unchanging = { save: (): Saved => null, restore() {} }

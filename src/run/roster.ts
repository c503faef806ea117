// The members of a run: the learners of all teams that learn, actors of earlier runs that stay as they are, and who has no actor.
import { boxesOf } from '../agents/exploration.ts'
import { alone } from '../agents/identity.ts'
import { sharingOf } from '../agents/sharing.ts'
import { ConfigError, FileError } from '../errors.ts'
import type { Algorithm, TeamContext } from '../learning/algorithm.ts'
import type { Member, Roster } from '../learning/member.ts'
import type { TeamLearner } from '../learning/team-learner.ts'
import type { Backend } from '../nn/backend.ts'
import { createNoise, createRandom } from '../random.ts'
import type { ReplayView } from '../replay/view.ts'
import { valueAt } from '../settings/schedule.ts'
import type { AgentSpec, Saved } from '../types.ts'
import type { RunConfig } from './config/config.ts'
import { type Settings, settingsOf } from './config/team-settings.ts'
import { isUntaught, type Opponent } from './opponents.ts'
import type { Player, Players } from './players.ts'
import { type ActingSettings, type AgentRole, type Untaught, untaughtName } from './policies.ts'

export interface RunMembers {
  readonly roster: Roster
  readonly parts: readonly AgentRole[]
  /** By team. */
  readonly learners: ReadonlyMap<string, TeamLearner>
  /** What the run has to keep to be played and resumed on its own. */
  readonly opponents: readonly Opponent[]
}

/** What the members of a run are made for. */
export interface CastRequest extends Partial<Pick<TeamContext, 'rateScale' | 'replay'>> {
  readonly backend: Backend
  /** Of the game. */
  readonly agents: readonly AgentSpec[]
  /** Of the game; default: it has no state of its own to read. */
  readonly stateParts?: TeamContext['stateParts']
  /** Environment steps so far. */
  now(): number
}

/**
 * The members of a run in agent order. Without `replay` nothing will be learnt: its learners are there for their actors alone, and take
 * little memory.
 */
export function createRunMembers(players: Players, config: RunConfig, request: CastRequest): RunMembers {
  const { agents, now } = request
  const roster: Member[] = new Array(agents.length)
  const parts: AgentRole[] = new Array(agents.length)
  const learners = new Map<string, TeamLearner>()
  const isUnreadable = (team: string) => untaughtOf(players.get(team)!) !== null
  for (const [team, player] of players) {
    const indices = agents.flatMap((agent, index) => (agent.team === team ? [index] : []))
    const part = partOf(player, team, config, now)
    const members = () => {
      const untaught = untaughtOf(player)
      if (untaught !== null) return indices.map(index => unreadableMember(agents[index]!.id, untaught))
      if (player.kind === 'frozen') return frozenTeam(player, request, indices)
      if (player.kind !== 'learner') return []
      const settings = settingsOf(player.algorithm, config, team)
      const learner = createTeam(player.algorithm, settings, config, request, indices, isUnreadable)
      learners.set(team, learner)
      return learner.members
    }
    members().forEach((member, i) => {
      roster[indices[i]!] = member
      parts[indices[i]!] = part
    })
  }
  return {
    roster,
    parts,
    learners,
    opponents: [...players.values()].flatMap(player => (player.kind === 'frozen' ? [player.opponent] : [])),
  }
}

/** Who plays without having learnt anything; null: an actor does. */
function untaughtOf(player: Player): Untaught | null {
  return player.kind === 'baseline' ? player.baseline : player.kind === 'written' ? player.written : null
}

function partOf(player: Player, team: string, config: RunConfig, now: () => number): AgentRole {
  if (player.kind === 'learner') {
    const settings = settingsOf(player.algorithm, config, team)
    const acting = actorConfigOf(player.algorithm, settings, config, now)
    return { baseline: null, learns: true, config, settings, acting }
  }
  if (player.kind !== 'frozen') {
    const acting = { ...config.network, temperature: 1 }
    return { baseline: untaughtOf(player), learns: false, config, settings: {}, acting }
  }
  const { opponent, algorithm, settings } = player
  const acting = actorConfigOf(algorithm, settings, opponent.config, standing(opponent))
  return { baseline: null, learns: false, config: opponent.config, settings, acting }
}

/** The learner of one team. */
function createTeam(
  algorithm: Algorithm,
  settings: Settings,
  config: RunConfig,
  { backend, agents, stateParts, now, rateScale = () => 1, replay }: CastRequest,
  indices: readonly number[],
  isUnreadable: (team: string) => boolean,
): TeamLearner {
  const { run, network } = config
  refuseMemory(network, backend)
  const context: TeamContext = {
    backend,
    agents,
    stateParts,
    indices,
    games: run.games,
    network: actorConfigOf(algorithm, settings, config, now),
    unreadable: new Set(agents.flatMap(({ team }, index) => (isUnreadable(team) ? [index] : []))),
    now,
    rateScale,
    random: (id, name) => createRandom(run.seed, 'learner', id, name),
    noise: (id, name) => createNoise(run.seed, 'learner', id, name),
    sharing: sharingOf(agents, settings.shareParameters === true),
    replay: replay ?? (() => withoutExperience),
  }
  // Nothing is learnt from a batch, so that it need not be large.
  return algorithm.createLearner(
    context,
    replay === undefined && 'batch' in settings ? { ...settings, batch: 1 } : settings,
  )
}

/** How actors are made that learn by these settings. `now`: environment steps so far. */
function actorConfigOf(
  { acts }: Algorithm,
  { temperature = 1, estimator = 'soft', estimatorSamples = 10, exploration = 'policy' }: ActingSettings,
  { network }: Pick<RunConfig, 'network'>,
  now: () => number,
) {
  const { layerNorm, layerNormPlace, initialisation } = network
  return {
    ...network,
    layerNorm: layerNorm && layerNormPlace,
    orthogonal: initialisation === 'orthogonal' ? { hidden: Math.SQRT2, output: 0.01 } : undefined,
    temperature: () => valueAt(temperature, now()),
    estimator: acts === 'oneHot' ? 'straightThrough' : estimator,
    estimatorSamples,
    boxes: boxesOf(exploration),
  } as const
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
  { opponent, algorithm, settings }: Extract<Player, { readonly kind: 'frozen' }>,
  { backend, agents, stateParts }: CastRequest,
  indices: readonly number[],
): Member[] {
  const { team, config, saved } = opponent
  // It learns no more: schedules stand where they had come to.
  const request = { backend, agents, stateParts, now: standing(opponent) }
  const { members } = createTeam(algorithm, settings, config, request, indices, team => isUntaught(opponent, team))
  const states = saved.learners as Record<string, Saved>
  return members.map((member, i) => {
    const { id } = agents[indices[i]!]!
    try {
      member.restore(states[id] ?? null)
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof TypeError)) throw error
      throw new FileError(`team.${team}`, `the checkpoint does not fit its run's config.json: ${id}: ${error.message}`)
    }
    return { actor: member.actor, ...unchanging }
  })
}

/** Where the training of an opponent had come to. */
function standing({ saved }: Opponent): () => number {
  return () => Number(saved.envSteps)
}

/** An agent whose policy is no network: others know it by its actions alone. */
function unreadableMember(id: string, who: Untaught): Member {
  const refuse = () => {
    throw new TypeError(`${id} is played by '${untaughtName(who)}', which has no actor; ask its policy`)
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
    isReadable: false,
    ...unchanging,
  }
}

/** What stays as it is needs no place in checkpoints. */
const unchanging = { save: (): Saved => null, restore() {} }

/** A view for learners that never learn. */
const withoutExperience: ReplayView = {
  size: 0,
  batches: () => ({
    batch() {
      throw new TypeError('replay: these members were made to act, not to learn; create a run to train')
    },
    learnt() {},
    abandon() {},
  }),
}

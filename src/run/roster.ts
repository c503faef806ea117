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
import { isUntaught, type Opponent, policyTeam } from './opponents.ts'
import { createPastTeam, type PastTeam } from './past-team.ts'
import { type Player, type Players, playedAs } from './players.ts'
import { type ActingSettings, type AgentRole, type Untaught, untaughtName } from './policies.ts'

export interface RunMembers {
  readonly roster: Roster
  readonly parts: readonly AgentRole[]
  /** By team. */
  readonly learners: ReadonlyMap<string, TeamLearner>
  /** What the run has to keep to be played and resumed on its own. */
  readonly opponents: readonly Opponent[]
  /** By team, those that are played by past copies of another one. */
  readonly pasts: ReadonlyMap<string, PastTeam>
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
  const pasts = new Map<string, PastTeam>()
  const isUnreadable = (team: string) => untaughtOf(players.get(team)!) !== null || players.get(team)!.kind === 'past'
  const same = playedAs(players)
  const place = (indices: readonly number[], members: readonly Member[]) =>
    members.forEach((member, i) => void (roster[indices[i]!] = member))
  for (const [team, player] of players) {
    const indices = indicesOf(agents, [team])
    const part = partOf(player, team, config, now)
    for (const index of indices) parts[index] = part
    const untaught = untaughtOf(player)
    if (untaught !== null) {
      const members = indices.map(index => unreadableMember(agents[index]!.id, untaught))
      place(indices, members)
    } else if (player.kind === 'frozen') place(indices, frozenTeam(player, request, indices))
    else if (player.kind === 'learner') {
      const settings = settingsOf(player.algorithm, config, team)
      const all = sidesOf(agents, same, team)
      const learner = createTeam(player.algorithm, settings, config, request, all, isUnreadable, same)
      learners.set(team, learner)
      place(all, learner.members)
    }
  }
  // Their policies are copies of those that learn.
  for (const [team, player] of players) {
    if (player.kind !== 'past') continue
    const indices = indicesOf(agents, [team])
    const of = indicesOf(agents, [player.of])
    const sources = indices.map((index, i) => {
      return { agent: agents[index]!, of: roster[of[i]!]!, acting: parts[of[i]!]!.acting }
    })
    const past = createPastTeam(request.backend, team, sources, player.settings)
    pasts.set(team, past)
    place(indices, past.members)
  }
  return {
    roster,
    parts,
    learners,
    opponents: [...players.values()].flatMap(player => (player.kind === 'frozen' ? [player.opponent] : [])),
    pasts,
  }
}

/** The agents of some teams, by index, in agent order. */
function indicesOf(agents: readonly AgentSpec[], teams: readonly string[]): number[] {
  return agents.flatMap((agent, index) => (teams.includes(agent.team) ? [index] : []))
}

/** The agents that the policies of a team play: its own, and those of teams that are played as it. */
function sidesOf(agents: readonly AgentSpec[], same: ReadonlyMap<string, string>, team: string): number[] {
  return indicesOf(agents, [team, ...[...same].flatMap(([other, of]) => (of === team ? [other] : []))])
}

/** Who plays without having learnt anything; null: an actor does. */
function untaughtOf(player: Player): Untaught | null {
  return player.kind === 'baseline' ? player.baseline : player.kind === 'written' ? player.written : null
}

function partOf(player: Player, team: string, config: RunConfig, now: () => number): AgentRole {
  if (player.kind === 'learner' || player.kind === 'same' || player.kind === 'past') {
    const settings = settingsOf(player.algorithm, config, player.kind === 'learner' ? team : player.of)
    const acting = actorConfigOf(player.algorithm, settings, config, now)
    return { baseline: null, learns: player.kind !== 'past', config, settings, acting }
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
  same: ReadonlyMap<string, string>,
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
    criticNetwork: layersOf(network, 'critic', 1),
    unreadable: new Set(agents.flatMap(({ team }, index) => (isUnreadable(team) ? [index] : []))),
    now,
    rateScale,
    random: (id, name) => createRandom(run.seed, 'learner', id, name),
    noise: (id, name) => createNoise(run.seed, 'learner', id, name),
    sharing: sharingOf(agents, settings.shareParameters === true, {
      toldApart: settings.identity !== false,
      playedAs: same,
    }),
    replay: network.normaliseObservations ? () => refuseStandards(algorithm) : (replay ?? (() => withoutExperience)),
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
  {
    temperature = 1,
    estimator = 'soft',
    estimatorSamples = 10,
    exploration = 'policy',
    boxes = 'squashed',
  }: ActingSettings,
  { network }: Pick<RunConfig, 'network'>,
  now: () => number,
) {
  return {
    ...layersOf(network, 'actor', acts === 'greedy' ? 1 : 0.01),
    temperature: () => valueAt(temperature, now()),
    estimator: acts === 'soft' ? estimator : 'straightThrough',
    actionValues: acts === 'greedy',
    estimatorSamples,
    boxes: boxes === 'squashed' ? boxesOf(exploration) : boxes,
  } as const
}

/** Layers of actors or of critics; `output`: the gain of their last one where weights are orthogonal. */
function layersOf({ actor, critic, ...ofAll }: RunConfig['network'], kind: 'actor' | 'critic', output: number) {
  const network = { ...ofAll, ...(kind === 'actor' ? actor : critic) }
  const { layerNorm, layerNormPlace, initialisation, activation } = network
  const hidden = network.hiddenGain ?? (activation === 'tanh' ? 5 / 3 : Math.SQRT2)
  return {
    ...network,
    layerNorm: layerNorm && layerNormPlace,
    orthogonal: initialisation === 'orthogonal' ? { hidden, output } : undefined,
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

/** Transitions in a replay buffer were made by actors that saw them by other means and deviations. */
function refuseStandards({ id }: Algorithm): never {
  throw new ConfigError(
    'network.normaliseObservations',
    `expected false, got true: ${id} learns from a replay buffer; algorithms that learn from rollouts have running means, such as ppo; network.inputNorm works everywhere`,
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
  // Teams that it was trained as one with, so that its networks are made as they were.
  const learnt = policyTeam(config, team)
  const same = new Map(
    Object.keys(config.team).flatMap(name => {
      const of = policyTeam(config, name)
      return of === name ? [] : [[name, of] as const]
    }),
  )
  const all = sidesOf(agents, same, learnt)
  const unreadable = (name: string) => isUntaught(opponent, name)
  const { members } = createTeam(algorithm, settings, config, request, all, unreadable, same)
  const states = saved.learners as Record<string, Saved>
  return indices.map(index => {
    const member = members[all.indexOf(index)]!
    const { id } = agents[index]!
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

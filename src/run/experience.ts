// How much experience a run keeps and needs: the default capacity of its replay buffer, and when its first update round comes.
import { memoryColumn, subPolicyColumn } from '../columns.ts'
import { ConfigError } from '../errors.ts'
import type { JointReplayConfig } from '../replay/joint-replay.ts'
import { rowLayout } from '../replay/row-layout.ts'
import type { AgentSpec, ObservationPart } from '../types.ts'
import type { RunConfig } from './config/config.ts'
import { pathOf, type SettingsByTeam, settingsOf } from './config/team-settings.ts'
import { isLearning, type Players } from './players.ts'

/** Transitions that a replay buffer keeps where nobody asks for another number and memory allows. */
const mostTransitions = 1_000_000
/** Bytes that the replay buffer may take where nobody asks for a capacity. */
const defaultBytes = 2_000_000_000

/**
 * The capacity of a replay buffer that nobody asked for: 1,000,000 transitions, or what 2 GB hold of them, whichever is less. It follows
 * from the game and from how its agents are played, never from the machine or from how long the run is. `stateParts`: of the world's own
 * state, where it is kept.
 */
export function defaultCapacity(
  agents: readonly AgentSpec[],
  players: Players,
  config: RunConfig,
  stateParts: readonly ObservationPart[] = [],
): number {
  const bytes = 4 * rowLayout(agents, storedBeside(agents, players, config).extras, stateParts).saved.columns
  return Math.max(1, Math.min(mostTransitions, Math.floor(defaultBytes / bytes)))
}

/** Whether a team that learns has a critic or a mixer that reads the world's own state, so that it is kept. */
export function readsState(teamSettings: SettingsByTeam): boolean {
  return [...teamSettings.values()].some(({ critic, mixerInput }) => critic === 'state' || mixerInput === 'state')
}

/** Whether a team learns otherwise than by the value of what follows where a time limit cut an episode, so that batches must say where. */
export function readsEnds(teamSettings: SettingsByTeam): boolean {
  return [...teamSettings.values()].some(({ timeLimit = 'bootstrap' }) => timeLimit !== 'bootstrap')
}

/** What is asked about a run: its config, and the settings of the teams that learn. */
export interface Learning {
  readonly config: RunConfig
  readonly teamSettings: SettingsByTeam
}

/**
 * Refuses a replay buffer from which nothing can ever be learnt, or not what was asked for.
 * @throws ConfigError at replay.capacity, naming the setting that it is too small for, and the remedy.
 */
export function refuseTooSmall({ config, teamSettings }: Learning): void {
  const { replay, network, run } = config
  const { capacity } = replay
  const needs = [...teamSettings].flatMap(([team, settings]) => {
    const path = (name: string) => pathOf(config, team, name)
    const { updateAfter, batch, returnSteps } = settings as Readonly<Record<string, number | undefined>>
    const memorySteps = network.memory > 0 ? network.memorySteps : 1
    const span = Math.max(returnSteps ?? 1, memorySteps)
    const why = span > (returnSteps ?? 1) ? 'network.memorySteps' : path('returnSteps')
    return [
      {
        least: updateAfter ?? 1,
        of: `${path('updateAfter')} ${count(updateAfter ?? 1)}: no update round would ever come`,
        remedy: path('updateAfter'),
      },
      {
        least: batch ?? 1,
        of: `${path('batch')} ${count(batch ?? 1)}: no batch could be drawn without repeating transitions`,
        remedy: path('batch'),
      },
      {
        least: span * run.games,
        of: `${why} ${span} of each of the games in parallel, run.games ${run.games}: none of them would ever be whole`,
        remedy: why,
      },
    ]
  })
  const short = needs.find(({ least }) => capacity < least)
  if (short === undefined) return
  const least = Math.max(...needs.map(need => need.least))
  throw new ConfigError(
    'replay.capacity',
    `${count(capacity)} transitions are fewer than ${short.of}; choose a smaller ${short.remedy}, or replay.capacity of at least ` +
      count(least),
  )
}

/** Environment steps after which the first update round of a run is due; null: a team learns that waits for none. */
export function firstUpdateAt(learning: Learning): number | null {
  return firstRound(learning)?.at ?? null
}

/** Of teams that all learn from rollouts: how many environment steps one is, null where it is counted in episodes or teams differ. null: a team learns otherwise. */
export function rolloutsOf({ config, teamSettings }: Learning): { readonly envSteps: number | null } | null {
  const settings = [...teamSettings.values()]
  const isRollout = ({ rolloutSteps, rolloutEpisodes }: (typeof settings)[number]) =>
    typeof rolloutSteps === 'number' || typeof rolloutEpisodes === 'number'
  if (settings.length === 0 || !settings.every(isRollout)) return null
  const steps = new Set(settings.map(({ rolloutSteps }) => rolloutSteps))
  const [each] = steps
  return { envSteps: steps.size === 1 && typeof each === 'number' ? each * config.run.games : null }
}

/** `learner.updateAfter 25,600`: what a run waits for before its first update round; null: as above. */
export function describeWait(learning: Learning): string | null {
  const first = firstRound(learning)
  if (first === null) return null
  const { config, teamSettings } = learning
  const settings = teamSettings.get(first.team)!
  if (first.waitsFor === 'rolloutSteps') {
    const path = pathOf(config, first.team, 'rolloutSteps')
    return `${path} ${count(Number(settings.rolloutSteps))}, run.games ${count(config.run.games)}`
  }
  return (['updateAfter', 'updateEvery'] as const)
    .map(name => `${pathOf(config, first.team, name)} ${count(Number(settings[name]))}`)
    .join(', ')
}

interface FirstRound {
  readonly at: number
  readonly team: string
  readonly waitsFor: 'updateAfter' | 'rolloutSteps'
}

/** The round that comes first, and the team that it is of. */
function firstRound({ config, teamSettings }: Learning): FirstRound | null {
  const { games } = config.run
  const stepOf = (transitions: number) => games * Math.ceil(transitions / games)
  const rounds = [...teamSettings].map(([team, { updateAfter, updateEvery, rolloutSteps }]): FirstRound | null => {
    if (typeof rolloutSteps === 'number') return { at: rolloutSteps * games, team, waitsFor: 'rolloutSteps' }
    if (typeof updateAfter !== 'number' || typeof updateEvery !== 'number') return null
    const filled = stepOf(updateAfter)
    const due = Math.floor(filled / updateEvery)
    const at = due > Math.floor((filled - games) / updateEvery) ? filled : stepOf((due + 1) * updateEvery)
    return { at, team, waitsFor: 'updateAfter' }
  })
  return rounds.reduce<(typeof rounds)[number]>(
    (first, round) => (first === null || round === null ? null : round.at < first.at ? round : first),
    rounds[0] ?? null,
  )
}

/** The game's longest episode, in steps; null: its settings name none. */
export function longestEpisode(scenario: Readonly<Record<string, unknown>>): number | null {
  const { maxCycles } = scenario
  return typeof maxCycles === 'number' && maxCycles >= 1 ? maxCycles : null
}

/**
 * The sentence for a run that will end before its first update round; null where it may come.
 * @param scenario Its complete options.
 * @param done What was trained already.
 */
export function endsUnlearnt(
  learning: Learning,
  scenario: Readonly<Record<string, unknown>>,
  done = { episodes: 0, envSteps: 0, updates: 0 },
): string | null {
  const first = firstRound(learning)
  const { config } = learning
  const { episodes, steps, games } = config.run
  const longest = longestEpisode(scenario)
  if (first === null || done.updates > 0 || (steps === null && longest === null)) return null
  const most = steps ?? done.envSteps + Math.ceil(Math.max(0, episodes! - done.episodes) / games) * games * longest!
  if (most >= first.at) return null
  const length =
    steps === null
      ? `${count(episodes!)} episodes of at most ${count(longest!)} steps are ${count(most)} environment steps, and the first round comes at`
      : `it is ${count(steps)} environment steps long, and the first round comes at`
  const enough =
    steps === null
      ? `${count(done.episodes + Math.ceil((first.at - done.envSteps) / longest!))} episodes`
      : `${count(first.at)} steps`
  return (
    `this run will end before its first update round: ${length} ${count(first.at)} (${describeWait(learning)}); nothing will be learnt. ` +
    `Train at least ${enough}, or set ${pathOf(config, first.team, first.waitsFor)} lower`
  )
}

/** What is stored with every transition beside what agents see and do: what their actors remember, the numbers of their sub-policies. */
export function storedBeside(
  agents: readonly AgentSpec[],
  players: Players,
  config: RunConfig,
): Required<Pick<JointReplayConfig, 'extras' | 'subPolicies' | 'remembers'>> {
  const settings = agents.map(({ team }) => {
    const player = players.get(team)!
    if (player.kind === 'baseline' || player.kind === 'written' || player.kind === 'past') {
      return { learns: false, memory: 0, subPolicies: 1 }
    }
    const { network } = player.kind === 'frozen' ? player.opponent.config : config
    const learning = player.kind === 'same' ? player.of : team
    const own = player.kind === 'frozen' ? player.settings : settingsOf(player.algorithm, config, learning)
    return { learns: isLearning(player), memory: network.memory, subPolicies: Number(own.subPolicies ?? 1) }
  })
  return {
    extras: settings.map(({ memory, subPolicies }) => [
      ...(memory > 0 ? [{ name: memoryColumn, size: memory }] : []),
      ...(subPolicies > 1 ? [{ name: subPolicyColumn, size: 1 }] : []),
    ]),
    subPolicies: settings.map(({ learns, subPolicies }) => (learns ? subPolicies : 1)),
    remembers: settings.map(({ memory }) => memory > 0),
  }
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

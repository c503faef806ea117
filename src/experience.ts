// How much experience a run keeps and needs: the default capacity of its replay buffer, and when its first update round comes.
import { memoryColumn, subPolicyColumn } from './columns.ts'
import type { RunConfig } from './config.ts'
import { ConfigError } from './errors.ts'
import { algorithms, type Players, trainedBy } from './players.ts'
import type { JointReplayConfig } from './replay/joint-replay.ts'
import { rowLayout } from './replay/row-layout.ts'
import type { AgentSpec } from './types.ts'

/** Transitions that a replay buffer keeps where nobody asks for another number and memory allows. */
const mostTransitions = 1_000_000
/** Bytes that the replay buffer may take where nobody asks for a capacity. */
const defaultBytes = 2_000_000_000

/**
 * The capacity of a replay buffer that nobody asked for: 1,000,000 transitions, or what 2 GB hold of them, whichever is less. It follows
 * from the game and from how its agents are played, never from the machine or from how long the run is.
 */
export function defaultCapacity(agents: readonly AgentSpec[], players: Players, config: RunConfig): number {
  const bytes = 4 * rowLayout(agents, storedBeside(agents, players, config).extras).columns
  return Math.max(1, Math.min(mostTransitions, Math.floor(defaultBytes / bytes)))
}

/**
 * Refuses a replay buffer from which nothing can ever be learnt, or not what was asked for.
 * @throws ConfigError at replay.capacity, naming the setting that it is too small for, and the remedy.
 */
export function refuseTooSmall({ replay, learner, network, run }: RunConfig): void {
  const { capacity } = replay
  const span = Math.max(replay.steps, network.memory > 0 ? network.memorySteps : 1)
  const why = network.memory > 0 && span > replay.steps ? 'network.memorySteps' : 'replay.steps'
  const needs = [
    {
      least: learner.updateAfter,
      of: `learner.updateAfter ${count(learner.updateAfter)}: no update round would ever come`,
      remedy: 'learner.updateAfter',
    },
    {
      least: learner.batch,
      of: `learner.batch ${count(learner.batch)}: no batch could be drawn without repeating transitions`,
      remedy: 'learner.batch',
    },
    {
      least: span * run.games,
      of: `${why} ${span} of each of the games in parallel, run.games ${run.games}: none of them would ever be whole`,
      remedy: why,
    },
  ]
  const short = needs.find(({ least }) => capacity < least)
  if (short === undefined) return
  const least = Math.max(...needs.map(need => need.least))
  throw new ConfigError(
    'replay.capacity',
    `${count(capacity)} transitions are fewer than ${short.of}; choose a smaller ${short.remedy}, or replay.capacity of at least ` +
      count(least),
  )
}

/** Environment steps after which the first update round of a run is due. */
export function firstUpdateAt({ learner: { updateAfter, updateEvery }, run: { games } }: RunConfig): number {
  const stepOf = (transitions: number) => games * Math.ceil(transitions / games)
  const filled = stepOf(updateAfter)
  const rounds = Math.floor(filled / updateEvery)
  return rounds > Math.floor((filled - games) / updateEvery) ? filled : stepOf((rounds + 1) * updateEvery)
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
  config: RunConfig,
  scenario: Readonly<Record<string, unknown>>,
  done = { episodes: 0, envSteps: 0, updates: 0 },
): string | null {
  const longest = longestEpisode(scenario)
  if (longest === null || done.updates > 0) return null
  const { episodes, games } = config.run
  const needed = firstUpdateAt(config)
  const most = done.envSteps + Math.ceil(Math.max(0, episodes - done.episodes) / games) * games * longest
  if (most >= needed) return null
  const enough = done.episodes + Math.ceil((needed - done.envSteps) / longest)
  return (
    `this run will end before its first update round: ${count(episodes)} episodes of at most ${count(longest)} steps are ` +
    `${count(most)} environment steps, and the first round comes at ${count(needed)} (learner.updateAfter ` +
    `${count(config.learner.updateAfter)}, learner.updateEvery ${count(config.learner.updateEvery)}); nothing will be learnt. ` +
    `Train at least ${count(enough)} episodes, or set learner.updateAfter lower`
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
    if (player.kind === 'baseline') return { learns: false, memory: 0, subPolicies: 1 }
    const { network, learner } = player.kind === 'frozen' ? player.opponent.config : config
    const { options } = player.kind === 'frozen' ? algorithms[trainedBy(player.opponent)]! : player.algorithm
    const subPolicies = Object.hasOwn(options, 'subPolicies') ? learner.subPolicies : 1
    return { learns: player.kind === 'learner', memory: network.memory, subPolicies }
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

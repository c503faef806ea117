// Who plays each team of a run: algorithms that learn, chance or a script, or the team of an earlier run.
import { algorithms } from './algorithms/index.ts'
import type { Overrides, RunConfig } from './config.ts'
import type { MarkovGame } from './envs/markov-game.ts'
import { ConfigError, unknownName } from './errors.ts'
import { isRunFolder } from './experiment/run-folder.ts'
import { pick } from './find-game.ts'
import type { Algorithm } from './learning/algorithm.ts'
import { maddpgOptions } from './learning/options.ts'
import { type KeptOpponents, type Opponent, readKeptOpponent, readOpponent, type Stage } from './opponents.ts'
import { type OptionTable, resolveTable } from './option.ts'
import { type Baseline, baselines, isBaseline, refuseUnscripted } from './policies.ts'
import type { AgentSpec } from './types.ts'

export { algorithms } from './algorithms/index.ts'

/** Who plays a team. */
export type Player =
  | { readonly kind: 'learner'; readonly algorithm: Algorithm }
  | { readonly kind: 'baseline'; readonly baseline: Baseline }
  | { readonly kind: 'frozen'; readonly opponent: Opponent }

/** Players by the name of their team. */
export type Players = ReadonlyMap<string, Player>

/**
 * Who plays each team of a game, as `team.*` and `learner.algorithm` say; what an earlier run brings is read.
 * @throws ConfigError at `team.<team>` for an unknown team or player, and for an earlier run of another game.
 */
export async function playersOf(
  definition: Stage['definition'],
  game: MarkovGame,
  config: RunConfig,
  kept?: KeptOpponents,
): Promise<Players> {
  const { agents } = game
  const teams = [...new Set(agents.map(({ team }) => team))]
  const unknown = Object.keys(config.team).find(team => !teams.includes(team))
  if (unknown !== undefined) throw new ConfigError(`team.${unknown}`, unknownName('team', unknown, teams))
  const players = new Map<string, Player>()
  for (const team of teams) {
    const given = Object.hasOwn(config.team, team)
    const path = given ? `team.${team}` : 'learner.algorithm'
    const player = given
      ? await playerOf(team, config.team[team]!, { definition, config, agents }, game, kept)
      : learnerOf(pick(algorithms, path, 'algorithm', config.learner.algorithm))
    const members = agents.filter(agent => agent.team === team)
    if (player.kind === 'learner') refuseUnsupported(player.algorithm, members, path)
    players.set(team, player)
  }
  if (algorithmsOf(players).length === 0) {
    throw new ConfigError('team', 'no team learns; expected at least one to be played by an algorithm')
  }
  return players
}

async function playerOf(
  team: string,
  who: string,
  stage: Stage,
  game: MarkovGame,
  kept?: KeptOpponents,
): Promise<Player> {
  const path = `team.${team}`
  const copy = kept?.opponentFolder(team)
  if (copy !== undefined) return { kind: 'frozen', opponent: readKeptOpponent(copy, team) }
  if (Object.hasOwn(algorithms, who)) return learnerOf(algorithms[who]!)
  if (isBaseline(who)) {
    refuseUnscripted(who, path, game)
    return { kind: 'baseline', baseline: who }
  }
  if (isRunFolder(who)) return { kind: 'frozen', opponent: await readOpponent(who, team, stage) }
  if (/[/\\]/.test(who)) throw new ConfigError(path, `no such run folder: ${who} has no config.json in it`)
  throw new ConfigError(
    path,
    `${unknownName('player', who, [...Object.keys(algorithms), ...baselines])}, or the folder of a run`,
  )
}

/** Options of an algorithm that MADDPG has not. */
export function ownOptionsOf({ options }: Algorithm): OptionTable {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !Object.hasOwn(maddpgOptions, name)))
}

/**
 * Refuses settings that no algorithm in use knows, and wrong values.
 * @throws ConfigError naming `algorithm.<option>`
 */
export function refuseWrongOptions(used: readonly Algorithm[], given: Readonly<Record<string, unknown>>): void {
  const known: OptionTable = Object.assign({}, ...used.map(ownOptionsOf))
  const foreign = Object.keys(given).find(name => !Object.hasOwn(known, name))
  if (foreign !== undefined)
    throw new ConfigError(`algorithm.${foreign}`, unknownName('option', foreign, Object.keys(known)))
  for (const algorithm of used) ownValues(algorithm, given)
}

function ownValues(algorithm: Algorithm, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const options = ownOptionsOf(algorithm)
  const own = Object.entries(given).filter(([name]) => Object.hasOwn(options, name))
  return resolveTable(options, Object.fromEntries(own), 'algorithm')
}

/** A value of every option of an algorithm. */
export function settingsOf(
  algorithm: Algorithm,
  { learner, replay, algorithm: own }: RunConfig,
): Record<string, unknown> {
  const { steps: returnSteps, priority, importance, draws } = replay
  const all: Record<string, unknown> = {
    ...learner,
    returnSteps,
    priority,
    importance,
    draws,
    ...ownValues(algorithm, own),
  }
  return Object.fromEntries(
    Object.entries(algorithm.options).map(([name, option]) => [
      name,
      all[name] === undefined ? option.default : all[name],
    ]),
  )
}

/** In words: the one algorithm, or team by team. */
export function describePlayers(players: Players): string {
  const names = [...players].map(([team, player]) => {
    if (player.kind === 'learner') return [team, player.algorithm.id]
    return [team, player.kind === 'baseline' ? player.baseline : `${trainedBy(player.opponent)} (trained before)`]
  })
  if (names.every(([, name]) => name === names[0]![1])) return names[0]![1]!
  return names.map(([team, name]) => `${team}: ${name}`).join(', ')
}

/** The algorithm that an opponent was trained by. */
export function trainedBy({ team, config }: Opponent): string {
  return config.team[team] ?? config.learner.algorithm
}

function learnerOf(algorithm: Algorithm): Player {
  return { kind: 'learner', algorithm }
}

/** The algorithms that learn in a run, each once. */
export function algorithmsOf(players: Players): readonly Algorithm[] {
  return [...new Set([...players.values()].flatMap(player => (player.kind === 'learner' ? [player.algorithm] : [])))]
}

/**
 * The settings that algorithms are meant to be run with, together: a run has one value of each.
 * @throws ConfigError naming a key on which two of them disagree and `given` says nothing.
 */
export function defaultsOf(used: readonly Algorithm[], given: Overrides): Overrides {
  const defaults: Record<string, Record<string, unknown>> = {}
  const saidBy = new Map<string, string>()
  for (const algorithm of used) {
    const { id } = algorithm
    const own = defaultsApart(algorithm)
    for (const [section, keys] of Object.entries(own)) {
      for (const [key, value] of Object.entries(keys)) {
        const path = `${section}.${key}`
        const section_ = (defaults[section] ??= {})
        const said = saidBy.get(path)
        const decided = given[section as keyof Overrides]?.[key] !== undefined
        if (said !== undefined && !decided && JSON.stringify(section_[key]) !== JSON.stringify(value)) {
          throw new ConfigError(
            path,
            `${said} is meant to be run with ${JSON.stringify(section_[key])}, ${id} with ${JSON.stringify(value)}; set the one you want`,
          )
        }
        section_[key] = value
        saidBy.set(path, id)
      }
    }
  }
  return defaults
}

/** Where an algorithm's defaults are others than MADDPG's, by section. */
export function defaultsApart({ options }: Algorithm): Record<string, Record<string, unknown>> {
  const inReplay: Record<string, string> = {
    returnSteps: 'steps',
    priority: 'priority',
    importance: 'importance',
    draws: 'draws',
  }
  const sections: Record<string, Record<string, unknown>> = {}
  for (const [name, { default: standard }] of Object.entries(maddpgOptions)) {
    const own = options[name]?.default
    if (own === undefined || JSON.stringify(own) === JSON.stringify(standard)) continue
    const section = inReplay[name] === undefined ? 'learner' : 'replay'
    ;(sections[section] ??= {})[inReplay[name] ?? name] = own
  }
  return sections
}

function refuseUnsupported(algorithm: Algorithm, agents: readonly AgentSpec[], path: string): void {
  const reason = algorithm.unsupported(agents)
  if (reason !== null) throw new ConfigError(path, `${algorithm.id} cannot train ${reason}`)
}

// Who plays each team of a run: algorithms that learn, chance or a script, or the team of an earlier run.
import { algorithms } from './algorithms/index.ts'
import type { RunConfig } from './config.ts'
import type { MarkovGame } from './envs/markov-game.ts'
import { ConfigError, unknownName } from './errors.ts'
import { isRunFolder } from './experiment/run-folder.ts'
import { pick } from './find-game.ts'
import type { Algorithm } from './learning/algorithm.ts'
import { type KeptOpponents, type Opponent, readKeptOpponent, readOpponent, type Stage } from './opponents.ts'
import { type Baseline, baselines, isBaseline, refuseUnscripted } from './policies.ts'
import { playerNamed, type Settings, settingsOf } from './team-settings.ts'
import type { AgentSpec } from './types.ts'

export { algorithms } from './algorithms/index.ts'

/** Who plays a team. */
export type Player =
  | { readonly kind: 'learner'; readonly algorithm: Algorithm }
  | { readonly kind: 'baseline'; readonly baseline: Baseline }
  /** `settings`: the values of its algorithm's options that it was trained with. */
  | {
      readonly kind: 'frozen'
      readonly opponent: Opponent
      readonly algorithm: Algorithm
      readonly settings: Settings
    }

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
    const said = Object.hasOwn(config.team, team) ? config.team[team]! : {}
    const isNamed = typeof said === 'string' || said.algorithm !== undefined
    const path = isNamed ? `team.${team}` : 'learner.algorithm'
    const who = playerNamed(config, team)
    const player = isNamed
      ? await playerOf(team, who, { definition, config, agents }, game, kept)
      : learnerOf(pick(algorithms, path, 'algorithm', who))
    const members = agents.filter(agent => agent.team === team)
    if (player.kind === 'learner') refuseUnsupported(player.algorithm, members, path)
    players.set(team, player)
  }
  if (learnersOf(players).size === 0) {
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
  if (copy !== undefined) return frozen(readKeptOpponent(copy, team))
  if (Object.hasOwn(algorithms, who)) return learnerOf(algorithms[who]!)
  if (isBaseline(who)) {
    refuseUnscripted(who, path, game)
    return { kind: 'baseline', baseline: who }
  }
  if (isRunFolder(who)) return frozen(await readOpponent(who, team, stage))
  if (/[/\\]/.test(who)) throw new ConfigError(path, `no such run folder: ${who} has no config.json in it`)
  throw new ConfigError(
    path,
    `${unknownName('player', who, [...Object.keys(algorithms), ...baselines])}, or the folder of a run`,
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

/** The name of the algorithm that an opponent was trained by. */
export function trainedBy({ team, config }: Opponent): string {
  return playerNamed(config, team)
}

function frozen(opponent: Opponent): Player {
  const { team, config } = opponent
  const algorithm = pick(algorithms, `team.${team}`, 'algorithm', trainedBy(opponent))
  return { kind: 'frozen', opponent, algorithm, settings: settingsOf(algorithm, config, team) }
}

function learnerOf(algorithm: Algorithm): Player {
  return { kind: 'learner', algorithm }
}

/** How teams learn, by the names of those that do. */
export function learnersOf(players: Players): ReadonlyMap<string, Algorithm> {
  return new Map(
    [...players].flatMap(([team, player]) => (player.kind === 'learner' ? [[team, player.algorithm] as const] : [])),
  )
}

function refuseUnsupported(algorithm: Algorithm, agents: readonly AgentSpec[], path: string): void {
  const reason = algorithm.unsupported(agents)
  if (reason !== null) throw new ConfigError(path, `${algorithm.id} cannot train ${reason}`)
}

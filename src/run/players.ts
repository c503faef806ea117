// Who plays each team of a run: algorithms that learn, chance or a script, or the team of an earlier run.
import { algorithms, shortNames } from '../algorithms/index.ts'
import { isCodeFile } from '../authoring/bundle.ts'
import { agentsOf } from '../envs/game-agents.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { ConfigError, unknownName } from '../errors.ts'
import { isRunFolder } from '../experiment/run-folder.ts'
import type { Algorithm } from '../learning/algorithm.ts'
import type { AgentSpec } from '../types.ts'
import type { RunConfig } from './config/config.ts'
import { type SelfPlay, selfPlayForms, selfPlayNamed } from './config/self-play-name.ts'
import { type Described, ownAlone, playerNamed, type Settings, settingsOf } from './config/team-settings.ts'
import { pick } from './find-game.ts'
import {
  type KeptOpponents,
  type Opponent,
  type OpponentGame,
  policyTeam,
  readKeptOpponent,
  readOpponent,
} from './opponents.ts'
import type { PastSettings } from './past-team.ts'
import { isAlgorithm, loadPlayerFile, type PlayerFile, type PlayerFiles } from './player-file.ts'
import { type Baseline, baselines, isBaseline, refuseUnscripted } from './policies.ts'
import { pastPlay, refuseUnfitSelfPlay } from './self-play.ts'
import type { WrittenPlayer } from './written-policy.ts'

export { algorithms, shortNames } from '../algorithms/index.ts'

/** Who plays a team. */
export type Player =
  /** `file`: where it came from, if it is a user's. */
  | { readonly kind: 'learner'; readonly algorithm: Algorithm; readonly file?: PlayerFile }
  | { readonly kind: 'baseline'; readonly baseline: Baseline }
  | { readonly kind: 'written'; readonly written: WrittenPlayer; readonly file: PlayerFile }
  /** The policies of another team of the run; `algorithm`: by which that one learns. */
  | { readonly kind: 'same'; readonly of: string; readonly algorithm: Algorithm }
  /** Earlier copies of them; `settings`: of the pool. */
  | { readonly kind: 'past'; readonly of: string; readonly algorithm: Algorithm; readonly settings: PastSettings }
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
 * Who plays each team of a game, as `team.*` and `learner.algorithm` say; what an earlier run brings is read, files are loaded.
 * @param known Algorithms by name.
 * @throws ConfigError at `team.<team>` for an unknown team or player, and for an earlier run of another game; FileError for a file that
 * cannot be loaded
 */
export async function playersOf(
  definition: OpponentGame['definition'],
  game: MarkovGame,
  config: RunConfig,
  kept?: KeptOpponents,
  known: Readonly<Record<string, Algorithm>> = algorithms,
): Promise<Players> {
  const { agents } = game
  const teams = [...new Set(agents.map(({ team }) => team))]
  const unknown = Object.keys(config.team).find(team => !teams.includes(team))
  if (unknown !== undefined) throw new ConfigError(`team.${unknown}`, unknownName('team', unknown, teams))
  const players = new Map<string, Player>()
  const selfPlay = new Map<string, SelfPlay>()
  for (const team of teams) {
    const said = Object.hasOwn(config.team, team) ? config.team[team]! : {}
    const isNamed = typeof said === 'string' || said.algorithm !== undefined
    const path = isNamed ? `team.${team}` : 'learner.algorithm'
    const who = playerNamed(config, team)
    const self = isNamed ? selfPlayNamed(who) : null
    if (self !== null) {
      selfPlay.set(team, self)
      continue
    }
    const opponentGame = { definition, config, agents }
    const file =
      isCodeFile(who) && !isKept(team, kept) ? await loadPlayerFile(who, path, kept?.playerFile?.(team)) : null
    const player =
      file !== null
        ? playerIn(file, team, config, isNamed)
        : isNamed
          ? await playerOf(team, who, opponentGame, game, known, kept)
          : learnerOf(pick(known, path, 'algorithm', who, Object.keys(shortNames)))
    const members = agentsOf(game).filter(agent => agent.team === team)
    if (player.kind === 'learner') refuseUnsupported(player.algorithm, members, path)
    players.set(team, player)
  }
  const learning = learnersOf(players)
  for (const [team, self] of selfPlay) {
    refuseUnfitSelfPlay(agents, team, self, new Set(learning.keys()))
    const algorithm = learning.get(self.of)!
    const settings = () => settingsOf(pastPlay, ownAlone(config), team) as unknown as PastSettings
    players.set(
      team,
      self.kind === 'same'
        ? { kind: 'same', of: self.of, algorithm }
        : { kind: 'past', of: self.of, algorithm, settings: settings() },
    )
  }
  if (learning.size === 0) {
    throw new ConfigError('team', 'no team learns; expected at least one to be played by an algorithm')
  }
  return new Map(teams.map(team => [team, players.get(team)!]))
}

/** A copy of an earlier run's team stands before whatever the settings call it. */
function isKept(team: string, kept: KeptOpponents | undefined): boolean {
  return kept?.opponentFolder(team) !== undefined
}

/** Who is in a user's file. */
function playerIn(file: PlayerFile, team: string, config: RunConfig, isNamed: boolean): Player {
  const { player, source } = file
  if (isAlgorithm(player)) return { kind: 'learner', algorithm: player, file }
  if (!isNamed) {
    throw new ConfigError(
      'learner.algorithm',
      `${source.file} exports the policy '${player.id}', by which nobody learns; say which team it plays: team.${team}`,
    )
  }
  return { kind: 'written', written: { policy: player, settings: settingsOf(player, ownAlone(config), team) }, file }
}

async function playerOf(
  team: string,
  who: string,
  opponentGame: OpponentGame,
  game: MarkovGame,
  known: Readonly<Record<string, Algorithm>>,
  kept?: KeptOpponents,
): Promise<Player> {
  const path = `team.${team}`
  const copy = kept?.opponentFolder(team)
  if (copy !== undefined) return frozen(await readKeptOpponent(copy, team), known)
  if (Object.hasOwn(known, who)) return learnerOf(known[who]!)
  if (isBaseline(who)) {
    refuseUnscripted(who, path, game)
    return { kind: 'baseline', baseline: who }
  }
  if (isRunFolder(who)) return frozen(await readOpponent(who, team, opponentGame), known)
  if (/[/\\]/.test(who)) throw new ConfigError(path, `no such run folder: ${who} has no config.json in it`)
  throw new ConfigError(
    path,
    `${unknownName('player', who, [...Object.keys(known), ...Object.keys(shortNames), ...baselines])}, ${selfPlayForms.join(', ')}, a file, or the folder of a run`,
  )
}

/** In words: the one algorithm, or team by team. */
export function describePlayers(players: Players): string {
  const names = [...players].map(([team, player]) => {
    if (player.kind === 'learner') return [team, player.algorithm.id]
    if (player.kind === 'written') return [team, player.written.policy.id]
    if (player.kind === 'same') return [team, `the same as ${player.of}`]
    if (player.kind === 'past') return [team, `past copies of ${player.of}`]
    return [team, player.kind === 'baseline' ? player.baseline : `${player.algorithm.id} (trained before)`]
  })
  if (names.every(([, name]) => name === names[0]![1])) return names[0]![1]!
  return names.map(([team, name]) => `${team}: ${name}`).join(', ')
}

function frozen(opponent: Opponent, known: Readonly<Record<string, Algorithm>>): Player {
  const { team, config, files } = opponent
  const learnt = policyTeam(config, team)
  const own = files.get(learnt)?.player
  const algorithm =
    own !== undefined && isAlgorithm(own) ? own : pick(known, `team.${team}`, 'algorithm', playerNamed(config, learnt))
  return { kind: 'frozen', opponent, algorithm, settings: settingsOf(algorithm, config, learnt) }
}

function learnerOf(algorithm: Algorithm): Player {
  return { kind: 'learner', algorithm }
}

/** Whether a team learns, be it as another one. */
export function isLearning(player: Player | undefined): boolean {
  return player?.kind === 'learner' || player?.kind === 'same'
}

/** By team that is played by the policies of another one, the name of that one. */
export function playedAs(players: Players): ReadonlyMap<string, string> {
  return new Map([...players].flatMap(([team, player]) => (player.kind === 'same' ? [[team, player.of] as const] : [])))
}

/** How teams learn by an algorithm of their own, by their names. */
export function learnersOf(players: Players): ReadonlyMap<string, Algorithm> {
  return new Map(
    [...players].flatMap(([team, player]) => (player.kind === 'learner' ? [[team, player.algorithm] as const] : [])),
  )
}

/** The users' files that teams are played by, by the names of those teams. */
export function filesOf(players: Players): PlayerFiles {
  return new Map(
    [...players].flatMap(([team, player]) => {
      const file = player.kind === 'learner' || player.kind === 'written' ? player.file : undefined
      return file === undefined ? [] : [[team, file] as const]
    }),
  )
}

/** What has settings of its own and does not learn, by team: policies that are written by hand, pools of past copies. */
export function writtenOf(players: Players): ReadonlyMap<string, Described> {
  return new Map(
    [...players].flatMap(([team, player]): [string, Described][] =>
      player.kind === 'written' ? [[team, player.written.policy]] : player.kind === 'past' ? [[team, pastPlay]] : [],
    ),
  )
}

function refuseUnsupported(algorithm: Algorithm, agents: readonly AgentSpec[], path: string): void {
  const reason = algorithm.unsupported(agents)
  if (reason !== null) throw new ConfigError(path, `${algorithm.id} cannot train ${reason}`)
}

// crossplay: runs that were trained apart play with and against each other; what `marlstrom crossplay` does.
import { basename, resolve } from 'node:path'
import { type BestResponse, bestResponseTo, type Entrant } from '../crossplay/best-response.ts'
import { correlationOf, type Match, playMatches, scoresOf } from '../crossplay/matches.ts'
import { type RunRating, rate } from '../crossplay/ratings.ts'
import { type Seat, seatsOf } from '../crossplay/seats.ts'
import { ConfigError } from '../errors.ts'
import type { EvaluationMode } from '../experiment/evaluate.ts'
import { createRandom } from '../random.ts'
import { type GameOptions, gameOptions } from '../run/in-game.ts'
import { differenceOf, optionDifference, trainedVersion } from '../run/opponents.ts'
import { trainedPolicies } from '../run/run.ts'
import { openTrainedRun } from '../starting/open-run.ts'
import { expectMeasured } from './guards.ts'

/** The names are those of the options of `marlstrom crossplay`. */
export interface CrossplayOptions {
  /** Of each pairing; absent: 1,000. */
  readonly episodes?: number | undefined
  /** sample as in training (absent), or greedy. */
  readonly mode?: EvaluationMode | undefined
  /** Of the episodes; absent: 0. */
  readonly seed?: number | undefined
  /** Episodes for which an opponent of each team of each run is trained, to see how much it takes; absent: none is. */
  readonly bestResponse?: number | undefined
  /** Options of the scenario that differ from the training. */
  readonly scenario?: GameOptions | undefined
  /** Of the training of responses; absent: one per core. */
  readonly threads?: number | undefined
  /** Is told what was played before responses are trained, which takes minutes. */
  readonly played?: ((crossplay: Crossplay) => void) | undefined
  /** Is told what a person should know, though nothing failed. */
  readonly note?: ((sentence: string) => void) | undefined
}

/** What came of it. Runs are told by their index, seats too. */
export interface Crossplay {
  /** `label`: the folder's name, or the path where two have one name. */
  readonly runs: readonly { readonly path: string; readonly label: string }[]
  readonly seats: readonly Seat[]
  /** As asked for, of each pairing. */
  readonly episodes: number
  /** Every pairing. */
  readonly matches: readonly Match[]
  /** Of the returns of two seats, -1 ... 1; null where a return is always the same, or there are not two seats. */
  readonly correlation: number | null
  /** By run, on Elo's scale; null where nobody wins: both sides do well together. */
  readonly ratings: readonly RunRating[] | null
  /** With `bestResponse`, of each team of each run. */
  readonly responses: readonly BestResponse[]
}

/**
 * Lets runs of one scenario play in every pairing.
 * @example
 * const { matches } = await crossplay(['runs/a', 'runs/b'], { episodes: 200 })
 * @throws ConfigError for one run alone, a run that is named twice, runs of other games, and options that do not fit
 */
export async function crossplay(paths: readonly string[], options: CrossplayOptions = {}): Promise<Crossplay> {
  const { episodes = 1000, mode = 'sample', seed = 0, note = () => {} } = options
  const entrants: Entrant[] = []
  try {
    expectMeasured({ episodes, mode, seed })
    const scenario = gameOptions({ scenario: options.scenario ?? {} })
    refuseOtherResponse(scenario, options)
    for (const [index, label] of labelsOf(paths, options).entries()) {
      entrants.push({ label, path: paths[index]!, ...(await openTrainedRun(paths[index]!, note, { scenario })) })
    }
    for (const other of entrants.slice(1)) refuseOtherGame(entrants[0]!, other)
    return await compare(entrants, options)
  } finally {
    for (const { run } of entrants) run.dispose()
  }
}

async function compare(entrants: readonly Entrant[], options: CrossplayOptions): Promise<Crossplay> {
  const { episodes = 1000, mode = 'sample', seed = 0, bestResponse, threads } = options
  const { run } = entrants[0]!
  const seats = seatsOf(run.agents)
  if (bestResponse !== undefined && new Set(run.agents.map(({ team }) => team)).size < 2)
    throw new ConfigError('--best-response', `${run.definition.id} has one team: there is nobody to respond`)
  const matches = playMatches({
    createGame: run.createGame,
    seats,
    runs: entrants.map(entrant => games => trainedPolicies(entrant.run, `crossplay/${seed}`, games)),
    episodes,
    mode,
    seed,
  })
  const correlation = seats.length === 2 ? correlationOf(matches) : null
  // Where both want the same, nobody wins: cross-play itself is the figure.
  const ratings =
    entrants.length > 1 && correlation !== null && correlation < 0
      ? rate(entrants.length, scoresOf(matches), createRandom(seed, 'bootstrap'))
      : null
  const runs = entrants.map(({ path, label }) => ({ path, label }))
  const played = { runs, seats, episodes, matches, correlation, ratings, responses: [] }
  options.played?.(played)
  if (bestResponse === undefined) return played
  const responses: BestResponse[] = []
  const training = { episodes, mode, seed, training: bestResponse, ...(threads === undefined ? {} : { threads }) }
  for (const [index, entrant] of entrants.entries()) {
    const own = matches.find(match => match.runs.every(player => player === index))!
    for (const [at, seat] of seats.entries()) {
      responses.push(await bestResponseTo(entrant, seat, own.means[at]!, training))
    }
  }
  return { ...played, responses }
}

/** The folders' names, or the paths where two folders have one name. */
function labelsOf(paths: readonly string[], { bestResponse }: CrossplayOptions): string[] {
  if (paths.length < 2 && bestResponse === undefined)
    throw new ConfigError('run', 'expected two runs or more to play with each other, got one')
  const twice = paths.find((path, index) => paths.findIndex(other => resolve(other) === resolve(path)) !== index)
  if (twice !== undefined) throw new ConfigError('run', `${twice} is named twice`)
  const names = paths.map(path => basename(resolve(path)))
  return new Set(names).size === names.length ? names : [...paths]
}

/** A response is trained in the game of the run itself. */
function refuseOtherResponse(scenario: object, { bestResponse }: CrossplayOptions): void {
  const [name] = Object.keys(scenario)
  if (bestResponse === undefined || name === undefined) return
  throw new ConfigError(
    `scenario.${name}`,
    'cannot change with --best-response, which trains in the game of the run itself',
  )
}

/** @throws ConfigError naming the first difference between the games of two runs. */
function refuseOtherGame(first: Entrant, other: Entrant): void {
  const opponentGame = ({ run, folder }: Entrant) => ({
    definition: { id: run.definition.id, version: trainedVersion(folder, run.definition) },
    config: run.config,
    agents: run.agents,
  })
  const difference =
    differenceOf(opponentGame(other), opponentGame(first)) ??
    optionDifference(first.run.definition.options, other.run.config, first.run.config) ??
    (first.run.source?.code === other.run.source?.code ? null : 'their copies of the scenario file differ')
  if (difference === null) return
  throw new ConfigError('run', `${other.path} plays another game than ${first.path}: ${difference}`)
}

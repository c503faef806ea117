// marlstrom crossplay: runs that were trained apart play with and against each other; ratings, and how far each can be exploited.
import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import { type BestResponse, bestResponseTo, type Entrant } from '../../crossplay/best-response.ts'
import { correlationOf, type Match, playMatches, scoresOf } from '../../crossplay/matches.ts'
import { type RunRating, rate } from '../../crossplay/ratings.ts'
import { type Seat, seatsOf } from '../../crossplay/seats.ts'
import { ConfigError, createRandom } from '../../index.ts'
import { differenceOf, optionDifference, trainedVersion } from '../../run/opponents.ts'
import { trainedPolicies } from '../../run/run.ts'
import { openTrainedRun } from '../../starting/open-run.ts'
import { addGameOption, choiceOf, gameOptionsOf, wholeNumber } from '../options/settings.ts'
import { print, printEvent, printNote } from '../terminal/print.ts'
import {
  matchTable,
  measureTable,
  ratingTable,
  responseTable,
  selfAndCross,
  type TableStyle,
} from './crossplay-tables.ts'

interface CrossplayOptions {
  readonly episodes: number
  readonly mode: 'sample' | 'greedy'
  readonly seed: number
  readonly bestResponse?: number
  readonly set?: readonly string[]
  readonly threads?: number
  readonly markdown?: boolean
  readonly json?: boolean
}

export function addCrossplayCommand(program: Command): void {
  addGameOption(program.command('crossplay'))
    .argument('<runs...>', 'run folders')
    .option('--episodes <n>', 'episodes of each pairing', wholeNumber, 1000)
    .option('--mode <mode>', 'sample as in training, or greedy', choiceOf('sample', 'greedy'), 'sample')
    .option('--seed <n>', 'seed of the episodes', wholeNumber, 0)
    .option(
      '--best-response <episodes>',
      'train an opponent for each team of each run, and see how much it takes',
      wholeNumber,
    )
    .option('--threads <n>', 'threads of that training; default: one per core', wholeNumber)
    .option('--markdown', 'tables as Markdown')
    .option('--json', 'one JSON object per line')
    .action(crossplayCommand)
}

async function crossplayCommand(paths: readonly string[], options: CrossplayOptions): Promise<void> {
  const entrants: Entrant[] = []
  try {
    if (options.episodes < 1) throw new ConfigError('--episodes', 'expected at least 1, got 0')
    const scenario = gameOptionsOf(options)
    refuseOtherResponse(scenario, options)
    for (const [index, label] of labelsOf(paths, options).entries()) {
      entrants.push({ label, path: paths[index]!, ...(await openTrainedRun(paths[index]!, printNote, { scenario })) })
    }
    for (const other of entrants.slice(1)) refuseOtherGame(entrants[0]!, other)
    await compare(entrants, options)
  } finally {
    for (const { run } of entrants) run.dispose()
  }
}

async function compare(entrants: readonly Entrant[], options: CrossplayOptions): Promise<void> {
  const { run } = entrants[0]!
  const seats = seatsOf(run.agents)
  if (options.bestResponse !== undefined && new Set(run.agents.map(({ team }) => team)).size < 2)
    throw new ConfigError('--best-response', `${run.definition.id} has one team: there is nobody to respond`)
  const { episodes, mode, seed } = options
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
  const responses: BestResponse[] = []
  const report = options.json ? jsonReport : options.markdown ? tableReport('markdown') : tableReport('terminal')
  report.matches(entrants, seats, matches, { ...options, correlation, ratings })
  if (options.bestResponse === undefined) return
  for (const [index, entrant] of entrants.entries()) {
    for (const seat of seats) {
      const own = matches.find(match => match.runs.every(player => player === index))!
      const partner = own.means[seats.indexOf(seat)]!
      responses.push(await bestResponseTo(entrant, seat, partner, { ...options, training: options.bestResponse }))
    }
  }
  report.responses(responses, options.bestResponse)
}

/** Everything that was played, as it is reported. */
export interface CrossplayOutcome {
  readonly episodes: number
  readonly mode: string
  readonly correlation: number | null
  readonly ratings: readonly RunRating[] | null
}

interface Report {
  matches(
    entrants: readonly Entrant[],
    seats: readonly Seat[],
    matches: readonly Match[],
    outcome: CrossplayOutcome,
  ): void
  responses(responses: readonly BestResponse[], training: number): void
}

const jsonReport: Report = {
  matches(entrants, seats, matches, { episodes, mode, correlation, ratings }) {
    const bySeat = <T>(values: readonly T[]) => Object.fromEntries(seats.map(({ name }, i) => [name, values[i]!]))
    for (const { runs, means, returns, measured } of matches) {
      const players = bySeat(runs.map(run => entrants[run]!.path))
      printEvent('pairing', { players, episodes: returns[0]!.length, mode, returns: bySeat(means), ...measured })
    }
    printEvent('crossplay', { episodes, mode, correlation, ...bySeatOf(selfAndCross(seats, matches)) })
    ratings?.forEach(({ overall, seats: rated }, run) => {
      printEvent('rating', { run: entrants[run]!.path, ...overall, teams: bySeat(rated) })
    })
  },
  responses(responses) {
    for (const response of responses) print(JSON.stringify({ event: 'bestResponse', ...response }))
  },
}

function tableReport(style: TableStyle): Report {
  return {
    matches(entrants, seats, matches, { correlation, ratings, mode }) {
      const episodes = matches[0]!.returns[0]!.length
      print(`Return per agent per episode, ${episodes} episodes of each pairing, ${mode} (± standard error)\n`)
      print(`${matchTable(entrants, seats, matches, style)}\n`)
      const measured = measureTable(entrants, seats, matches, style)
      if (measured !== null) print(`What the scenario measures, mean over the steps of an episode\n\n${measured}\n`)
      for (const { seat, self, cross } of entrants.length > 1 ? selfAndCross(seats, matches) : []) {
        print(`${seat}: ${self.toFixed(2)} with and against its own run, ${cross.toFixed(2)} with and against others`)
      }
      if (ratings !== null)
        print(`\nRatings on Elo's scale, with 95 % intervals\n\n${ratingTable(entrants, seats, ratings, style)}`)
      else if (entrants.length > 1) print(whyNoRatings(seats, correlation))
    },
    responses(responses, training) {
      print(`\nBest responses, trained for ${training} episodes against each team as it stands\n`)
      print(responseTable(responses, style))
    },
  }
}

function whyNoRatings(seats: readonly Seat[], correlation: number | null): string {
  if (seats.length !== 2) return `No ratings: they are for two teams, here are ${seats.length}.`
  if (correlation === null) return 'No ratings: a return is always the same.'
  return `No ratings: both sides do well together (correlation of their returns ${correlation.toFixed(2)}), so nobody wins.`
}

function bySeatOf(rows: readonly { seat: string; self: number; cross: number }[]) {
  return {
    self: Object.fromEntries(rows.map(({ seat, self }) => [seat, self])),
    cross: Object.fromEntries(rows.map(({ seat, cross }) => [seat, Number.isNaN(cross) ? null : cross])),
  }
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

// marlstrom crossplay: runs that were trained apart play with and against each other; ratings, and how far each can be exploited.
import type { Command } from 'commander'
import type { BestResponse } from '../../crossplay/best-response.ts'
import type { Seat } from '../../crossplay/seats.ts'
import { type Crossplay, crossplay } from '../../index.ts'
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
  const { bestResponse, mode, json, markdown } = options
  const report = json ? jsonReport : tableReport(markdown ? 'markdown' : 'terminal')
  const { responses } = await crossplay(paths, {
    ...options,
    scenario: gameOptionsOf(options),
    note: printNote,
    played: played => report.matches(played, mode),
  })
  if (bestResponse !== undefined) report.responses(responses, bestResponse)
}

interface Report {
  matches(played: Crossplay, mode: string): void
  responses(responses: readonly BestResponse[], training: number): void
}

const jsonReport: Report = {
  matches({ runs: entrants, seats, matches, correlation, ratings, episodes }, mode) {
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
    matches({ runs: entrants, seats, matches, correlation, ratings }, mode) {
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

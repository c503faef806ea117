// The tables of `marlstrom crossplay`: for terminals, or as Markdown.
import Table from 'cli-table3'
import pc from 'picocolors'
import type { BestResponse } from '../../crossplay/best-response.ts'
import type { Match } from '../../crossplay/matches.ts'
import type { Rating, RunRating } from '../../crossplay/ratings.ts'
import type { Seat } from '../../crossplay/seats.ts'

export type TableStyle = 'terminal' | 'markdown'
type Labelled = readonly { readonly label: string }[]

/** Two seats: rows play the first, columns the second, each cell both returns. More: one row per pairing. */
export function matchTable(
  entrants: Labelled,
  seats: readonly Seat[],
  matches: readonly Match[],
  style: TableStyle,
): string {
  const cell = ({ means }: Match, seat: number) => spread(means[seat]!)
  if (seats.length !== 2) {
    const rows = matches.map(match => [
      ...match.runs.map(run => entrants[run]!.label),
      ...seats.map((_, seat) => cell(match, seat)),
    ])
    return table(style, [...seats.map(({ name }) => name), ...seats.map(({ name }) => `return of ${name}`)], rows)
  }
  const [first, second] = seats as [Seat, Seat]
  const head = [`${first.name} (down), ${second.name} (across)`, ...entrants.map(({ label }) => label)]
  const rows = entrants.map(({ label }, run) => [
    label,
    ...matches.filter(({ runs }) => runs[0] === run).map(match => `${cell(match, 0)} | ${cell(match, 1)}`),
  ])
  return table(style, head, rows)
}

/** One row per pairing; null where the scenario measures nothing. */
export function measureTable(
  entrants: Labelled,
  seats: readonly Seat[],
  matches: readonly Match[],
  style: TableStyle,
): string | null {
  const names = Object.keys(matches[0]!.measured.metrics)
  if (names.length === 0) return null
  const rows = matches.map(({ runs, measured }) => [
    ...runs.map(run => entrants[run]!.label),
    ...names.map(name => spread(measured.metrics[name]!, 3)),
  ])
  return table(style, [...seats.map(({ name }) => name), ...names], rows)
}

/** The best run first. */
export function ratingTable(
  entrants: Labelled,
  seats: readonly Seat[],
  ratings: readonly RunRating[],
  style: TableStyle,
): string {
  const points = ({ rating, low, high }: Rating) => `${rating.toFixed(0)} (${low.toFixed(0)} ... ${high.toFixed(0)})`
  const rows = ratings
    .map(({ overall, seats: rated }, run) => ({
      overall,
      cells: [entrants[run]!.label, points(overall), ...rated.map(points)],
    }))
    .sort((a, b) => b.overall.rating - a.overall.rating)
    .map(({ cells }) => cells)
  return table(style, ['run', 'rating', ...seats.map(({ name }) => `as ${name}`)], rows)
}

export function responseTable(responses: readonly BestResponse[], style: TableStyle): string {
  const rows = responses.map(({ label, team, partner, response, exploitability }) => [
    label,
    team,
    spread(partner),
    spread(response),
    exploitability.toFixed(2),
  ])
  return table(
    style,
    ['run', 'team', 'return against its own partners', 'against the response', 'exploitability'],
    rows,
  )
}

/** Per seat: the mean return where all seats are played by one run, and where not all are (NaN with one run). */
export function selfAndCross(
  seats: readonly Seat[],
  matches: readonly Match[],
): { seat: string; self: number; cross: number }[] {
  const alone = ({ runs }: Match) => runs.every(run => run === runs[0])
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  return seats.map(({ name }, seat) => ({
    seat: name,
    self: mean(matches.filter(alone).map(({ means }) => means[seat]!.mean)),
    cross: mean(matches.filter(match => !alone(match)).map(({ means }) => means[seat]!.mean)),
  }))
}

function spread(
  { mean, standardError }: { readonly mean: number; readonly standardError: number },
  digits = 1,
): string {
  return `${mean.toFixed(digits)} ± ${standardError.toFixed(digits)}`
}

function table(style: TableStyle, head: string[], rows: readonly string[][]): string {
  if (style === 'markdown') {
    const line = (cells: readonly string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
    return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n')
  }
  const made = new Table({ head, style: { head: [], border: pc.isColorSupported ? ['dim'] : [] } })
  made.push(...rows)
  return made.toString()
}

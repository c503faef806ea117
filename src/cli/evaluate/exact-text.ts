// Exact win rates of a run in a game in turns, as a table.
import pc from 'picocolors'
import type { ExactStanding } from '../../run/exact-standings.ts'
import { tableText } from '../terminal/print-table.ts'

/** One row for each pairing and seat. */
export function exactText(standings: readonly ExactStanding[], markdown: boolean): string {
  const hasSeats = standings.some(({ begins }) => begins !== null)
  const rows = standings.map(({ team, mode, against, begins, won, drawn, lost }) => [
    team,
    mode === 'sample' ? 'sampling' : 'best guess',
    { trained: 'as trained', scripted: 'scripted controller', random: 'random actions' }[against],
    ...(hasSeats ? [begins ?? ''] : []),
    ...[won, drawn, lost].map(share => `${(100 * share).toFixed(2)} %`),
  ])
  const head = ['team', 'plays', 'against', ...(hasSeats ? ['begins'] : []), 'won', 'drawn', 'lost']
  const note = 'Exact, of all lines of play; each team that learnt against the other one.'
  const table = tableText(head, rows, hasSeats ? 4 : 3, markdown)
  return [table, markdown ? note : pc.dim(note)].join(markdown ? '\n\n' : '\n')
}

// Checkpoints of earlier versions, in which update rounds were one object for all agents, as those of today.
import type { Saved } from '../types.ts'

/** What an earlier version saved of its update rounds. */
interface EarlierRounds {
  readonly envSteps: number
  /** Rounds due, the one under way included, and the updates made in that one. */
  readonly pending: number
  readonly lesson: number
  readonly random: Saved
  /** One of each update of a round, or one in all. */
  readonly draws: readonly Saved[]
  /** [rows] TD errors so far of the one batch of a round. */
  readonly surprise: Saved
}

/** A team that learns: of each update of a round of it, which agent's it is. */
export interface EarlierTeam {
  readonly name: string
  readonly turns: readonly number[]
  /** How it draws its batches. */
  readonly draws: unknown
}

/** The same state, with a learner per team and draws apart; one of today as it is. All teams of an earlier run drew alike. */
export function asToday(saved: Saved, teams: readonly EarlierTeam[]): Saved {
  const state = saved as { readonly [name: string]: Saved }
  const rounds = state.rounds as (EarlierRounds & { readonly [name: string]: Saved }) | undefined
  if (rounds?.lesson === undefined) return saved
  const { pending, lesson, random, draws, surprise, ...others } = rounds
  const { envSteps } = rounds
  // All updates of a round, in agent order; those of one agent in the order of its sub-policies.
  const all = teams.flatMap(({ turns }, team) => turns.map((agent, turn) => ({ agent, team, turn })))
  all.sort((a, b) => a.agent - b.agent || a.turn - b.turn)
  const madeBy = teams.map((_, team) => all.slice(0, lesson).filter(update => update.team === team).length)
  const isOver = (team: number) => lesson > 0 && madeBy[team] === teams[team]!.turns.length
  const inOrder = teams.flatMap((_, team) => all.flatMap((update, i) => (update.team === team ? [draws[i]!] : [])))
  const view = teams[0]?.draws === 'round' ? { draw: draws[0]!, made: lesson, surprise } : inOrder
  return {
    ...state,
    draws: { random, views: [view] },
    teams: Object.fromEntries(
      teams.map(({ name }, team) => [
        name,
        isOver(team) ? { envSteps, pending: pending - 1, turn: 0 } : { envSteps, pending, turn: madeBy[team]! },
      ]),
    ),
    rounds: {
      ...others,
      due: pending > 0,
      open: lesson === 0 ? [] : teams.flatMap((_, team) => (isOver(team) ? [] : [team])),
    },
  }
}

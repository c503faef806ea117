// The rows of a trajectory whose agents may be absent: each leads from an own step of an agent to its next own step (docs/games.md).

import { pow } from '../elementary.ts'
import type { RowPlaces, RowSource } from './row-places.ts'

/** An own step of an agent with all steps of the game up to its next one, by their numbers in the log. */
export interface OwnTransition {
  readonly first: number
  readonly last: number
}

/** What follows for an agent, as the log says it (step-layout.ts). */
const followsPresent = 1
const followsCut = 2

/**
 * The own transitions of an agent in some steps of a game, in order. `open`: null where nothing is left open; else the agent waits, and its
 * transitions since its episode began are left for later too, from this step on. Returns that were cut where an agent happens to wait would leave
 * out what made it wait: in Pig a roll of 1, never the better rolls, so that rolling would look better than it is.
 */
export function ownTransitions(
  { layout, log, games }: Pick<RowSource, 'layout' | 'log' | 'games'>,
  agent: number,
  game: number,
  from: number,
  to: number,
): { readonly whole: readonly OwnTransition[]; readonly open: number | null } {
  const whole: OwnTransition[] = []
  let open: number | null = null
  /** Transitions up to the last end of an episode. */
  let ended = 0
  const { follows } = layout.blocks[agent]!
  for (let step = from; step < to; step++) {
    const start = (step * games + game) * layout.columns
    const at = start + layout.outcome[agent]!
    if (log[at + 1] === 1) open = step
    if (open === null || (log[at + 2] === 0 && log[start + follows!.column] === 0)) continue
    whole.push({ first: open, last: step })
    open = null
    if (log[at + 2] === 1 || log[start + layout.truncated] === 1) ended = whole.length
  }
  if (open === null) return { whole, open }
  return { whole: whole.slice(0, ended), open: whole[ended]?.first ?? open }
}

/** Sequences of own transitions; rows behind the end of a sequence stand nowhere. */
export function ownRows(source: RowSource, members: readonly number[]): RowPlaces {
  const { layout, log, games, lanes, discount, unlearntFrom } = source
  const sequences = members.flatMap(agent =>
    lanes.map(({ game, first, length }) => {
      const from = Math.max(first, unlearntFrom(agent, game))
      return { agent, game, ...ownTransitions(source, agent, game, from, first + length) }
    }),
  )
  const steps = sequences.reduce((longest, { whole }) => Math.max(longest, whole.length), 0)
  const rows = steps * sequences.length
  const firsts = new Int32Array(rows).fill(-1)
  const lasts = new Int32Array(rows).fill(-1)
  const ages = new Float64Array(rows)
  const countsGameSteps = discount.per === 'gameStep'
  const outcomes = {
    rewards: new Float32Array(rows),
    present: new Uint8Array(rows),
    terminated: new Uint8Array(rows),
    truncated: new Uint8Array(rows),
    restarted: new Uint8Array(rows),
    ...(countsGameSteps ? { durations: new Uint32Array(rows) } : {}),
  }
  sequences.forEach(({ agent, game, whole }, sequence) => {
    const startOf = (step: number) => (step * games + game) * layout.columns
    const at = layout.outcome[agent]!
    let age = 0
    whole.forEach(({ first, last }, i) => {
      const row = i * sequences.length + sequence
      firsts[row] = startOf(first)
      lasts[row] = startOf(last)
      const [begin, end] = [startOf(first) + at, startOf(last) + at]
      let reward = 0
      for (let step = first; step <= last; step++) {
        reward += (countsGameSteps ? pow(discount.gamma, step - first) : 1) * log[startOf(step) + at]!
      }
      outcomes.rewards[row] = reward
      outcomes.present[row] = 1
      outcomes.terminated[row] = log[end + 2]!
      outcomes.restarted[row] = log[begin + 3]!
      outcomes.truncated[row] = log[startOf(last) + layout.truncated]!
      if (outcomes.durations !== undefined) outcomes.durations[row] = last - first + 1
      if (outcomes.restarted[row] === 1) age = 0
      ages[row] = age
      age += countsGameSteps ? last - first + 1 : 1
    })
  })
  return { steps, first: firsts, last: lasts, outcomes, ageOf: row => ages[row]! }
}

/** Whether an agent is there at what is next: of a row of its own also where its episode was cut while it waited. */
export function isThereNext(follows: number, isOwn: boolean): boolean {
  return follows === followsPresent || (isOwn && follows === followsCut)
}

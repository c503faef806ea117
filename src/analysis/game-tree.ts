// The whole tree of a deterministic two-player game in turns: what every position is worth and which moves are best (backward induction).
import type { MarkovGame } from '../envs/markov-game.ts'
import { fingerprint } from '../fingerprint.ts'
import { copySaved } from '../saved.ts'
import type { Saved } from '../types.ts'
import { createTurns, type Turns } from './turn-moves.ts'

/** A position as both play it best. */
export interface Solved {
  /** All rewards that the first agent gets from here on, when both play best; the second gets as much less. */
  readonly value: number
  /** Moves to the end when the winner hurries and the loser delays. */
  readonly moves: number
  /** Who is to move; null: the episode is over. */
  readonly agent: number | null
  /** The alternatives that are worth as much as the best, those that hurry or delay best first; none: the episode is over. */
  readonly best: readonly number[]
}

/** All positions of a game in turns that can be reached, with what perfect play is worth in each. */
export interface GameTree {
  /** Of the position in which an episode begins, or of one that the game saved. */
  at(position?: Saved): Solved
  /** Positions that the tree has, those in which the episode is over included. */
  readonly positions: number
}

/**
 * Searches all that can come of a game, once. For games without chance in which one of two agents is present at a time and chooses among
 * alternatives, and what one gets the other loses.
 * @param keyOf What tells positions apart, where a game saves more than that.
 * @throws TypeError where the game is none of these
 */
export function createGameTree(game: MarkovGame, keyOf: (position: Saved) => string | bigint = fingerprint): GameTree {
  const { id, agents, rewards } = game
  if (agents.length !== 2) throw new TypeError(`${id}: expected two agents, got ${agents.length}`)
  const turns = createTurns(game)
  const solved = new Map<string | bigint, Solved>()

  const solve = (): Solved => {
    const position = copySaved(game.save())
    const key = keyOf(position)
    const known = solved.get(key)
    if (known !== undefined) return known
    const result = best(turns, () => {
      const reward = rewards[0]!
      if (rewards[1] !== -reward) {
        throw new TypeError(`${id}: expected rewards that add up to 0, got ${reward} and ${rewards[1]}`)
      }
      const { value, moves } = solve()
      const after = { value: reward + value, moves: moves + 1 }
      game.restore(position)
      return after
    })
    solved.set(key, result)
    return result
  }

  turns.begin()
  const start = copySaved(game.save())
  solve()
  return {
    at(position = start) {
      game.restore(position)
      return solve()
    },
    get positions() {
      return solved.size
    },
  }
}

/** `follow`: what a move that was just made leads to; the game stands as before when it returns. */
function best(turns: Turns, follow: () => { readonly value: number; readonly moves: number }): Solved {
  const turn = turns.turn()
  if (turn === null) return { value: 0, moves: 0, agent: null, best: [] }
  const { agent, allowed } = turn
  const sign = agent === 0 ? 1 : -1
  const found = allowed.map(alternative => {
    turns.move(agent, alternative)
    const { value, moves } = follow()
    return { alternative, value, moves, own: sign * value }
  })
  // Who wins hurries, who loses delays; nobody does either towards a draw.
  const wish = ({ own, moves }: (typeof found)[number]) => -Math.sign(own) * moves
  found.sort((a, b) => b.own - a.own || wish(b) - wish(a))
  const [first] = found as [(typeof found)[number]]
  return {
    value: first.value,
    moves: first.moves,
    agent,
    best: found.filter(({ own }) => own === first.own).map(({ alternative }) => alternative),
  }
}

// What comes of two policies that meet in a deterministic game in turns, exactly: every line of play by its probability.
import type { MarkovGame } from '../envs/markov-game.ts'
import { fingerprint } from '../fingerprint.ts'
import { copySaved } from '../saved.ts'
import { createTurns, type Turn } from './turn-moves.ts'

/** What the agent that is to move goes by. */
export interface TurnSight extends Turn {
  /** What it sees, in single precision as actors do; overwritten afterwards. */
  readonly observation: Float32Array
  /** The game as it stands, not to be moved. */
  readonly game: MarkovGame
}

/**
 * A policy that remembers nothing: the probability of each alternative of its choice, 0 of those that are not allowed; they add up to 1.
 */
export type TurnPolicy = (sight: TurnSight) => ArrayLike<number>

/** Per agent, in agent order. */
export interface ExactResult {
  /** Expected returns. */
  readonly returns: readonly [number, number]
  /** How probable it is that the agent gets more than the other one. */
  readonly wins: readonly [number, number]
  /** That both get the same. */
  readonly draws: number
}

/**
 * Plays all lines of a game of two agents in turns, without chance, from its beginning.
 * @throws TypeError where the game is none of these, RangeError where a policy gives no probabilities of what is allowed
 */
export function exactResult(game: MarkovGame, policies: readonly [TurnPolicy, TurnPolicy]): ExactResult {
  const { id, agents, rewards } = game
  if (agents.length !== 2) throw new TypeError(`${id}: expected two agents, got ${agents.length}`)
  const turns = createTurns(game)
  const seen = agents.map(({ observationSize }) => new Float64Array(observationSize))
  const known = new Map<bigint, readonly Line[]>()

  /** All that can still come, from the position in which the game stands. */
  const linesFromHere = (): readonly Line[] => {
    const position = copySaved(game.save())
    const key = fingerprint(position)
    const before = known.get(key)
    if (before !== undefined) return before
    const lines = new Map<string, Line>()
    const turn = turns.turn()
    if (turn === null) add(lines, { returns: [0, 0], probability: 1 })
    else {
      game.observe(turn.agent, seen[turn.agent]!)
      const observation = Float32Array.from(seen[turn.agent]!)
      const chances = Float64Array.from(policies[turn.agent]!({ ...turn, observation, game }))
      demandChances(chances, turn, agents[turn.agent]!)
      for (const alternative of turn.allowed) {
        if (chances[alternative] === 0) continue
        turns.move(turn.agent, alternative)
        const [first, second] = rewards as unknown as [number, number]
        for (const { returns, probability } of linesFromHere()) {
          add(lines, {
            returns: [first + returns[0], second + returns[1]],
            probability: chances[alternative]! * probability,
          })
        }
        game.restore(position)
      }
    }
    const result = [...lines.values()]
    known.set(key, result)
    return result
  }

  turns.begin()
  return summed(linesFromHere())
}

/** Returns from some position on, and how probable they are. */
interface Line {
  readonly returns: readonly [number, number]
  readonly probability: number
}

function add(lines: Map<string, Line>, { returns, probability }: Line): void {
  const key = returns.join()
  lines.set(key, { returns, probability: probability + (lines.get(key)?.probability ?? 0) })
}

function summed(lines: readonly Line[]): ExactResult {
  const expected = (value: (line: Line) => number) =>
    lines.reduce((sum, line) => sum + line.probability * value(line), 0)
  return {
    returns: [expected(({ returns }) => returns[0]), expected(({ returns }) => returns[1])],
    wins: [
      expected(({ returns }) => (returns[0] > returns[1] ? 1 : 0)),
      expected(({ returns }) => (returns[1] > returns[0] ? 1 : 0)),
    ],
    draws: expected(({ returns }) => (returns[0] === returns[1] ? 1 : 0)),
  }
}

/** Rounding of a network's probabilities. */
const tolerance = 1e-5

function demandChances(chances: Float64Array, { allowed }: Turn, { id }: { readonly id: string }): void {
  const sum = chances.reduce((sum, chance) => sum + chance, 0)
  const ofAllowed = allowed.reduce((sum, alternative) => sum + (chances[alternative] ?? 0), 0)
  if (chances.every(chance => chance >= 0) && sum === ofAllowed && Math.abs(sum - 1) <= tolerance) {
    for (let i = 0; i < chances.length; i++) chances[i]! /= sum
    return
  }
  throw new RangeError(
    `${id}: expected probabilities of the alternatives ${allowed.join(', ')} that add up to 1, got [${[...chances].join(', ')}]`,
  )
}

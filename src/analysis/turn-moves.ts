// Moves in games in turns: who is to move in a game as it stands, what it may choose, and the game after its choice.

import type { MarkovGame } from '../envs/markov-game.ts'
import type { Random } from '../random.ts'
import { actionSize } from '../spaces.ts'
import type { Matrix, Saved } from '../types.ts'

/** A position of a game in turns. */
export interface Turn {
  /** Who is to move, by index. */
  readonly agent: number
  /** The alternatives of its choice that are allowed, in order. */
  readonly allowed: readonly number[]
}

export interface Turns {
  readonly game: MarkovGame
  /** Begins an episode. @throws TypeError where the game draws a random number, then or later. */
  begin(): void
  /** Whose turn it is; null: the episode is over. @throws TypeError where more than one agent is present. */
  turn(): Turn | null
  /** Takes an alternative for the agent that is to move; the game's rewards are those of this step. */
  move(agent: number, alternative: number): void
}

/**
 * A deterministic game in turns, to be moved by alternatives.
 * @throws TypeError where an agent has more to say than one choice
 */
export function createTurns(game: MarkovGame): Turns {
  const { id, agents, present, terminated } = game
  const masks = agents.map(agent => {
    const [part, ...more] = agent.actionSpace
    if (part?.kind === 'choice' && more.length === 0) return new Uint8Array(part.size)
    throw new TypeError(`${id}: expected agents with one choice, got other parts of the action of ${agent.id}`)
  })
  const actions: Matrix[] = agents.map(({ actionSpace }) => {
    const columns = actionSize(actionSpace)
    return { rows: 1, columns, data: new Float32Array(columns) }
  })
  return {
    game,
    begin: () => game.reset(noChance(id)),
    turn() {
      const moving = agents.flatMap((_, index) => (present[index] === 1 && terminated[index] === 0 ? [index] : []))
      if (game.truncated || moving.length === 0) return null
      if (moving.length > 1) {
        const who = moving.map(index => agents[index]!.id).join(', ')
        throw new TypeError(`${id}: expected a game in turns, in which one agent is present at a time, got ${who}`)
      }
      const [agent] = moving as [number]
      const mask = masks[agent]!.fill(1)
      game.actionMask?.(agent, mask)
      return { agent, allowed: [...mask.keys()].filter(alternative => mask[alternative] === 1) }
    },
    move(agent, alternative) {
      for (const { data } of actions) data.fill(0)
      actions[agent]!.data[alternative] = 1
      game.step(actions, 0)
    },
  }
}

/** A stream for games that must not need one. */
function noChance(id: string): Random {
  const refuse = () => {
    throw new TypeError(`${id}: expected a game without chance, it drew a random number`)
  }
  return { uniform: refuse, between: refuse, integer: refuse, bits: refuse, save: (): Saved => null, restore() {} }
}

// Policies that learn nothing, to compare with: chance, doing nothing, and the controller that a scenario ships.
import type { Random } from '../random.ts'
import type { ActionSpace } from '../spaces.ts'
import type { Saved } from '../types.ts'
import type { Policy } from './policy.ts'

/** Every choice uniformly one-hot, every box number uniform within its bounds. */
export function createRandomPolicy(space: ActionSpace, random: Random): Policy {
  return {
    act({ actions }) {
      let at = 0
      for (let row = 0; row < actions.rows; row++) {
        for (const part of space) {
          const chosen = part.kind === 'choice' ? random.integer(part.size) : -1
          for (let c = 0; c < part.size; c++) {
            actions.data[at++] = part.kind === 'choice' ? (c === chosen ? 1 : 0) : random.between(part.low, part.high)
          }
        }
      }
    },
    save: (): Saved => random.save(),
    restore: saved => random.restore(saved),
  }
}

/** The first alternative of every choice (no move), and zeros in every box. */
export function createNoOpPolicy(space: ActionSpace): Policy {
  return {
    act({ actions }) {
      let at = 0
      for (let row = 0; row < actions.rows; row++) {
        for (const part of space) {
          for (let c = 0; c < part.size; c++) actions.data[at++] = part.kind === 'choice' && c === 0 ? 1 : 0
        }
      }
    },
    ...stateless,
  }
}

/** Asks each game for the action of its scripted controller: `script` writes row `game` of the actions. */
export function createScriptedPolicy(script: (game: number, request: Parameters<Policy['act']>[0]) => void): Policy {
  return {
    act(request) {
      for (let game = 0; game < request.actions.rows; game++) script(game, request)
    },
    ...stateless,
  }
}

const stateless = { save: (): Saved => null, restore() {} }

// Policies that learn nothing, to compare with: chance, doing nothing, and the controller that a scenario ships.
import { createRandom, type Random } from '../random.ts'
import type { ActionSpace } from '../spaces.ts'
import type { AgentSpec, Matrix, Saved } from '../types.ts'
import type { Policy } from './policy.ts'

/** Policies that learn nothing, by name. */
export const baselines = ['random', 'noop', 'scripted'] as const
export type Baseline = (typeof baselines)[number]

/** Whether a word names one of them. */
export function isBaseline(who: string | undefined): who is Baseline {
  return (baselines as readonly (string | undefined)[]).includes(who)
}

/** What a script needs of a game: it writes the action of an agent into a row. */
interface Scripted {
  script?(agent: number, actions: Matrix, row: number): void
}

/** The policy of an agent in some games; the stream of its chance is named by seed and purpose. */
export function createBaselinePolicy(
  kind: Baseline,
  { id, actionSpace }: Pick<AgentSpec, 'id' | 'actionSpace'>,
  index: number,
  games: () => readonly Scripted[],
  [seed, purpose]: readonly [number, string],
): Policy {
  if (kind === 'random') return createRandomPolicy(actionSpace, createRandom(seed, purpose, id))
  if (kind === 'noop') return createNoOpPolicy(actionSpace)
  return createScriptedPolicy((game, { actions }) => games()[game]!.script!(index, actions, game))
}

/** Every choice uniformly one-hot, every box number uniform within its bounds. */
export function createRandomPolicy(space: ActionSpace, random: Random): Policy {
  const evenly = space.flatMap(part =>
    new Array<number>(part.size).fill(part.kind === 'choice' ? 1 / part.size : (part.low + part.high) / 2),
  )
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
    probabilities({ rows }) {
      const data = Float32Array.from({ length: rows * evenly.length }, (_, i) => evenly[i % evenly.length]!)
      return { rows, columns: evenly.length, data }
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
      for (let game = 0; game < request.actions.rows; game++) {
        if (request.present?.[game] !== 0) script(game, request)
      }
    },
    ...stateless,
  }
}

const stateless = { save: (): Saved => null, restore() {} }

// Policies that learn nothing, to compare with: chance, doing nothing, and the controller that a scenario ships.
import { createRandom, type Random } from '../random.ts'
import { type ActionSpace, actionSize } from '../spaces.ts'
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

/** Every choice uniformly one-hot among the alternatives that are allowed, every box number uniform within its bounds. */
export function createRandomPolicy(space: ActionSpace, random: Random): Policy {
  const columns = actionSize(space)
  const isOneChoice = space.length === 1 && space[0]!.kind === 'choice'
  return {
    act({ observations: { mask }, actions: { rows, data } }) {
      if (mask === undefined && isOneChoice) {
        data.fill(0)
        for (let at = 0; at < data.length; at += columns) data[at + random.integer(columns)] = 1
        return
      }
      let at = 0
      for (let row = 0; row < rows; row++) {
        for (const part of space) {
          const chosen = part.kind === 'choice' ? chooseAllowed(random, mask, at, part.size) : -1
          for (let c = 0; c < part.size; c++) {
            data[at++] = part.kind === 'choice' ? (c === chosen ? 1 : 0) : random.between(part.low, part.high)
          }
        }
      }
    },
    probabilities({ rows, mask }) {
      const data = new Float32Array(rows * columns)
      for (let at = 0; at < data.length; ) {
        for (const part of space) {
          const each = part.kind === 'choice' ? 1 / countAllowed(mask, at, part.size) : (part.low + part.high) / 2
          for (let c = 0; c < part.size; c++, at++) data[at] = part.kind === 'box' || isAllowed(mask, at) ? each : 0
        }
      }
      return { rows, columns, data }
    },
    save: (): Saved => random.save(),
    restore: saved => random.restore(saved),
  }
}

/** The first alternative of every choice (no move), or the first that is allowed where it is not; zeros in every box. */
export function createNoOpPolicy(space: ActionSpace): Policy {
  return {
    act({ observations: { mask }, actions }) {
      let at = 0
      for (let row = 0; row < actions.rows; row++) {
        for (const part of space) {
          const chosen = part.kind === 'choice' ? nthAllowed(mask, at, part.size, 0) : -1
          for (let c = 0; c < part.size; c++) actions.data[at++] = c === chosen ? 1 : 0
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

/** Of the numbers of a mask from `at` on; without one everything is allowed. */
function isAllowed(mask: Matrix | undefined, at: number): boolean {
  return mask === undefined || mask.data[at] !== 0
}

function countAllowed(mask: Matrix | undefined, at: number, size: number): number {
  if (mask === undefined) return size
  let count = 0
  for (let c = 0; c < size; c++) if (mask.data[at + c] !== 0) count++
  return count
}

function chooseAllowed(random: Random, mask: Matrix | undefined, at: number, size: number): number {
  const count = countAllowed(mask, at, size)
  return nthAllowed(mask, at, size, count === 0 ? 0 : random.integer(count))
}

/** The allowed alternative before which there are n others. @throws RangeError where there is none */
function nthAllowed(mask: Matrix | undefined, at: number, size: number, n: number): number {
  if (mask === undefined) return n
  for (let c = 0, before = 0; c < size; c++) if (mask.data[at + c] !== 0 && before++ === n) return c
  const row = Math.floor(at / mask.columns)
  throw new RangeError(`action mask: expected an alternative that is allowed in row ${row}, got none`)
}

const stateless = { save: (): Saved => null, restore() {} }

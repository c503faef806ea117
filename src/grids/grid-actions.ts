// The actions of a grid game by name: which of them move and turn, what a row says, and what comes nearest to a wish.
import type { GridAgent } from './grid-entities.ts'
import { type Cell, type Direction, directions, steps, turned } from './grid-map.ts'

/** Whether an action steps into another cell; null: it does not. */
export function stepOf(action: string, { facing }: Pick<GridAgent, 'facing'>): Cell | null {
  if (action === 'forward') return facing === null ? null : steps[facing]
  return Object.hasOwn(steps, action) ? steps[action as Direction] : null
}

/** Where the agent looks after an action. */
export function facingAfter(action: string, facing: Direction | null): Direction | null {
  return facing !== null && (action === 'left' || action === 'right') ? turned(facing, action) : facing
}

/**
 * The index of the action nearest to a wish: the direction that is wished for most, if it is above 0.5, else the first action that is no move.
 * `say`: the number of the action itself; beyond the last one it is that.
 */
export function wishedAction(
  actions: readonly string[],
  { facing }: Pick<GridAgent, 'facing'>,
  [x, y]: readonly [number, number],
  say: number | null,
): number {
  if (say !== null) return Math.min(Math.max(0, say), actions.length - 1)
  const still = Math.max(
    0,
    actions.findIndex(action => !isMove(action)),
  )
  if (Math.max(Math.abs(x), Math.abs(y)) <= 0.5) return still
  const wished: Direction = Math.abs(x) >= Math.abs(y) ? (x > 0 ? 'east' : 'west') : y > 0 ? 'north' : 'south'
  const there = actions.indexOf(wished)
  if (there !== -1) return there
  if (facing === null) return still
  const word = facing === wished ? 'forward' : turned(facing, 'left') === wished ? 'left' : 'right'
  const turn = actions.indexOf(word)
  return turn === -1 ? still : turn
}

/** An action, or where it is forbidden the first one that is allowed. `mask`: 1 where an action is. */
export function firstAllowed(mask: Uint8Array, wished: number): number {
  return mask[wished] === 1 ? wished : Math.max(0, mask.indexOf(1))
}

function isMove(action: string): boolean {
  return (
    (directions as readonly string[]).includes(action) ||
    action === 'forward' ||
    action === 'left' ||
    action === 'right'
  )
}

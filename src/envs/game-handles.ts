// What viewers can do to a game, and what can be asked of it beyond the observations: each optional.
import type { Matrix } from '../types.ts'

/** What viewers may do to a game by hand. */
export interface GameHandles {
  /**
   * Writes the legal action nearest to a wish into row 0 of an agent's `actions`: `move`, (x, y) in -1 ... 1; `say`, the channel that it
   * speaks on, null: silence. @throws RangeError where it cannot do that
   */
  steer?(agent: number, move: readonly [number, number], say: number | null, actions: Matrix): void
  /** Puts an entity of the pictures elsewhere, at rest; world units. @throws RangeError */
  drag?(entity: number, x: number, y: number): void
  /** Whether `rewardParts` are noted from the next step on. */
  watchRewards?(watch: boolean): void
  /** Named parts of an agent's last reward. */
  rewardParts?(agent: number): ReadonlyMap<string, number>
  /** Sets marks[entity] to 1 for every entity of the pictures of which the agent's observation shows something, to 0 for the others. */
  sees?(agent: number, marks: Uint8Array): void
}

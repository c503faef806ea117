// The mask of an agent, read from its game into a row of ones and zeros, and refused where it allows nothing.
import { GameError } from '../errors.ts'
import { actionSize } from '../spaces.ts'
import type { AgentSpec, Matrix } from '../types.ts'
import type { MarkovGame } from './markov-game.ts'

/**
 * Writes which alternatives an agent may choose now into a row: 1 or 0; 1 in the columns of boxes. `step`: of the episode, for errors.
 * @throws GameError naming agent and part where no alternative of a choice is allowed.
 */
export type MaskReader = (
  game: Pick<MarkovGame, 'id' | 'actionMask'>,
  agent: number,
  to: Matrix,
  row: number,
  step: number,
) => void

export function createMaskReader({ id, actionSpace }: Pick<AgentSpec, 'id' | 'actionSpace'>): MaskReader {
  const size = actionSize(actionSpace)
  const mask = new Uint8Array(size)
  return (game, agent, { data }, row, step) => {
    mask.fill(1)
    game.actionMask!(agent, mask)
    let column = 0
    for (const part of actionSpace) {
      let allowed = 0
      for (let i = 0; i < part.size; i++, column++) {
        const is = part.kind === 'box' || mask[column] !== 0 ? 1 : 0
        allowed += is
        data[row * size + column] = is
      }
      if (allowed > 0) continue
      throw new GameError(
        `${game.id}: actionMask of ${id} forbids all ${part.size} alternatives of '${part.name}': at least one must stay allowed`,
        { step },
        undefined,
      )
    }
  }
}

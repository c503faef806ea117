// The mask of an agent, read from its game into a row of ones and zeros, and refused where it allows nothing.
import { GameError } from '../errors.ts'
import { actionSize } from '../spaces.ts'
import type { AgentSpec, Matrix } from '../types.ts'
import type { MarkovGame } from './markov-game.ts'

/**
 * Writes which alternatives an agent may choose now into a row: 1 or 0; 1 in the columns of boxes. `step`: of the episode, for errors.
 * @throws GameError naming agent and part where no alternative of a choice is allowed, or the mask is not of ones and zeros.
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
        const is = part.kind === 'box' ? 1 : mask[column]!
        if (is > 1) refuse(game, id, agent, step, `must be of ones and zeros, got ${is} in part '${part.name}'`)
        allowed += is
        data[row * size + column] = is
      }
      if (allowed > 0) continue
      const all = `forbids all ${part.size} alternatives of '${part.name}': at least one must stay allowed`
      refuse(game, id, agent, step, all)
    }
  }
}

/** [actionSize] What an agent may do now: 1, 0 where it may not; undefined where it is absent, and in games without action masks. */
export function allowedNow(
  game: Pick<MarkovGame, 'agents' | 'present' | 'actionMask'>,
  agent: number,
): Uint8Array | undefined {
  if (game.actionMask === undefined || game.present[agent] === 0) return undefined
  const { actionSpace } = game.agents[agent]!
  const mask = new Uint8Array(actionSize(actionSpace)).fill(1)
  game.actionMask(agent, mask)
  let from = 0
  for (const { kind, size } of actionSpace) {
    if (kind === 'box') mask.fill(1, from, from + size)
    from += size
  }
  return mask
}

function refuse(game: Pick<MarkovGame, 'id'>, id: string, agent: number, step: number, why: string): never {
  throw new GameError(`${game.id}: actionMask of ${id} ${why}`, { step, member: 'actionMask', agent }, undefined)
}

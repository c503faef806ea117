// What a person may ask of an agent that they control: a wish less what the agent's mask forbids now.
import type { FrameAgent } from '../../src/stream/protocol.ts'
import { partsOf } from './action-parts.ts'

/** Why an alternative is grey. */
export const notAllowed = 'not allowed now'

export interface Wish {
  /** Right and up, -1, 0 or 1 each. */
  readonly move: readonly [number, number]
  /** The channel, or the alternative of a game that has one choice; null: none. */
  readonly say: number | null
}

/** `rules`: those of the game, where it has some; `mask` [actionSize]: 0 forbids, absent: nothing is forbidden. `forbidden`: what was taken out. */
export function allowedWish(
  space: FrameAgent['actionSpace'],
  rules: unknown,
  mask: Uint8Array | undefined,
  { move: [right, up], say }: Wish,
): { readonly wish: Wish; readonly forbidden: readonly string[] } {
  const forbidden: string[] = []
  const parts = partsOf(space, rules).filter(({ kind }) => kind === 'choice')
  const isForbidden = (part: (typeof parts)[number] | undefined, alternative: number) =>
    part !== undefined && mask?.[part.offset + alternative] === 0
  const refuse = (name: string) => {
    forbidden.push(name)
    return true
  }
  const isWall = (x: number, y: number) => {
    if (x === 0 && y === 0) return false
    const words = directionWords(x, y)
    return parts.some(part => {
      const alternative = part.names.findIndex(name => words.includes(name.toLowerCase()))
      return alternative >= 0 && isForbidden(part, alternative) && refuse(part.names[alternative]!)
    })
  }
  const move = [isWall(right, 0) ? 0 : right, isWall(0, up) ? 0 : up] as const
  const spoken = parts.find(({ title }) => title === 'say') ?? (parts.length === 1 ? parts[0] : undefined)
  const isSilenced = say !== null && isForbidden(spoken, say) && refuse(spoken!.names[say]!)
  return { wish: { move, say: isSilenced ? null : say }, forbidden }
}

/** What alternatives are called that go in a direction. */
function directionWords(right: number, up: number): readonly string[] {
  if (right !== 0) return right > 0 ? ['\u2192', 'right', 'east'] : ['\u2190', 'left', 'west']
  return up > 0 ? ['\u2191', 'up', 'north'] : ['\u2193', 'down', 'south']
}

// The numbers of an action row by name: directions of the particle worlds, channels by their letters, by the names that the game gives, else by their index.
import { channelName } from '../../src/picture/layout.ts'
import type { FrameAgent } from '../../src/stream/protocol.ts'

export interface ActionNumbers {
  readonly title: string
  readonly kind: 'choice' | 'box'
  readonly offset: number
  readonly names: readonly string[]
  readonly low: number
  readonly high: number
}

/** The five directions of a particle world's move, in the order of its rules. */
const MOVES = {
  mpe2: ['stay', '\u2190', '\u2192', '\u2193', '\u2191'],
  openai: ['stay', '\u2192', '\u2190', '\u2191', '\u2193'],
} as const

/** `rules`: those that the game follows, where it has some. */
export function partsOf(space: FrameAgent['actionSpace'], rules: unknown): ActionNumbers[] {
  let offset = 0
  return space.map(part => {
    const { name, kind, size } = part
    const openai = kind === 'choice' ? part.soft : rules === 'openai'
    const names = Array.from({ length: size }, (_, i) => {
      if (part.kind === 'choice' && part.names !== undefined) return part.names[i]!
      if (name === 'say') return channelName(i)
      return name === 'move' && size === 5 ? MOVES[openai ? 'openai' : 'mpe2'][i]! : String(i)
    })
    const bounds = kind === 'box' ? { low: part.low, high: part.high } : { low: 0, high: 1 }
    offset += size
    return { title: name, kind, offset: offset - size, names, ...bounds }
  })
}

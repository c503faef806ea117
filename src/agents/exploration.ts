// Noise added to the boxes of an actor that has no chance of its own: independent (Gaussian) or with a memory (Ornstein-Uhlenbeck).
import { type Noise, noiseNormal } from '../random.ts'
import { type ActionSpace, actionSize, type BoxPart } from '../spaces.ts'
import type { Matrix, Saved, Stateful } from '../types.ts'

/** policy: by the actor's own deviation; the others add noise to a deterministic action. */
export type ExplorationKind = 'policy' | 'gaussian' | 'ornsteinUhlenbeck'

export interface Exploration extends Stateful {
  /**
   * Adds noise to the boxes of actions [games, actionSize], within their bounds; choices stay as they were drawn. Where `present` [games]
   * is 0 nothing is added, and what remains of the noise stays.
   */
  addNoise(actions: Matrix, restarted: Uint8Array, present?: Uint8Array): void
}

export interface ExplorationConfig {
  readonly kind: Exclude<ExplorationKind, 'policy'>
  /** Deviation of the noise of one step, as a part of half the width of the box. */
  scale(): number
}

/** How fast the Ornstein-Uhlenbeck process forgets: theta of Lillicrap et al. 2016, section 7, at one step of time per action. */
export const forgetting = 0.15

/** Whether boxes are drawn from the actor's own distribution, or deterministic and explored by noise from outside. */
export function boxesOf(kind: ExplorationKind): 'sampled' | 'deterministic' {
  return kind === 'policy' ? 'sampled' : 'deterministic'
}

/**
 * action = clip(action + halfWidth x). gaussian: x = scale n, n standard normal (Fujimoto et al. 2018, TD3). ornsteinUhlenbeck:
 * x <- x - 0.15 x + scale n in every game for itself, from 0 when an episode begins (Uhlenbeck and Ornstein 1930; Lillicrap et al.
 * 2016, section 7).
 */
export function createExploration(space: ActionSpace, { kind, scale }: ExplorationConfig, noise: Noise): Exploration {
  const columns = actionSize(space)
  const boxes = boxColumns(space)
  const kept = kind === 'ornsteinUhlenbeck' ? 1 - forgetting : 0
  /** What remains of the noise: [games, boxes.length]; made when the number of games is known. */
  let past = new Float64Array(0)
  return {
    addNoise(actions, restarted, present) {
      const games = actions.rows
      if (past.length !== games * boxes.length) past = new Float64Array(games * boxes.length)
      const key = noise.next()
      const deviation = scale()
      for (let game = 0, i = 0; game < games; game++) {
        if (present?.[game] === 0) {
          i += boxes.length
          continue
        }
        for (const { column, low, high } of boxes) {
          const at = game * columns + column
          const before = restarted[game] === 1 ? 0 : past[i]!
          const x = kept * before + deviation * noiseNormal(key, 2 * at, 2 * at + 1)
          past[i++] = x
          actions.data[at] = Math.min(high, Math.max(low, actions.data[at]! + ((high - low) / 2) * x))
        }
      }
    },
    save: (): Saved => ({ noise: noise.save(), past }),
    restore(saved) {
      const state = saved as { noise: Saved; past: Float64Array }
      noise.restore(state.noise)
      past = Float64Array.from(state.past)
    },
  }
}

/** Every number that is in a box: its column among the actions, and its bounds. */
function boxColumns(space: ActionSpace): (Pick<BoxPart, 'low' | 'high'> & { readonly column: number })[] {
  let at = 0
  return space.flatMap(part => {
    at += part.size
    if (part.kind !== 'box') return []
    return Array.from({ length: part.size }, (_, i) => ({ ...part, column: at - part.size + i }))
  })
}

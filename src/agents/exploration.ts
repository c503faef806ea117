// Exploration of actors that have no chance of their own: noise added to boxes, independent (Gaussian) or with a memory (Ornstein-Uhlenbeck), and choices drawn uniformly now and then.
import { type Noise, noiseNormal, noiseUniform } from '../random.ts'
import { type ActionSpace, actionSize, type BoxPart } from '../spaces.ts'
import type { Matrix, Saved, Stateful } from '../types.ts'

/** policy: by the actor's own deviation; the others add noise to a deterministic action. */
export type ExplorationKind = 'policy' | 'gaussian' | 'ornsteinUhlenbeck'

export interface Exploration extends Stateful {
  /**
   * Adds noise to the boxes of actions [games, actionSize], within their bounds, and choices stay as they were drawn; or draws choices anew
   * among those that `mask` [games, actionSize] allows. Where `present` [games] is 0 nothing is added, and what remains of the noise stays.
   */
  addNoise(actions: Matrix, restarted: Uint8Array, present?: Uint8Array, mask?: Matrix): void
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

/**
 * With the chance `rate` each choice of an action is drawn uniformly among the alternatives that are allowed (epsilon-greedy: Sutton and Barto
 * 2018, section 2.2). The chance of the choice whose columns begin at `from` in a row is that of the elements 2e and 2e + 1, e = row * actionSize + from.
 */
export function createUniformExploration(space: ActionSpace, rate: () => number, noise: Noise): Exploration {
  const columns = actionSize(space)
  let end = 0
  const choices = space.flatMap(({ kind, size }) => {
    end += size
    return kind === 'choice' ? [{ from: end - size, size }] : []
  })
  return {
    addNoise({ rows, data }, _restarted, present, mask) {
      const key = noise.next()
      const chance = rate()
      for (let row = 0; row < rows; row++) {
        if (present?.[row] === 0) continue
        for (const { from, size } of choices) {
          const at = row * columns + from
          if (noiseUniform(key, 2 * at) >= chance) continue
          const isAllowed = (c: number) => mask === undefined || mask.data[at + c] !== 0
          let allowed = 0
          for (let c = 0; c < size; c++) if (isAllowed(c)) allowed++
          let before = Math.floor(noiseUniform(key, 2 * at + 1) * allowed)
          for (let c = 0; c < size; c++) data[at + c] = isAllowed(c) && before-- === 0 ? 1 : 0
        }
      }
    },
    save: () => noise.save(),
    restore: saved => noise.restore(saved),
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

// Joint steps become finished episodes with their returns.
import { mergeMap, type OperatorFunction } from 'rxjs'
import type { JointStep, Stateful } from '../types.ts'

export interface Episode {
  /** Episodes finished so far over all games, this one included. */
  readonly number: number
  readonly game: number
  /** Environment steps it took. */
  readonly length: number
  /** Per agent, sum of its rewards. */
  readonly returns: Float64Array
}

export interface EpisodeTracker extends Stateful {
  /** Episodes finished. */
  readonly finished: number
  /** Adds a joint step; the episodes that it finished, in the order of the games. */
  add(step: JointStep): readonly Episode[]
}

/** The running returns of `games` games. */
export function createEpisodeTracker(games: number, agents: number): EpisodeTracker {
  const returns = new Float64Array(games * agents)
  const lengths = new Int32Array(games)
  let finished = 0
  return {
    get finished() {
      return finished
    },
    add(step) {
      const ended: Episode[] = []
      for (let game = 0; game < games; game++) {
        const from = game * agents
        let over = true
        for (let i = from; i < from + agents; i++) {
          returns[i]! += step.rewards.data[i]!
          if (step.present[i] === 1 && step.terminated[i] === 0) over = false
        }
        lengths[game]!++
        if (step.truncated[game] === 0 && !over) continue
        finished++
        ended.push({ number: finished, game, length: lengths[game]!, returns: returns.slice(from, from + agents) })
        returns.fill(0, from, from + agents)
        lengths[game] = 0
      }
      return ended
    },
    save: () => ({ returns, lengths, finished }),
    restore(saved) {
      const state = saved as { returns: Float64Array; lengths: Int32Array; finished: number }
      returns.set(state.returns)
      lengths.set(state.lengths)
      finished = state.finished
    },
  }
}

/** Emits every episode that a joint step finishes. */
export function episodes(tracker: EpisodeTracker): OperatorFunction<JointStep, Episode> {
  return mergeMap(step => tracker.add(step))
}

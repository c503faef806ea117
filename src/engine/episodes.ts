// Joint steps become finished episodes with their returns.
import { mergeMap, type OperatorFunction } from 'rxjs'
import { episodeOver } from '../episode-over.ts'
import { GameError, type GamePlace, NonFiniteError, placed } from '../errors.ts'
import type { JointStep, Stateful } from '../types.ts'

/** An episode of one of the games that are played side by side, when it is over. */
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
  /** [games] Steps of the episodes under way. */
  readonly lengths: Int32Array
  /** Adds a joint step; the episodes that it finished, in the order of the games. One of which steps are missing is not told of. */
  add(step: JointStep): readonly Episode[]
}

/** The running returns of `games` games. */
export function createEpisodeTracker(games: number, agents: number): EpisodeTracker {
  const returns = new Float64Array(games * agents)
  const lengths = new Int32Array(games)
  /** [games] 1 where steps of the episode under way are missing: it does not count. */
  const torn = new Uint8Array(games)
  let finished = 0
  return {
    get finished() {
      return finished
    },
    lengths,
    add(step) {
      const ended: Episode[] = []
      const { first = 0, afterGap = false } = step
      if (afterGap) torn.fill(1, first, first + step.truncated.length)
      for (let row = 0; row < step.truncated.length; row++) {
        const game = first + row
        const from = game * agents
        for (let i = 0; i < agents; i++) returns[from + i]! += step.rewards.data[row * agents + i]!
        lengths[game]!++
        if (!episodeOver(step, row)) continue
        if (torn[game] === 0) {
          finished++
          ended.push({ number: finished, game, length: lengths[game]!, returns: returns.slice(from, from + agents) })
        }
        torn[game] = 0
        returns.fill(0, from, from + agents)
        lengths[game] = 0
      }
      return ended
    },
    save: () => ({ returns, lengths, finished, ...(torn.includes(1) ? { torn } : {}) }),
    restore(saved) {
      const state = saved as { returns: Float64Array; lengths: Int32Array; finished: number; torn?: Uint8Array }
      torn.fill(0)
      if (state.torn !== undefined) torn.set(state.torn)
      returns.set(state.returns)
      lengths.set(state.lengths)
      finished = state.finished
    },
  }
}

/** An error of a game that was being moved, with the episode and its step; every other error as it is. */
export function placedIn({ finished, lengths }: EpisodeTracker, error: unknown, place: GamePlace): unknown {
  if (!(error instanceof GameError || error instanceof NonFiniteError)) return error
  const { during, game = 0, step } = error.place
  if (during !== undefined) return error
  // A game that is begun anew has ended an episode that is not counted yet.
  const begins = step === 0
  const number = finished + (begins && lengths[game]! > 0 ? 2 : 1)
  return placed(error, { ...place, episode: number, step: begins ? 0 : lengths[game]! + 1 })
}

/** Emits every episode that a joint step finishes. */
export function episodes(tracker: EpisodeTracker): OperatorFunction<JointStep, Episode> {
  return mergeMap(step => tracker.add(step))
}

// The rewards of the exhibition episode that is being watched, for its chart; the episode before stays as a faint ghost.

import type { Frame } from '../../src/stream/protocol.ts'
import { beginsEpisode } from '../time/motion.ts'

/** Columns of a chart: steps, and rewards per agent. */
export interface EpisodeColumns {
  readonly steps: number[]
  readonly rewards: readonly number[][]
}

const EPISODES_IN_RANGE = 12

export class EpisodeRewards {
  now: EpisodeColumns
  before: EpisodeColumns
  /** The longest episode so far: the chart keeps its width. */
  longest = 1
  private ranges: [least: number, most: number][] = []
  private last: Frame | null = null

  constructor(private readonly agents: number) {
    this.now = this.empty()
    this.before = this.empty()
  }

  take(frame: Frame): void {
    if (this.last === null || beginsEpisode(frame, this.last)) {
      if (this.now.steps.length > 0) this.before = this.now
      this.now = this.empty()
      this.ranges = [...this.ranges, [Infinity, -Infinity] as [number, number]].slice(-EPISODES_IN_RANGE)
    }
    this.last = frame
    // No step led to the first frame of an episode.
    if (frame.restarted || this.now.steps.at(-1) === frame.step) return
    this.now.steps.push(frame.step)
    this.longest = Math.max(this.longest, frame.step)
    const range = this.ranges.at(-1)!
    frame.rewards.forEach((reward, agent) => {
      this.now.rewards[agent]!.push(reward)
      if (!Number.isFinite(reward)) return
      range[0] = Math.min(range[0], reward)
      range[1] = Math.max(range[1], reward)
    })
  }

  /** Of the last dozen episodes, so that the scale does not jump with each. */
  get range(): [least: number, most: number] {
    const least = Math.min(...this.ranges.map(range => range[0]))
    const most = Math.max(...this.ranges.map(range => range[1]))
    return least <= most ? [least, most] : [-1, 0]
  }

  private empty(): EpisodeColumns {
    return { steps: [], rewards: Array.from({ length: this.agents }, () => []) }
  }
}

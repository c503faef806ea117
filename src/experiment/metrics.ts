// Training returns over the last 1,000 episodes, and the lines of metrics.jsonl.
import type { Episode } from '../engine/episodes.ts'
import type { Stateful } from '../types.ts'
import type { Evaluation } from './evaluate.ts'

/** One line of metrics.jsonl. Keys that hold times begin with `time/`; all else is the same for the same seed. */
export type MetricsLine = Readonly<Record<string, number>>

/** Episodes that a training return is the mean of. */
const window = 1000

export interface TrainingReturns extends Stateful {
  /** Takes in a finished episode. */
  add(episode: Episode): void
  /** Per agent: mean return per episode over the last 1,000 finished training episodes, exploration included. */
  means(): number[]
}

/** The figures of an evaluation as they stand in a metrics line. */
export function evaluationFigures({ returns, metrics, finalMetrics }: Evaluation): MetricsLine {
  const figures = [
    ['return', returns],
    ['metric', metrics],
    ['finalMetric', finalMetrics],
  ] as const
  return Object.fromEntries(
    figures.flatMap(([name, estimates]) =>
      Object.entries(estimates).map(([of, { mean }]) => [`evaluation/${name}/${of}`, mean]),
    ),
  )
}

/** A ring of the last episodes' returns. */
export function createTrainingReturns(agents: number): TrainingReturns {
  const ring = new Float64Array(window * agents)
  let added = 0
  return {
    add({ returns }) {
      ring.set(returns, (added % window) * agents)
      added++
    },
    means() {
      const kept = Math.min(added, window)
      const sums = new Array<number>(agents).fill(0)
      for (let i = 0; i < kept * agents; i++) sums[i % agents]! += ring[i]!
      return sums.map(sum => (kept === 0 ? Number.NaN : sum / kept))
    },
    save: () => ({ ring, added }),
    restore(saved) {
      const state = saved as { ring: Float64Array; added: number }
      ring.set(state.ring)
      added = state.added
    },
  }
}

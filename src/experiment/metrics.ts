// Training returns over the last 1,000 episodes, and the lines of metrics.jsonl.
import { createHash } from 'node:crypto'
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

/**
 * Lines that a training has logged: how many, the length of their text without the keys that begin with `time/` or `evaluation/`, and a chain
 * of SHA-256 over it, each digest that of the one before (none: '') and the next line. All of it follows from what was trained, however
 * long it took and whether it was evaluated.
 */
export interface LoggedLines {
  readonly lines: number
  readonly bytes: number
  readonly sha256: string
}

export interface LineLog extends Stateful {
  add(line: MetricsLine): void
}

/** No lines yet. */
export const noLines: LoggedLines = { lines: 0, bytes: 0, sha256: '' }

/** What is counted of a line. */
export function trainedText(line: MetricsLine): string {
  return JSON.stringify(line, (key, value) => (/^(time|evaluation)\//.test(key) ? undefined : value))
}

/** The lines with one more. */
export function withLine({ lines, bytes, sha256 }: LoggedLines, line: MetricsLine): LoggedLines {
  const text = trainedText(line)
  return {
    lines: lines + 1,
    bytes: bytes + Buffer.byteLength(text) + 1,
    sha256: createHash('sha256').update(`${sha256}${text}\n`).digest('hex'),
  }
}

/** Counts from no lines on; so does one that is restored from null, of a checkpoint that knows of none. */
export function createLineLog(): LineLog {
  let logged = noLines
  return {
    add(line) {
      logged = withLine(logged, line)
    },
    save: () => ({ ...logged }),
    restore(saved) {
      logged = (saved as unknown as LoggedLines | null) ?? noLines
    },
  }
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

// What a benchmark reports, and how it measures.

/** One measured figure; `ratio` says how many times better it is than `against`, measured in the same run. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly against?: string
  readonly ratio?: number
}

/** What a benchmark may be told; each takes what it knows. */
export interface BenchOptions {
  /** Games side by side, one width after the other; the first is what the others are compared with. */
  readonly games?: readonly number[]
}

export interface Benchmark {
  /** Begins the names of its figures. */
  readonly name: string
  readonly description: string
  run(report: (figure: Figure) => void, options?: BenchOptions): Promise<void>
}

/**
 * Best seconds of each contender, by the clock `now`. They take turns, so that whatever else the machine does meets all of them alike; the best of
 * several turns is what the code costs when nothing disturbs it.
 */
export async function takeTurns(
  turns: number,
  contenders: readonly (() => void | Promise<void>)[],
  now: () => number = wallSeconds,
): Promise<number[]> {
  const best = contenders.map(() => Infinity)
  for (let turn = 0; turn <= turns; turn++) {
    for (const [i, contender] of contenders.entries()) {
      const start = now()
      await contender()
      // The first turn warms up.
      if (turn > 0) best[i] = Math.min(best[i]!, now() - start)
    }
  }
  return best
}

function wallSeconds(): number {
  return performance.now() / 1000
}

/** What this process has used of all processors, in seconds: what a busy machine disturbs least. */
export function processorSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

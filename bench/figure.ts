// What a benchmark reports, and how it measures.

/** One measured figure; `ratio` says how many times better it is than `against`, measured in the same run. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly against?: string
  readonly ratio?: number
}

export interface Benchmark {
  /** Begins the names of its figures. */
  readonly name: string
  readonly description: string
  /**
   * `note` takes lines for people: tables, and what was not measured and why. `wanted`: whether figures whose names begin so were asked for;
   * a benchmark that takes seconds measures all.
   */
  run(report: (figure: Figure) => void, note: (line: string) => void, wanted: (name: string) => boolean): Promise<void>
}

/**
 * Best seconds of each contender. They take turns, so that whatever else the machine does meets all of them alike; the best of
 * several turns is what the code costs when nothing disturbs it.
 */
export async function takeTurns(turns: number, contenders: readonly (() => void | Promise<void>)[]): Promise<number[]> {
  const best = contenders.map(() => Infinity)
  for (let turn = 0; turn <= turns; turn++) {
    for (const [i, contender] of contenders.entries()) {
      const start = performance.now()
      await contender()
      // The first turn warms up.
      if (turn > 0) best[i] = Math.min(best[i]!, (performance.now() - start) / 1000)
    }
  }
  return best
}

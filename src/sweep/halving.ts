// Asynchronous successive halving (ASHA; Li et al. 2018, "A system for massively parallel hyperparameter tuning", algorithm 2).

export interface HalvingSettings {
  /** Training episodes of the lowest rung. */
  readonly from: number
  /** One of so many goes on to the next rung, which trains so many times as long. */
  readonly eta: number
}

/** Training episodes of each rung; the last trains to the end. */
export function rungsOf(halving: HalvingSettings | null, episodes: number): number[] {
  const rungs: number[] = []
  if (halving !== null) for (let at = halving.from; at < episodes; at *= halving.eta) rungs.push(Math.floor(at))
  return [...rungs, episodes]
}

/** A trial that has finished a rung; the larger its value the better, -Infinity: it failed. */
export interface Finisher {
  readonly trial: number
  readonly value: number
}

/** The best trial of the upper 1 / eta of a rung that has not been promoted yet; undefined: there is none. */
export function promotable(
  finishers: readonly Finisher[],
  promoted: ReadonlySet<number>,
  eta: number,
): number | undefined {
  const upper = finishers
    .filter(({ value }) => value > Number.NEGATIVE_INFINITY)
    .sort((a, b) => b.value - a.value || a.trial - b.trial)
    .slice(0, Math.floor(finishers.length / eta))
  return upper.find(({ trial }) => !promoted.has(trial))?.trial
}

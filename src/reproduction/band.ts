// The passing rule: whether the returns of several seeds lie where a reference implementation's lay.

/** A closed interval; an end that is infinite is open. */
export interface Range {
  readonly low: number
  readonly high: number
}

/** Where trained runs must arrive. Returns are per agent and per episode; a team's is the mean over its agents. */
export interface Band {
  /** training: mean of the last 1,000 training episodes; evaluation: 1,000 episodes with fixed seeds, greedy. */
  readonly measure: 'training' | 'evaluation'
  /** Seeds that the rule speaks of. */
  readonly seeds: number
  /** Whether ranges and modes are widened by 1 or 5 %, whichever is more. */
  readonly widened: boolean
  /** By team: where the mean over the seeds must lie. */
  readonly ranges: Readonly<Record<string, Range>>
  /** Where runs fall into groups: every seed lies in one of the modes (if there are any), and enough seeds lie above a line. */
  readonly modes?: {
    readonly team: string
    readonly each: readonly Range[]
    readonly above: number
    /** Of as many seeds as `Band.seeds`. */
    readonly atLeast: number
  }
}

/** By team: the return that agents have before they learn. */
export type Untrained = Readonly<Record<string, number>>

/** By team: one return per seed, all teams in one order. */
export type Points = Readonly<Record<string, readonly number[]>>

/** One demand, and how it was met. */
export interface Check {
  readonly demand: string
  readonly got: string
  readonly passed: boolean
}

/** Holds the points against a band. */
export function judge(band: Band, points: Points): Check[] {
  const wide = (range: Range) => (band.widened ? widened(range) : range)
  const checks = Object.entries(band.ranges).map(([team, range]): Check => {
    const mean = meanOf(points[team]!)
    return {
      demand: `mean of ${team} in ${describeRange(range)}${band.widened ? `, widened ${describeRange(wide(range))}` : ''}`,
      got: mean.toFixed(2),
      passed: contains(wide(range), mean),
    }
  })
  return band.modes === undefined ? checks : [...checks, ...judgeModes(band.modes, band.seeds, wide, points)]
}

/**
 * Holds the points against chance where no trained reference exists. What one team gains another may lose, so it is enough that
 * one team is clearly better than untrained: in every seed, by 1 or 10 %, whichever is more.
 */
export function judgeUntrained(untrained: Untrained, points: Points): Check {
  const better = Object.entries(untrained).map(([team, chance]) => {
    const line = chance + Math.max(1, 0.1 * Math.abs(chance))
    const values = points[team]!
    return { team, line, lowest: Math.min(...values), passed: values.length > 0 && values.every(value => value > line) }
  })
  return {
    demand: `every seed of ${better.map(({ team, line }) => `${team} above ${line.toFixed(2)}`).join(', or of ')}`,
    got: better.map(({ team, lowest }) => `${team} from ${lowest.toFixed(2)} on`).join(', '),
    passed: better.some(({ passed }) => passed),
  }
}

/** The range, each end moved outwards by 1 or by 5 % of it, whichever is more. */
export function widened({ low, high }: Range): Range {
  const by = (end: number) => Math.max(1, 0.05 * Math.abs(end))
  return { low: Number.isFinite(low) ? low - by(low) : low, high: Number.isFinite(high) ? high + by(high) : high }
}

/** `-144 ... -135`; `-125 or more`. */
export function describeRange({ low, high }: Range): string {
  const text = (value: number) => String(Math.round(value * 100) / 100)
  if (high === Number.POSITIVE_INFINITY) return `${text(low)} or more`
  return `${text(low)} ... ${text(high)}`
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function judgeModes(
  { team, each, above, atLeast }: NonNullable<Band['modes']>,
  seeds: number,
  wide: (range: Range) => Range,
  points: Points,
): Check[] {
  const values = points[team]!
  const inside = values.filter(value => each.some(mode => contains(wide(mode), value))).length
  const high = values.filter(value => value > above).length
  // Fewer seeds than the rule speaks of: the same share of them.
  const wanted = Math.ceil((atLeast * values.length) / seeds)
  const success: Check = {
    demand: `at least ${wanted} of ${values.length} seeds of ${team} above ${above}`,
    got: `${high} of ${values.length}`,
    passed: high >= wanted,
  }
  if (each.length === 0) return [success]
  const modes = each.map(mode => describeRange(wide(mode))).join(' or ')
  const inModes = { demand: `every seed of ${team} in ${modes}`, got: `${inside} of ${values.length}` }
  return [{ ...inModes, passed: inside === values.length }, success]
}

/** False for NaN. */
function contains({ low, high }: Range, value: number): boolean {
  return value >= low && value <= high
}

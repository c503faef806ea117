// The passing rule: whether the returns of several seeds lie where a reference implementation's lay.
import { chanceOfSoFew, differenceOfShares } from '../statistics/shares.ts'

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
    /** Enough: as many of as many seeds as `Band.seeds`, or a share that is not below that of published runs. */
    readonly enough: { readonly atLeast: number } | { readonly published: readonly PublishedShare[] }
  }
}

/** Runs of others, and how many of them ended above the line. */
export interface PublishedShare {
  /** Whose, in words. */
  readonly runs: string
  readonly episodes: number
  readonly successes: number
  readonly of: number
}

/** undecided: there is too little to go by. */
export type Verdict = 'passed' | 'failed' | 'undecided'

/** By team: the return that agents have before they learn. */
export type Untrained = Readonly<Record<string, number>>

/** By team: one return per seed, all teams in one order. */
export type Points = Readonly<Record<string, readonly number[]>>

/** One demand, and how it was met. */
export interface Check {
  readonly demand: string
  readonly got: string
  readonly verdict: Verdict
}

/** Seeds below which shares of two groups are not judged. */
export const fewestSeeds = 20

/** Of several: one that failed decides, then one that is undecided. */
export function verdictOf(checks: readonly { readonly verdict: Verdict }[]): Verdict {
  const found = (verdict: Verdict) => checks.some(check => check.verdict === verdict)
  return found('failed') ? 'failed' : found('undecided') ? 'undecided' : 'passed'
}

/** Holds the points of runs of so many episodes against a band. */
export function judge(band: Band, points: Points, episodes: number): Check[] {
  const wide = (range: Range) => (band.widened ? widened(range) : range)
  const checks = Object.entries(band.ranges).map(([team, range]): Check => {
    const mean = meanOf(points[team]!)
    return {
      demand: `mean of ${team} in ${describeRange(range)}${band.widened ? `, widened ${describeRange(wide(range))}` : ''}`,
      got: mean.toFixed(2),
      verdict: passedIf(contains(wide(range), mean)),
    }
  })
  if (band.modes === undefined) return checks
  const { team, each, above, enough } = band.modes
  const values = points[team]!
  const share = { successes: values.filter(value => value > above).length, of: values.length }
  const success =
    'atLeast' in enough
      ? judgeNumber(`of ${team} above ${above}`, share, enough.atLeast, band.seeds)
      : judgeShare(`of ${team} above ${above}`, share, enough.published, episodes)
  if (each.length === 0) return [...checks, success]
  const inside = values.filter(value => each.some(mode => contains(wide(mode), value))).length
  const inModes: Check = {
    demand: `every seed of ${team} in ${each.map(mode => describeRange(wide(mode))).join(' or ')}`,
    got: `${inside} of ${values.length}`,
    verdict: passedIf(inside === values.length),
  }
  return [...checks, inModes, success]
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
    verdict: passedIf(better.some(({ passed }) => passed)),
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

/** A promise: at least so many of so many seeds, of fewer the same share. */
function judgeNumber(what: string, { successes, of }: Share, atLeast: number, seeds: number): Check {
  const wanted = Math.ceil((atLeast * of) / seeds)
  return {
    demand: `at least ${wanted} of ${of} seeds ${what}`,
    got: `${successes} of ${of}`,
    verdict: passedIf(successes >= wanted),
  }
}

/** Against runs of as many episodes: below them where the exact test says so with p < 0.05, undecided under 20 seeds. */
function judgeShare(what: string, share: Share, published: readonly PublishedShare[], episodes: number): Check {
  const got = `${share.successes} of ${share.of}`
  const known = published.find(runs => runs.episodes === episodes)
  if (known === undefined) {
    const lengths = published.map(runs => runs.episodes.toLocaleString('en')).join(', ')
    return {
      demand: `share of seeds ${what} not below that of published runs of as many episodes`,
      got: `${got}: undecided, there are none of ${episodes.toLocaleString('en')} episodes (known: ${lengths})`,
      verdict: 'undecided',
    }
  }
  const p = chanceOfSoFew(share, known)
  const { difference, low, high } = differenceOfShares(share, known)
  const found = share.of < fewestSeeds ? 'undecided' : passedIf(p >= 0.05)
  const words = { undecided: `undecided under ${fewestSeeds} seeds`, passed: 'not below', failed: 'below' }
  return {
    demand: `share of seeds ${what} not below the ${known.successes} of ${known.of} of ${known.runs} (one-sided exact test, p < 0.05)`,
    got: `${got}: ${words[found]}; difference ${percent(difference)} (${percent(low)} ... ${percent(high)}) percentage points, p = ${p.toFixed(3)}`,
    verdict: found,
  }
}

interface Share {
  readonly successes: number
  readonly of: number
}

function percent(share: number): string {
  return String(Math.round(100 * share))
}

function passedIf(passed: boolean): Verdict {
  return passed ? 'passed' : 'failed'
}

/** False for NaN. */
function contains({ low, high }: Range, value: number): boolean {
  return value >= low && value <= high
}

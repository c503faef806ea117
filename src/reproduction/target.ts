// Provisional targets of on-policy algorithms: what was published, in units of this package, and the rule that runs are held against.
import type { Check, Points, Verdict } from './band.ts'

/** A published number. */
export interface Published {
  /** Whose, and where it stands. */
  readonly source: string
  /** As it is printed there. */
  readonly printed: number
  /** How far it is off, as printed: an interval, or how exactly a plot can be read. */
  readonly give: number
  readonly unit: Unit
  /** Environment steps. */
  readonly steps: number
  /** Quoted from memory: nobody has looked it up. */
  readonly fromMemory?: true
}

/**
 * How published code prints what it measures.
 * perAgent: the return of an agent by openai's rules, S in simple_spread. halfTeam: the team's sum in simple_spread of PettingZoo up to 1.22.3,
 * exactly S / 2. plainDistance: its sum in simple_reference, of plain distances over 25 steps: -50 times the mean distance.
 */
export type Unit = 'perAgent' | 'halfTeam' | 'plainDistance'

const perUnit = { perAgent: 1, halfTeam: 2, plainDistance: -1 / 50 } as const

/** A number in units of this package: returns per agent by openai's rules, or the figure `meanDistance`. */
export function converted({ printed, give, unit }: Pick<Published, 'printed' | 'give' | 'unit'>): {
  readonly value: number
  readonly give: number
} {
  return { value: printed * perUnit[unit], give: give * Math.abs(perUnit[unit]) }
}

/** Where runs of an algorithm must arrive: greedy evaluation, openai's rules, one-hot actions, episodes of 25 steps. */
export interface Target {
  readonly scenario: string
  /** A team, whose return is measured; or the figure `meanDistance`, the mean over the steps of an episode. */
  readonly of: string
  /** At least this return; at most this distance. */
  readonly aim: number
  readonly steps: number
  readonly published: readonly Published[]
  /** Where runs get stuck: below `above`, about `at`. Eight of ten seeds must reach the aim, of fewer the same share, rounded down. */
  readonly plateau?: { readonly at: number; readonly above: number }
}

/** Seeds that targets ask for. */
export const targetSeeds = 3

/** Which way is better. */
const signOf = ({ of }: Pick<Target, 'of'>) => (of === 'meanDistance' ? -1 : 1)

/** `-125 or more`; `0.3 or less` */
export function describeAim(target: Target): string {
  return `${target.aim} or ${signOf(target) > 0 ? 'more' : 'less'}`
}

export interface Stuck {
  readonly seeds: number
  readonly of: number
  /** Over the other seeds; NaN: there are none. */
  readonly meanOfOthers: number
}

/** The seeds that got stuck, which no mean may hide; null: runs of this target do not. */
export function stuckOf({ plateau }: Pick<Target, 'plateau'>, values: readonly number[]): Stuck | null {
  if (plateau === undefined) return null
  const others = values.filter(value => value > plateau.above)
  return { seeds: values.length - others.length, of: values.length, meanOfOthers: meanOf(others) }
}

/**
 * Holds the points of runs of so many environment steps against a target. Runs of other lengths stay undecided. Who misses the aim has failed
 * where a number that was looked up stands behind it, at as many steps; else what is no worse than anything published is undecided.
 */
export function judgeTarget(target: Target, points: Points, steps: number): Check {
  const values = points[target.of]!
  const sign = signOf(target)
  const reaches = (value: number) => sign * value >= sign * target.aim
  const stuck = stuckOf(target, values)
  const good = values.filter(reaches).length
  const wanted = Math.max(1, Math.floor(0.8 * values.length))
  const mean = meanOf(values)
  const [demand, got] =
    stuck === null
      ? [`mean of ${target.of} ${describeAim(target)}`, mean.toFixed(2)]
      : [
          `at least ${wanted} of ${values.length} seeds of ${target.of} at ${describeAim(target)}`,
          `${good} of ${values.length}; ${describeStuck(stuck, target)}`,
        ]
  if (steps !== target.steps) {
    const than = `${target.steps.toLocaleString('en')} steps, these runs have ${steps.toLocaleString('en')}`
    return { demand, got: `${got}: undecided, the target is of ${than}`, verdict: 'undecided' }
  }
  if (stuck === null ? reaches(mean) : good >= wanted) return { demand, got, verdict: 'passed' }
  const verdict = missed(target, stuck === null ? mean : stuck.meanOfOthers)
  return { demand, got: verdict === 'failed' ? got : `${got}: undecided, within what is published`, verdict }
}

/** Of stuck seeds, `1 of 10 seeds (10 %) stuck at the plateau of -29.9, mean of the others -12.30`. */
function describeStuck({ seeds, of, meanOfOthers }: Stuck, { plateau }: Pick<Target, 'plateau'>): string {
  const share = Math.round((100 * seeds) / of)
  const others = seeds === of ? 'there are no others' : `mean of the others ${meanOfOthers.toFixed(2)}`
  return `${seeds} of ${of} seeds (${share} %) stuck at the plateau of ${plateau!.at} (not above ${plateau!.above}), ${others}`
}

/** A published number as a sentence: what is printed, and what it is here. */
export function describePublished(published: Published): string {
  const { value, give } = converted(published)
  const { source, printed, steps, fromMemory } = published
  const round = (number: number) => String(Math.round(100 * number) / 100)
  const here = printed === value ? '' : ` (printed: ${printed} ± ${published.give})`
  return `${source}: ${round(value)} ± ${round(give)}${here} at ${steps / 1e6} M steps${fromMemory ? ' [mem: quoted from memory]' : ''}`
}

function missed(target: Target, mean: number): Verdict {
  const sign = signOf(target)
  const { aim, steps, published } = target
  const isBacked = published.some(one => {
    const { value, give } = converted(one)
    return one.fromMemory !== true && one.steps === steps && sign * value + give >= sign * aim
  })
  if (isBacked) return 'failed'
  const lowest = published.map(one => sign * converted(one).value - converted(one).give)
  return lowest.length === 0 || sign * mean >= Math.min(...lowest) ? 'undecided' : 'failed'
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

// What the runs of a scenario are held against: a band, a provisional target, or chance, each by its own rule.
import { type Check, describeRange, judge, judgeUntrained, meanOf, type Points } from './band.ts'
import { bandEpisodes, bands, untrained } from './bands.ts'
import { episodeSteps } from './paper-tables.ts'
import { describeAim, describePublished, judgeTarget, stuckOf, type Target, targetSeeds } from './target.ts'
import { targetsOf } from './targets.ts'

export interface Reference {
  readonly kind: 'band' | 'target' | 'chance'
  readonly measure: 'training' | 'evaluation'
  /** Seeds that the rule speaks of. */
  readonly seeds: number
  /** Episodes that it is about; null: those that runs have by default. */
  readonly episodes: number | null
  /** A figure of the scenario that is judged beside returns. */
  readonly figure: string | null
  judge(points: Points, episodes: number): Check[]
  /** What is demanded of a team or a figure, in few words. */
  expected(of: string): string
  /** Of a team or a figure, over the seeds that did not get stuck. */
  mean(of: string, values: readonly number[]): number
  /** What else there is to say of runs of so many episodes. */
  remarks(episodes: number): string[]
}

/** How runs come about that are held against something. */
export interface RunsOf {
  readonly scenario: string
  readonly preset: string
  /** By which all teams learn; and what its setting `critic` is. */
  readonly algorithm: string
  readonly critic: unknown
}

/** Bands are of MADDPG by a preset; targets of an algorithm by its critic; else there is chance alone. */
export function referenceOf({ scenario, preset, algorithm, critic }: RunsOf): Reference {
  const band = algorithm === 'maddpg' ? bands[preset]?.[scenario] : undefined
  if (band !== undefined) return ofBand(band, preset)
  const target = targetsOf(algorithm, critic).find(target => target.scenario === scenario)
  return target === undefined ? ofChance(scenario) : ofTarget(target)
}

type Band = NonNullable<(typeof bands)[string][string]>

function ofBand(band: Band, preset: string): Reference {
  const { ranges, modes, seeds, measure } = band
  const enough = () => {
    if ('atLeast' in modes!.enough) return `${modes!.enough.atLeast} of ${seeds}`
    const { successes, of } = modes!.enough.published[0]!
    return `not below ${successes} of ${of}`
  }
  return {
    kind: 'band',
    measure,
    seeds,
    episodes: null,
    figure: null,
    judge: (points, episodes) => judge(band, points, episodes),
    expected: team =>
      [
        ...(ranges[team] === undefined ? [] : [describeRange(ranges[team]!)]),
        ...(modes?.team === team ? [`${enough()} above ${modes.above}`] : []),
      ].join('; '),
    mean: (_, values) => meanOf(values),
    remarks: episodes =>
      preset === 'openai' && episodes !== bandEpisodes
        ? [`The band speaks of ${bandEpisodes.toLocaleString('en')} episodes.`]
        : [],
  }
}

function ofTarget(target: Target): Reference {
  const isFigure = target.of === 'meanDistance'
  return {
    kind: 'target',
    measure: 'evaluation',
    seeds: targetSeeds,
    episodes: target.steps / episodeSteps,
    figure: isFigure ? target.of : null,
    judge: (points, episodes) => [judgeTarget(target, points, episodes * episodeSteps)],
    expected: of => (of === target.of ? describeAim(target) : ''),
    mean: (of, values) => (of === target.of ? stuckOf(target, values)?.meanOfOthers : undefined) ?? meanOf(values),
    remarks: () => [
      'A provisional target, at as many environment steps.',
      ...target.published.map(one => `Published, ${describePublished(one)}.`),
    ],
  }
}

function ofChance(scenario: string): Reference {
  return {
    kind: 'chance',
    measure: 'training',
    seeds: 3,
    episodes: null,
    figure: null,
    judge: points => [judgeUntrained(untrained[scenario]!, points)],
    expected: () => 'no reference',
    mean: (_, values) => meanOf(values),
    remarks: () => ['No numbers: no trained runs are published for this scenario and algorithm.'],
  }
}

// All tasks together: aggregate scores, performance profiles, and how likely one method beats another.

import { type Child, type Markup, tag } from '../picture/markup.ts'
import { createRandom } from '../random.ts'
import { type Interval, intervals } from '../statistics/bootstrap.ts'
import { improvementInterval } from '../statistics/improvement.ts'
import { performanceProfile, thresholdsOf } from '../statistics/profiles.ts'
import { aggregateMean, aggregateMedian, interquartileMean, optimalityGap } from '../statistics/scores.ts'
import { intervalText, methodName, notes, plots, section, table } from './elements.ts'
import type { Figure } from './figure.ts'
import type { Method } from './groups.ts'
import { intervalPlot } from './interval-plot.ts'
import { linePlot } from './line-plot.ts'
import type { ScoreTable } from './scores.ts'

/** The four aggregates, in the order of the paper's figures. */
const aggregates = [
  { name: 'median', title: 'Median', of: aggregateMedian, better: 'more is better' },
  { name: 'iqm', title: 'Interquartile mean', of: interquartileMean, better: 'more is better' },
  { name: 'mean', title: 'Mean', of: aggregateMean, better: 'more is better' },
  {
    name: 'optimality-gap',
    title: 'Optimality gap',
    of: (scores: Parameters<typeof optimalityGap>[0]) => optimalityGap(scores),
    better: 'less is better',
  },
] as const

interface Pair {
  readonly x: number
  readonly y: number
  readonly interval: Interval
}

export interface AggregateContent {
  /** Per method that counts, in the order of `aggregates`. */
  readonly values: readonly (readonly Interval[])[]
  readonly pairs: readonly Pair[]
  readonly metrics: readonly Figure[]
  readonly profile: Figure
  /** Null: there is one method. */
  readonly improvement: Figure | null
}

/** Everything computed once; null where no score can be given. */
export function aggregate(
  { scores, methods: counting }: ScoreTable,
  methods: readonly Method[],
): AggregateContent | null {
  if (counting.length === 0) return null
  const labelOf = (i: number) => methods[counting[i]!]!.label
  const values = scores.map((own, i) =>
    intervals(
      [own],
      aggregates.length,
      ([drawn], row) => {
        aggregates.forEach(({ of }, a) => {
          row[a] = of(drawn!)
        })
      },
      { random: createRandom(0, 'report', 'aggregates', i) },
    ),
  )
  const thresholds = thresholdsOf(scores, 81)
  const pairs = scores.flatMap((x, i) =>
    scores.flatMap((y, j): Pair[] =>
      i < j
        ? [
            {
              x: i,
              y: j,
              interval: improvementInterval(x, y, { random: createRandom(0, 'report', 'improvement', i, j) }),
            },
          ]
        : [],
    ),
  )
  return {
    values,
    pairs,
    metrics: aggregates.map(({ name, title, better }, a) => {
      const rows = values.map((own, i) => ({ label: labelOf(i), method: counting[i]!, interval: own[a]!, points: [] }))
      return intervalPlot({
        name: `aggregate-${name}`,
        title,
        description: rows.map(row => `${row.label}: ${intervalText(row.interval)}`).join('; '),
        xLabel: `normalised score, ${better}`,
        rows,
      })
    }),
    profile: linePlot({
      name: 'performance-profile',
      title: 'Performance profile',
      description: 'Share of runs above a normalised score; a line above another one is better at that score.',
      xLabel: 'normalised score (0 chance, 1 script)',
      yLabel: 'share of runs above it',
      thresholds: [
        { label: 'chance', x: 0 },
        { label: 'script', x: 1 },
      ],
      lines: scores.map((own, i) => ({
        label: labelOf(i),
        method: counting[i]!,
        x: thresholds,
        points: performanceProfile(own, thresholds, { random: createRandom(0, 'report', 'profile', i), samples: 1000 }),
        runs: [],
      })),
    }),
    improvement:
      pairs.length === 0
        ? null
        : intervalPlot({
            name: 'probability-of-improvement',
            title: 'Probability of improvement',
            description: pairs
              .map(({ x, y, interval }) => `${labelOf(x)} over ${labelOf(y)}: ${intervalText(interval)}`)
              .join('; '),
            xLabel: 'probability that a run of the first beats one of the second',
            levels: [{ label: 'neither', x: 0.5 }],
            holds: [0, 1],
            rows: pairs.map(({ x, y, interval }) => ({
              label: `${labelOf(x)} over ${labelOf(y)}`,
              method: counting[x]!,
              interval,
              points: [],
            })),
          }),
  }
}

export function aggregateSection(
  scores: ScoreTable,
  content: AggregateContent | null,
  methods: readonly Method[],
): Markup {
  const labelOf = (i: number) => methods[scores.methods[i]!]!.label
  const definition =
    'Score of a run: (return − chance) / (script − chance), so 0 is as good as random actions and 1 as good as the controller that the ' +
    'scenario ships; better than the script is above 1. Returns of a team are measured beside scripted players of all other teams, those ' +
    'of chance and script too, so that scores do not depend on whom a team was trained with. Aggregates, profiles and probabilities of ' +
    'improvement as in Agarwal et al., "Deep Reinforcement Learning at the Edge of the Statistical Precipice" (NeurIPS 2021); intervals ' +
    'cover 95 % of a bootstrap that draws seeds anew within each task.'
  if (content === null) {
    return section('aggregates', 'All tasks together', tag('p', {}, 'No score can be given.'), notes(scores.notes))
  }
  const { values, pairs, metrics, profile, improvement } = content
  return section(
    'aggregates',
    scores.columns.length === 1 ? 'Scores' : 'All tasks together',
    tag('p', {}, definition),
    notes(scores.notes),
    plots(metrics),
    table({
      caption: `Aggregate scores over ${scores.columns.map(({ label }) => label).join('; ')}, [95 % interval]`,
      head: ['Method', 'Scores', ...aggregates.map(({ title }) => title)],
      words: 1,
      rows: values.map((own, i): Child[] => [
        methodName(labelOf(i), scores.methods[i]!),
        String(scores.scores[i]!.flat().length),
        ...own.map(intervalText),
      ]),
    }),
    plots(improvement === null ? [profile] : [profile, improvement]),
    pairs.length === 0
      ? null
      : table({
          caption: 'Probability of improvement [95 % interval]',
          head: ['Method', 'over', 'Probability'],
          words: 2,
          rows: pairs.map(({ x, y, interval }): Child[] => [
            methodName(labelOf(x), scores.methods[x]!),
            methodName(labelOf(y), scores.methods[y]!),
            intervalText(interval),
          ]),
        }),
  )
}

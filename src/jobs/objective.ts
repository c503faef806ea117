// The objective of a sweep: which figure of a run, of which team, and how several seeds are combined.
import { z } from 'zod'
import { ConfigError, unknownName } from '../errors.ts'
import { interquartileMean, mean, quantile } from '../statistics/scores.ts'
import type { AgentSpec } from '../types.ts'

export const objectiveSchema = z.strictObject({
  measure: z.string().min(1).default('training'),
  of: z.string().optional(),
  mode: z.enum(['greedy', 'sample']).default('greedy'),
  episodes: z.int().min(1).default(200),
  goal: z.enum(['maximise', 'minimise']).default('maximise'),
  over: z.enum(['mean', 'median', 'iqm', 'worst']).default('mean'),
})

/**
 * `measure`: training, the training return; evaluation, the evaluation return; `evaluation/<name>`, what the scenario measures there,
 * its mean over the steps; else a key of metrics.jsonl, at the last line that has it. `of`: the team or agent whose return counts. `mode`, `episodes`:
 * of the evaluation. `over`: how the figures of a trial's seeds become one.
 */
export type Objective = z.output<typeof objectiveSchema>

/** Whether the agents have to play for it. */
export function needsEvaluation({ measure }: Objective): boolean {
  return measure === 'evaluation' || measure.startsWith('evaluation/')
}

/**
 * The agents whose mean return is the objective, by index.
 * @param learning Whether each agent learns.
 * @throws ConfigError where nobody is called so, and where several teams learn and none was chosen
 */
export function objectiveAgents(
  { measure, of }: Objective,
  agents: readonly AgentSpec[],
  learning: (index: number) => boolean,
): number[] {
  const all = agents.map((_, index) => index)
  if (measure !== 'training' && measure !== 'evaluation') {
    if (of === undefined) return []
    throw new ConfigError('objective.of', `goes with measure training or evaluation, got '${measure}'; leave it out`)
  }
  const teams = [...new Set(all.filter(learning).map(index => agents[index]!.team))]
  if (of === undefined) {
    if (teams.length === 1) return all.filter(index => agents[index]!.team === teams[0])
    throw new ConfigError(
      'objective.of',
      `several teams learn (${teams.join(', ')}); say which team's return is the objective`,
    )
  }
  const found = all.filter(index => agents[index]!.team === of || agents[index]!.id === of)
  if (found.length > 0) return found
  const known = [...new Set(agents.flatMap(({ team, id }) => [team, id]))]
  throw new ConfigError('objective.of', unknownName('team or agent', of, known))
}

/** One figure for a trial, from those of its seeds. */
export function overSeeds({ over, goal }: Objective, values: readonly number[]): number {
  if (over === 'mean') return mean(values)
  if (over === 'iqm') return interquartileMean([values])
  if (over === 'median')
    return quantile(
      values.toSorted((a, b) => a - b),
      0.5,
    )
  return goal === 'maximise' ? Math.min(...values) : Math.max(...values)
}

/** The larger the better; what is no number is as bad as a failure. */
export function merit({ goal }: Objective, value: number | null): number {
  if (value === null || Number.isNaN(value)) return Number.NEGATIVE_INFINITY
  return goal === 'maximise' ? value : -value
}

/** In words, for tables: `evaluation return of agent, greedy`. */
export function describeObjective({ measure, of, mode, over }: Objective, seeds: number): string {
  const what =
    measure === 'training'
      ? 'training return'
      : measure === 'evaluation'
        ? `evaluation return, ${mode}`
        : measure.startsWith('evaluation/')
          ? `${measure.slice('evaluation/'.length)} in evaluation, ${mode}`
          : measure
  const whose = of === undefined ? '' : ` of ${of}`
  return seeds === 1 ? `${what}${whose}` : `${over} of ${seeds} seeds: ${what}${whose}`
}

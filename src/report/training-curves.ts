// Training returns and evaluations read from metrics.jsonl: one curve per team.
import { FileError } from '../errors.ts'
import type { Curve } from '../statistics/curves.ts'
import type { EvaluationCurve } from './measured-run.ts'

/**
 * Per team (the ids of its agents): training return per agent over the episodes, the mean over the team. Lines before the end of the first
 * episode have no returns and are left out; of several at one number of episodes the last counts. The last line may be torn, as a run
 * that was killed leaves it.
 * @throws FileError when another line is damaged, or there is none.
 */
export function readTrainingCurves(file: string, text: string, teams: readonly (readonly string[])[]): Curve[] {
  const lines = text.split('\n')
  // What follows the last line break is a torn line, or nothing.
  const points = new Map<number, { row: Record<string, unknown>; line: number }>()
  for (const [i, text] of lines.slice(0, -1).entries()) {
    const row = parse(file, text, i + 1)
    const episodes = numberAt(file, row, 'episodes', i + 1)
    if (episodes > 0) points.set(episodes, { row, line: i + 1 })
  }
  if (points.size === 0)
    throw new FileError(
      file,
      'no line was logged after a finished episode; train longer, or log more often (run.logEvery)',
    )
  const steps = [...points.keys()]
  return teams.map(ids => ({
    steps,
    values: [...points.values()].map(
      ({ row, line }) => ids.reduce((sum, id) => sum + numberAt(file, row, `return/${id}`, line), 0) / ids.length,
    ),
  }))
}

/**
 * Per team (the ids of its agents): evaluation return per agent of every line that has one, the mean over the team, over environment steps
 * and over seconds of training; null where no line has one.
 * @throws FileError when a line but a torn last one is damaged.
 */
export function readEvaluations(
  file: string,
  text: string,
  teams: readonly (readonly string[])[],
): (EvaluationCurve | null)[] {
  const points = text
    .split('\n')
    .slice(0, -1)
    .map((line, i) => ({ row: parse(file, line, i + 1), line: i + 1 }))
    .filter(({ row }) => Object.keys(row).some(key => key.startsWith('evaluation/return/')))
  if (points.length === 0) return teams.map(() => null)
  const at = (key: string) => points.map(({ row, line }) => numberAt(file, row, key, line))
  const tellsTime = points.every(({ row }) => typeof row['time/evaluation'] === 'number')
  const seconds = tellsTime ? withoutEvaluations(at('time/seconds'), at('time/evaluation')) : null
  return teams.map(ids => {
    const returns = ids.map(id => at(`evaluation/return/${id}`))
    const values = points.map((_, i) => returns.reduce((sum, each) => sum + each[i]!, 0) / ids.length)
    return { envSteps: at('envSteps'), seconds, values }
  })
}

/** Seconds of training alone, from those with all evaluations up to there and those of each. */
function withoutEvaluations(seconds: readonly number[], evaluations: readonly number[]): number[] {
  let evaluated = 0
  return seconds.map((all, i) => {
    evaluated += evaluations[i]!
    return all - evaluated
  })
}

function parse(file: string, line: string, number: number): Record<string, unknown> {
  try {
    const row: unknown = JSON.parse(line)
    if (typeof row === 'object' && row !== null) return row as Record<string, unknown>
  } catch {}
  throw new FileError(file, `line ${number} is damaged: expected a JSON object`)
}

function numberAt(file: string, row: Readonly<Record<string, unknown>>, key: string, line: number): number {
  const value = row[key]
  if (typeof value === 'number') return value
  throw new FileError(file, `line ${line}: expected a number at '${key}', got ${JSON.stringify(value) ?? 'none'}`)
}

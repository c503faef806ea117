// Training returns read from metrics.jsonl: one curve per team.
import { FileError } from '../errors.ts'
import type { Curve } from '../statistics/curves.ts'

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

// Training returns read from metrics.jsonl: one curve per team.
import { FileError } from '../errors.ts'
import type { Curve } from '../statistics/curves.ts'

/**
 * Per team (the ids of its agents): training return per agent over the episodes, the mean over the team. The last line may be torn,
 * as a run that was killed leaves it.
 * @throws FileError when another line is damaged, or there is none.
 */
export function readTrainingCurves(file: string, text: string, teams: readonly (readonly string[])[]): Curve[] {
  const lines = text.split('\n')
  // What follows the last line break is a torn line, or nothing.
  const rows = lines.slice(0, -1).map((line, i) => parse(file, line, i + 1))
  if (rows.length === 0) throw new FileError(file, 'no line was logged; train longer, or log more often (run.logEvery)')
  const steps = rows.map((row, i) => numberAt(file, row, 'episodes', i + 1))
  return teams.map(ids => ({
    steps,
    values: rows.map(
      (row, i) => ids.reduce((sum, id) => sum + numberAt(file, row, `return/${id}`, i + 1), 0) / ids.length,
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

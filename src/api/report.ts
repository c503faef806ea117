// report: many runs compared on one page; what `marlstrom report` does.
import type { ReportOptions } from './report-options.ts'
import { writeReport } from './write-report.ts'

/** A report that was written. */
export interface WrittenReport {
  /** The page. */
  readonly file: string
  /** The folder of its plots. */
  readonly plots: string
  /** Runs of one task by one method together, by their paths. */
  readonly groups: readonly (readonly string[])[]
  /** Runs that cannot be reported on, and why. */
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[]
  /** Why there are no PNG files, in a sentence; null: there are. */
  readonly note: string | null
}

/**
 * Measures runs and writes the page and its plots; runs that cannot be reported on are named and left out.
 * @example
 * const { file, groups } = await report(['runs/a', 'runs/b'], { out: 'report.html' })
 * @throws ConfigError for wrong options, where a run is named twice, where none is left, or nothing can be written there
 */
export async function report(paths: readonly string[], options: ReportOptions = {}): Promise<WrittenReport> {
  const { file, plots, report, note } = await writeReport(paths, options)
  const groups = report.groups.map(group => group.runs.map(({ path }) => path))
  const leftOut = report.leftOut.map(({ path, reason }) => ({ path, reason }))
  return { file, plots, groups, leftOut, note }
}

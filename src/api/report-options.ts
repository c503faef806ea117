// How runs are reported on.
import type { EvaluationMode } from '../experiment/evaluate.ts'

/** The names are those of the options of `marlstrom report`. */
export interface ReportOptions {
  /** The page; plots go into a folder beside it. Absent: report.html. */
  readonly out?: string | undefined
  /** Evaluation episodes of each run; absent: 200. */
  readonly episodes?: number | undefined
  /** sample as in training (absent), or greedy. */
  readonly mode?: EvaluationMode | undefined
  /** Of the evaluation episodes; absent: 0. */
  readonly seed?: number | undefined
  /** The heading. */
  readonly title?: string | undefined
  /** What the method of a run is called, by its path; absent: by who plays, and by settings in which methods differ. */
  readonly names?: ReadonlyMap<string, string> | undefined
  /** Is told of a run that cannot be reported on, as soon as that is known. */
  readonly leftOut?: ((run: { readonly path: string; readonly reason: string }) => void) | undefined
  /** Is told what a person should know, though nothing failed. */
  readonly note?: ((sentence: string) => void) | undefined
}

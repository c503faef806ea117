// How a training stands and how long it is, in words and numbers for viewers.
import { hasPlayed } from '../experiment/done.ts'
import { countersOf } from '../experiment/trainer.ts'
import type { Run } from '../run/run.ts'
import { describeCount } from '../text/describe-count.ts'

/** How long a run is, as its progress is measured. */
export function lengthOf({ config }: Pick<Run, 'config'>): number | { readonly steps: number } {
  const { episodes, steps } = config.run
  return steps === null ? episodes! : { steps }
}

export function describeLength({ run: { episodes, steps } }: Pick<Run['config'], 'run'>): string {
  return steps === null ? `${describeCount(episodes!)} episodes` : `${describeCount(steps)} environment steps`
}

/** How a run stands that was stopped. `kept`: its checkpoint was written. */
export function standing(run: Run, kept = true): string {
  const done = describeCount(run.tracker.finished)
  const end = kept ? '; a checkpoint was written.' : '.'
  if (hasPlayed(run)) {
    return `Stopped after the last of ${describeLength(run.config)}, with learning still due${end}`
  }
  const { episodes, steps } = run.config.run
  return steps === null
    ? `Stopped at episode ${done} of ${describeCount(episodes!)}${end}`
    : `Stopped at step ${describeCount(countersOf(run).envSteps)} of ${describeCount(steps)}${end}`
}

/** What stands on the page of a run that is done. */
export function endMessage(run: Run, stays: boolean): string {
  const { episodes, envSteps, updates } = countersOf(run)
  const all =
    run.config.run.steps === null
      ? `All ${describeCount(episodes)} episodes are done`
      : `All ${describeCount(envSteps)} environment steps are done`
  if (!stays) return `${all}.`
  return updates > 0 ? `${all}: trained; the agents play on.` : `${all}, without an update round; the agents play on.`
}

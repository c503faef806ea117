// Events of a training as updates of the session that viewers see.
import type { MetricsLine } from '../experiment/metrics.ts'
import type { RecordedEvent } from '../experiment/record.ts'
import type { Rollback } from '../experiment/recovery.ts'
import type { Session } from '../experiment/session.ts'
import type { TrainingEvent } from '../experiment/trainer.ts'
import type { Run } from '../run/run.ts'
import { describeCount } from '../text/describe-count.ts'

export function tellSession({ dispatch }: Session, run: Run, event: RecordedEvent | TrainingEvent): void {
  if (event.type === 'rollback') {
    const message = describeRollback(event.rollback, event.reason)
    dispatch({ type: 'rolledBack', episodes: event.rollback.episodes, message })
  } else if (event.type === 'evaluation') {
    const { mode, returns } = event.evaluation
    const means = Object.fromEntries(Object.entries(returns).map(([id, { mean }]) => [id, mean]))
    dispatch({ type: 'evaluation', evaluation: { episodes: event.trainingEpisodes, mode, returns: means } })
  } else if (event.type === 'metrics') {
    const { episodes, ...line } = event.line
    dispatch({ type: 'point', episodes: episodes!, returns: run.returns.means(), metrics: figuresOf(line) })
  }
}

/** What a run's folder tells of its training so far. */
export function tellPast(session: Session, run: Run, lines: readonly MetricsLine[]): void {
  for (const { episodes, ...line } of lines) {
    const means = (prefix: string) => run.agents.map(({ id }) => line[`${prefix}${id}`] ?? Number.NaN)
    const returns = means('return/')
    if (episodes === undefined) continue
    session.dispatch({ type: 'point', episodes, returns, metrics: figuresOf(line) })
    const evaluated = means('evaluation/return/')
    if (!evaluated.every(Number.isFinite)) continue
    const byId = Object.fromEntries(run.agents.map(({ id }, i) => [id, evaluated[i]!]))
    session.dispatch({ type: 'evaluation', evaluation: { episodes, mode: run.config.run.evaluateMode, returns: byId } })
  }
}

/** A sentence for people. */
export function describeRollback({ episodes, rateScale }: Rollback, reason: string): string {
  return `Rolled back to episode ${describeCount(episodes)}, learning rates times ${rateScale} from here on: ${reason}`
}

/** Counters and training returns are told apart; times are no figures of the training. */
function figuresOf(line: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(line).filter(([key]) => !/^(envSteps|updates|return\/.*|evaluation\/.*|time\/.*)$/.test(key)),
  )
}

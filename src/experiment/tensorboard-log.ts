// Metrics lines as TensorBoard events, with how fast the run went since the line before.
import { beginEventFile } from '../tensorboard/event-file.ts'
import { createTags } from '../tensorboard/tags.ts'
import type { MetricsLine } from './metrics.ts'
import { countersOf, type Training } from './trainer.ts'

export interface TensorboardLog {
  append(line: MetricsLine): void
}

/** Begins an event file in a run folder; what older ones say about steps that this training has not come to is dropped. */
export function beginTensorboardLog(training: Training, folder: string): TensorboardLog {
  const { envSteps, updates } = countersOf(training)
  // A line at a stop is taken back when the training goes on.
  const file = beginEventFile(folder, training.rounds.figuresTakenAt)
  const tagsOf = createTags(training.agents)
  let before = { at: performance.now(), envSteps, updates, milliseconds: training.rounds.milliseconds }
  return {
    append(line) {
      const now = {
        at: performance.now(),
        envSteps: line.envSteps!,
        updates: line.updates!,
        milliseconds: training.rounds.milliseconds,
      }
      const rates = {
        'time/env_steps_per_s': (1000 * (now.envSteps - before.envSteps)) / (now.at - before.at),
        // No rounds, no number: tags leave out what is none.
        'time/update_ms': (now.milliseconds - before.milliseconds) / (now.updates - before.updates),
      }
      before = now
      file.append(now.envSteps, tagsOf({ ...line, ...rates }))
    },
  }
}

// Metrics lines as TensorBoard events, with how fast the run went since the line before.
import { beginEventFile, type EventFile } from '../tensorboard/event-file.ts'
import { createTags } from '../tensorboard/tags.ts'
import type { MetricsLine } from './metrics.ts'
import type { MetricsSink } from './sinks.ts'
import type { Training } from './training.ts'

/** Begins an event file in a run folder each time it is opened; what older ones say about steps that the training has not come to is dropped. */
export function tensorboardSink({ agents, rounds }: Pick<Training, 'agents' | 'rounds'>, folder: string): MetricsSink {
  const tagsOf = createTags(agents)
  let file: EventFile
  let before: { at: number; envSteps: number; updates: number; milliseconds: number }
  return {
    open({ counters: { envSteps, updates }, linesUpTo }) {
      // A line at a stop is taken back when the training goes on.
      file = beginEventFile(folder, linesUpTo)
      before = { at: performance.now(), envSteps, updates, milliseconds: rounds.milliseconds }
    },
    line(line: MetricsLine) {
      const now = {
        at: performance.now(),
        envSteps: line.envSteps!,
        updates: line.updates!,
        milliseconds: rounds.milliseconds,
      }
      const rates = {
        'time/env_steps_per_s': (1000 * (now.envSteps - before.envSteps)) / (now.at - before.at),
        // No rounds, no number: tags leave out what is none.
        'time/update_ms': (now.milliseconds - before.milliseconds) / (now.updates - before.updates),
      }
      before = now
      file.append(now.envSteps, tagsOf({ ...line, ...rates }))
    },
    close() {},
  }
}

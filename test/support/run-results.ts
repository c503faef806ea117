// What a run folder says of a training: its metrics without times, and its newest checkpoint.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** metrics.jsonl without its times. */
export function metricsOf(folder: string): Record<string, number>[] {
  return readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(
      line =>
        Object.fromEntries(Object.entries(JSON.parse(line)).filter(([key]) => !key.startsWith('time/'))) as Record<
          string,
          number
        >,
    )
}

/** The bytes of the newest checkpoint. */
export function checkpointOf(folder: string): Buffer {
  const names = readdirSync(join(folder, 'checkpoints'))
  return readFileSync(join(folder, 'checkpoints', names.sort().at(-1)!))
}

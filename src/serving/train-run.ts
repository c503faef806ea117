// trainRun, resumeRun, forkRun: what `marlstrom train` does, as functions.
import { Observable } from 'rxjs'
import type { RecordedEvent } from '../experiment/record.ts'
import type { Overrides } from '../run/config/config.ts'
import type { StartOptions } from '../starting/start-run.ts'
import { type OpenTraining, openTraining } from './open-training.ts'
import type { GoOnOptions, ProgressEvent, RunTraining, TrainRunOptions } from './training-options.ts'

/**
 * Trains a new run into a folder, as `marlstrom train` does: locked, with checkpoints, metrics.jsonl and TensorBoard events.
 * @example
 * const training = await trainRun({ scenario: { id: 'simple_spread' }, run: { episodes: 2_000 } }, { out: 'runs/spread' })
 * console.log((await training.finished()).returns)
 * await training.close()
 * @throws ConfigError, before anything is written, for a wrong setting, a folder that holds a run or is being trained in, a port that is
 * taken; FileError for the file of a scenario or a player that cannot be loaded.
 */
export function trainRun(settings: Overrides, options: TrainRunOptions = {}): Promise<RunTraining> {
  return opened(settings, options)
}

/**
 * Goes on with the run of a folder from its newest checkpoint, bit for bit. `settings`: its length (`run.episodes`, `run.steps`), threads.
 * @see docs/api.md
 * @throws ConfigError for settings that cannot change in a resumed run; FileError for a damaged folder.
 */
export function resumeRun(
  path: string,
  settings: Overrides = {},
  options: Omit<GoOnOptions, 'out'> = {},
): Promise<RunTraining> {
  return opened(settings, { ...options, resume: path })
}

/**
 * A new run in a folder of its own that begins at the newest checkpoint of another, with other settings.
 * @see docs/api.md
 * @throws ConfigError for settings that a fork cannot change; FileError for a damaged folder.
 */
export function forkRun(
  path: string,
  settings: Overrides = {},
  options: Omit<GoOnOptions, 'beforeStep'> = {},
): Promise<RunTraining> {
  return opened(settings, { ...options, fork: path })
}

async function opened(
  settings: Overrides,
  options: GoOnOptions & Pick<StartOptions, 'resume' | 'fork'>,
): Promise<RunTraining> {
  const training = await openTraining({
    ...(options as Omit<OpenTraining, 'layers'>),
    layers: [{ source: 'program', overrides: settings }],
  })
  const { control, lock, hide, dispose } = training
  let begun = false
  let closing: Promise<void> | null = null
  const events$ = new Observable<RecordedEvent | ProgressEvent>(subscriber => {
    begun = true
    return training.events$.subscribe(subscriber)
  })
  const finished = () => {
    begun = true
    return training.finished()
  }
  const end = async () => {
    control.quit()
    if (begun) await training.finished().catch(() => {})
    await hide('the training was closed')
    lock.release()
    await dispose()
  }
  const { run, folder, session, url, recording, stop } = training
  return { ...{ run, folder, session, url, recording, stop, events$, finished }, close: () => (closing ??= end()) }
}

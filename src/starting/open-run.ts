// An earlier run, wired again from its folder: its settings, and its own copy of a scenario file.
import { join } from 'node:path'
import { FileError } from '../errors.ts'
import type { CheckpointChoice } from '../experiment/checkpoint-files.ts'
import { openRunFolder, type RunFolder } from '../experiment/run-folder.ts'
import type { TrainerLock } from '../experiment/trainer-lock.ts'
import { layer, type Overrides } from '../run/config/config.ts'
import { type GameOptions, inGame } from '../run/in-game.ts'
import { createRun, type Run, type RunRequest } from '../run/run.ts'
import { noteOldKeys } from './old-keys-note.ts'

/**
 * The run as its folder describes it, with `overrides` on top; nothing learnt is restored yet. `note` is told when its scenario
 * file changed. With a lock it can be trained on.
 */
export async function openRun(
  path: string,
  note: (sentence: string) => void,
  overrides: Overrides = {},
  lock?: TrainerLock,
  how: Pick<RunRequest, 'learns' | 'acceptOtherKernels' | 'remote'> = {},
): Promise<{ run: Run; folder: RunFolder }> {
  const { folder, config } = openRunFolder(path, lock)
  noteOldKeys([{ source: join(path, 'config.json'), overrides: config as Overrides }], note)
  const run = await createRun({ ...layer(config as Overrides, overrides), ...how }, folder)
  const sources = [run.source, ...[...run.files.values()].map(({ source }) => source)]
  for (const sentence of new Set(sources.map(source => source?.note))) if (sentence) note(sentence)
  return { run, folder }
}

export interface TrainedRunOptions {
  /** Default: the newest. */
  readonly checkpoint?: CheckpointChoice | undefined
  /** Options of its game that change, such as the number of agents. */
  readonly scenario?: GameOptions | undefined
}

/**
 * The run with what it learnt by a checkpoint: enough to act. The replay buffer is not read.
 * @throws ConfigError where its actors do not fit a game with these options, FileError when the checkpoint is not there, damaged, foreign, or of a run with other agents or networks.
 */
export async function openTrainedRun(
  path: string,
  note: (sentence: string) => void,
  { checkpoint = 'last', scenario = {} }: TrainedRunOptions = {},
): Promise<{ run: Run; folder: RunFolder }> {
  const opened = await openRun(path, note, {}, undefined, { learns: false })
  try {
    restoreFitting(path, () =>
      opened.run.restoreLearners(opened.folder.readCheckpoint(name => name.startsWith('learners/'), checkpoint)),
    )
    if (Object.keys(scenario).length === 0) return opened
    return { ...opened, run: { ...opened.run, ...inGame(opened.run, scenario) } }
  } catch (error) {
    opened.run.dispose()
    throw error
  }
}

/** Restores from a run's checkpoint. @throws FileError where its state is not what the run's settings ask for. */
export function restoreFitting(path: string, restore: () => void): void {
  try {
    restore()
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error
    throw new FileError(path, `the checkpoint does not fit the run's config.json: ${error.message}`)
  }
}

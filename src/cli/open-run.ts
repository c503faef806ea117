// An earlier run, wired again from its folder: its settings, and its own copy of a scenario file.
import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import pc from 'picocolors'
import { layer } from '../config.ts'
import {
  type Choice,
  createRun,
  FileError,
  type Overrides,
  openRunFolder,
  type Run,
  type RunFolder,
  type TrainerLock,
} from '../index.ts'
import { noteOldKeys } from './old-keys-note.ts'
import { printError } from './print.ts'

/**
 * The run as its folder describes it, with `overrides` on top; nothing learnt is restored yet. Says when its scenario file changed. With
 * a lock it can be trained on.
 */
export async function openRun(
  path: string,
  overrides: Overrides = {},
  lock?: TrainerLock,
): Promise<{ run: Run; folder: RunFolder }> {
  const { folder, config } = openRunFolder(path, lock)
  noteOldKeys([{ source: join(path, 'config.json'), overrides: config as Overrides }])
  const run = await createRun(layer(config as Overrides, overrides), folder)
  const sources = [run.source, ...[...run.files.values()].map(({ source }) => source)]
  for (const note of new Set(sources.map(source => source?.note))) if (note) printError(`${pc.yellow('note:')} ${note}`)
  return { run, folder }
}

/**
 * The run with what it learnt by a checkpoint, by default the newest: enough to act. The replay buffer is not read.
 * @throws FileError when the checkpoint is not there, damaged, foreign, or of a run with other agents or networks.
 */
export async function openTrainedRun(
  path: string,
  { checkpoint = 'last' }: { readonly checkpoint?: Choice | undefined } = {},
): Promise<{ run: Run; folder: RunFolder }> {
  const opened = await openRun(path)
  try {
    restoreFitting(path, () =>
      opened.run.restoreLearners(opened.folder.readCheckpoint(name => name.startsWith('learners/'), checkpoint)),
    )
    return opened
  } catch (error) {
    opened.run.dispose()
    throw error
  }
}

/** `--checkpoint`: which checkpoint of a run plays. */
export function addCheckpointOption(command: Command): Command {
  return command.option(
    '--checkpoint <which>',
    'last; best (see run.keepBest); or the episodes of one that is kept',
    text => {
      if (text === 'last' || text === 'best') return text
      if (/^\d+$/.test(text)) return Number(text)
      throw new InvalidArgumentError(`Expected last, best or a number of episodes, got '${text}'.`)
    },
  )
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

// marlstrom watch: serves the live page of trained runs, of scenarios with scripted or random agents, and of recordings.
import type { Command } from 'commander'
import pc from 'picocolors'
import type { CheckpointChoice } from '../../index.ts'
import type { RecordOptions } from '../../serving/page-options.ts'
import { isWatchedFile, watchAll } from '../../serving/watch-all.ts'
import { addCheckpointOption } from '../options/checkpoint-option.ts'
import { addRecordOption } from '../options/recording.ts'
import { addConfigOption, choiceOf, gameOptionsOf, overridesOf, portNumber, wholeNumber } from '../options/settings.ts'
import { print, printError, printNote } from '../terminal/print.ts'
import { addServingOptions, openWanted, type ServingOptions, whenEnded, whereToLook } from './serving.ts'

interface WatchOptions extends ServingOptions, RecordOptions {
  readonly config?: readonly string[]
  readonly port?: number
  readonly policy?: 'scripted' | 'random' | 'noop'
  readonly seed?: number
  readonly checkpoint?: CheckpointChoice
  readonly set?: readonly string[]
}

export function addWatchCommand(program: Command): void {
  addRecordOption(addServingOptions(addCheckpointOption(addConfigOption(program.command('watch')))))
    .argument(
      '<run|scenario...>',
      'run folders, ids of scenarios and recordings, all on one page; or a scenario file (reloaded when it is saved)',
    )
    .option('--port <n>', 'default: the first free one', portNumber)
    .option('--policy <kind>', 'who plays a scenario: scripted, random, noop', choiceOf('scripted', 'random', 'noop'))
    .option('--seed <n>', 'seed of the games shown', wholeNumber)
    .option(
      '--set <key=value>',
      'an option of the scenario, like scenario.agents=5; of a run, one that differs from the training; repeatable',
      (value, all: string[] = []) => [...all, value],
    )
    .action(watchCommand)
}

async function watchCommand(targets: readonly string[], options: WatchOptions): Promise<void> {
  const [first] = targets as [string]
  const isFile = targets.length === 1 && isWatchedFile(first)
  const view = await watchAll(targets, {
    ...options,
    note: printNote,
    overrides: id => overridesOf(options, id),
    gameOptions: () => gameOptionsOf(options),
    reloaded(remark) {
      print(remark === null ? `${pc.green('reloaded')} ${first}` : `the version before plays on`)
    },
    trouble: message => printError(`${pc.red('error:')} ${message}`),
  })
  // Heard before the line is printed: a program may answer to it at once.
  const ended = whenEnded()
  const recordings = view.recordings.map(file => `recording: ${file}`)
  const where = whereToLook(view, isFile ? `   (saving ${first} reloads, Ctrl-C ends)` : '   (Ctrl-C ends)')
  for (const line of isFile ? [...recordings, where] : [where, ...recordings]) print(line)
  openWanted(view, options)
  try {
    await Promise.race([ended, view.ended])
  } finally {
    await view.close()
  }
}

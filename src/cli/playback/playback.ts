// marlstrom playback: serves recordings on the live page, shows that they are what happened, and goes on from any step in another way.
import type { Command } from 'commander'
import { ConfigError, type LiveView, playOn } from '../../index.ts'
import type { RecordOptions } from '../../serving/page-options.ts'
import { watchAll } from '../../serving/watch-all.ts'
import { addRecordOption } from '../options/recording.ts'
import { portNumber, wholeNumber } from '../options/settings.ts'
import { print, printNote } from '../terminal/print.ts'
import { addServingOptions, openWanted, type ServingOptions, whenEnded, whereToLook } from '../watch/serving.ts'
import { verifyRecordings } from './verify-recordings.ts'

interface PlaybackOptions extends ServingOptions, RecordOptions {
  readonly port?: number
  readonly policy?: string
  readonly verify?: boolean
  readonly fork?: number
  readonly json?: boolean
}

export function addPlaybackCommand(program: Command): void {
  addRecordOption(addServingOptions(program.command('playback')))
    .argument('<recording...>', 'recordings (.mcap), all on one page')
    .option('--port <n>', 'default: the first free one', portNumber)
    .option('--verify', 'simulate every step again and compare all states, bit by bit; serves nothing')
    .option('--fork <frame>', 'go on from this frame as a live game', wholeNumber)
    .option('--policy <who>', 'with --fork, who plays on: random, noop, scripted, or a run folder')
    .option('--json', 'with --verify: one JSON object per line')
    .action(playbackCommand)
}

async function playbackCommand(files: readonly string[], options: PlaybackOptions): Promise<void> {
  refuseMixed(files, options)
  if (options.verify) return verifyRecordings(files, options.json === true)
  const { fork, ...given } = options
  const shown = { ...given, note: printNote }
  if (fork !== undefined) {
    const view = await playOn(files[0]!, fork, shown)
    const who = view.sessions[0]!.state.run.algorithm
    return untilEnded(view, `   (goes on from frame ${fork}, played by ${who}; Ctrl-C ends)`, options)
  }
  const { policy: _, ...ofPage } = shown
  const view = await watchAll(files, { ...ofPage, overrides: () => ({}), gameOptions: () => ({}), areRecordings: true })
  await untilEnded(view, '   (Ctrl-C ends)', options, 'the playback was ended')
}

async function untilEnded(view: LiveView, remark: string, options: ServingOptions, message?: string): Promise<void> {
  const ended = whenEnded()
  print(whereToLook(view, remark))
  openWanted(view, options)
  for (const file of view.recordings) print(`recording: ${file}`)
  await ended
  await view.close(message)
}

/** @throws ConfigError for options that do not go together */
function refuseMixed(files: readonly string[], { verify, fork, policy, record, json }: PlaybackOptions): void {
  if (verify && fork !== undefined) throw new ConfigError('--fork', 'expected --verify or --fork, not both')
  if (fork === undefined && policy !== undefined)
    throw new ConfigError('--policy', 'says who plays on: it goes with --fork')
  if (fork === undefined && record !== undefined)
    throw new ConfigError('--record', 'goes with --fork: a recording is recorded already')
  if (fork !== undefined && files.length > 1)
    throw new ConfigError('--fork', `goes on from one recording, got ${files.length}`)
  if (json && !verify) throw new ConfigError('--json', 'goes with --verify')
}

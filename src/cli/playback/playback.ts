// marlstrom playback: serves recordings on the live page, shows that they are what happened, and goes on from any step in another way.
import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import { firstValueFrom, fromEvent, merge } from 'rxjs'
import { ConfigError, createSession, FileError, initialSession, type Session } from '../../index.ts'
import { createPlayback } from '../../recording/playback-show.ts'
import { openRecording, type Recording } from '../../recording/recording.ts'
import { addRecordOption } from '../options/recording.ts'
import { portNumber, wholeNumber } from '../options/settings.ts'
import { print, printError } from '../terminal/print.ts'
import {
  addServingOptions,
  openServer,
  openWanted,
  type ServingOptions,
  servingOf,
  whereToLook,
} from '../watch/serving.ts'
import { identityOf, type PlayOnOptions, playOn } from './play-on.ts'
import { recordedGames } from './recorded-games.ts'
import { verifyRecordings } from './verify-recordings.ts'

interface PlaybackOptions extends ServingOptions, PlayOnOptions {
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
  const serving = servingOf(options)
  const recordings = await Promise.all(files.map(openRecording))
  for (const { file, whole } of recordings) {
    if (!whole) printError(`note: ${file} was cut off, or is still being written; what is there is played`)
  }
  if (options.fork !== undefined) return playOn(recordings[0]!, options.fork, options, serving)
  const server = await openServer(serving, options.port)
  const sessions = await Promise.all(recordings.map(showRecording))
  const names = namesOf(files)
  sessions.forEach(({ session, show }, i) => {
    server.add({ id: names[i]!, title: basename(files[i]!), session, show })
  })
  const ended = firstValueFrom(merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM')))
  print(whereToLook(server, '   (Ctrl-C ends)'))
  openWanted(server, serving)
  await ended
  for (const { session } of sessions) session.dispatch({ type: 'ended', message: 'the playback was ended' })
  await server.close('the playback was ended')
  await Promise.all(recordings.map(recording => recording.close()))
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

async function showRecording(
  recording: Recording,
): Promise<{ session: Session; show: Awaited<ReturnType<typeof createPlayback>> }> {
  const first = await recording.at(recording.first)
  if (first === null) throw new FileError(recording.file, 'has no frame that can be read')
  const initial = initialSession(identityOf(recording), 'playing', first.game.schema, null)
  const session = createSession({
    ...initial,
    // Paused, so that a viewer who opens the page misses nothing.
    exhibition: { ...initial.exhibition, paused: true },
    recording: { file: resolve(recording.file), bytes: recording.bytes },
  })
  return { session, show: await createPlayback(recording, session, recordedGames(recording.file)) }
}

/** What sessions are called in addresses, numbered where two are alike. */
function namesOf(files: readonly string[]): string[] {
  const names = files.map(file => basename(file, '.mcap').replace(/[^\w.-]/g, '-'))
  return names.map((name, i) => (names.indexOf(name) === i ? name : `${name}-${i + 1}`))
}

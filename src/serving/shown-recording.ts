// A recording for a page: played, searched and looped there.
import { basename, resolve } from 'node:path'
import { ConfigError, FileError } from '../errors.ts'
import { initialSession } from '../experiment/initial-session.ts'
import { createSession } from '../experiment/session.ts'
import { createPlayback } from '../recording/playback-show.ts'
import { openRecording } from '../recording/recording.ts'
import { recordedGames } from './recorded-games.ts'
import { identityOf } from './recorded-identity.ts'
import type { Shown } from './show-sessions.ts'
import type { Watching } from './watching.ts'

/** @throws ConfigError for options of games that are played live, FileError where no frame can be read */
export async function showRecording(file: string, options: Watching): Promise<Omit<Shown, 'id'>> {
  const { record, policy, seed, checkpoint, note = () => {} } = options
  const given = Object.entries({ record, policy, seed, checkpoint }).find(([, value]) => value !== undefined)
  if (given !== undefined) throw new ConfigError(`--${given[0]}`, 'a recording is shown as it was played')
  const recording = await openRecording(file)
  try {
    if (!recording.whole) note(`${file} was cut off, or is still being written; what is there is played`)
    const first = await recording.at(recording.first)
    if (first === null) throw new FileError(recording.file, 'has no frame that can be read')
    const initial = initialSession(identityOf(recording), 'playing', first.game.schema, null)
    const session = createSession({
      ...initial,
      // Paused, so that a viewer who opens the page misses nothing.
      exhibition: { ...initial.exhibition, paused: true },
      recording: { file: resolve(recording.file), bytes: recording.bytes },
    })
    const show = await createPlayback(recording, session, recordedGames(recording.file))
    return { title: basename(file), session, show, close: () => recording.close() }
  } catch (error) {
    await recording.close()
    throw error
  }
}

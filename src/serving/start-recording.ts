// What is watched is kept as a recording while it is played.
import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { throttleTime } from 'rxjs'
import { ConfigError, FileError } from '../errors.ts'
import type { Session } from '../experiment/session.ts'
import type { Show } from '../experiment/show.ts'
import { packageVersion } from '../installation/package.ts'
import type { About, RecordedGame } from '../recording/format.ts'
import type { Recorder } from '../recording/recorder.ts'
import { safeFileName } from '../text/safe-name.ts'
import type { RecordOptions } from './page-options.ts'

/** What is recorded, and what is known of it. */
export interface Recorded {
  readonly session: Session
  readonly show: Pick<Show, 'schema$' | 'moments$'>
  readonly config: About['config']
  /** The code that is played now, where it is a user's. */
  readonly source: () => RecordedGame['source']
}

/** @throws ConfigError where the file is there already: a recording never takes the place of another */
export function expectFree({ record }: RecordOptions): void {
  if (typeof record !== 'string' || !existsSync(record)) return
  throw new ConfigError('--record', `${record} is there already; choose another file, or move it away`)
}

/**
 * Records until it is closed; viewers hear where and how much. The game plays as long as it is recorded, also where nobody watches.
 * @throws ConfigError where the file is there already, FileError where it cannot be created
 */
export async function startRecording(
  { record }: RecordOptions,
  { session, show, config, source }: Recorded,
  note: (sentence: string) => void,
): Promise<Recorder> {
  const { scenario, algorithm, seed, folder } = session.state.run
  const file = resolve(typeof record === 'string' ? record : defaultFile(scenario, folder))
  expectFree({ record: file })
  const about = { marlstrom: packageVersion(), scenario, players: algorithm, seed, config, run: folder }
  // What writes recordings is loaded where one is written.
  const { recordShow } = await import('../recording/recorder.ts')
  const recorder = await recordShow(show, { file, about, source }).catch((error: Error) => {
    throw new FileError(file, `cannot be created: ${error.message}`)
  })
  session.dispatch({ type: 'recording', recording: { file, bytes: 0 } })
  recorder.bytes$.pipe(throttleTime(500, undefined, { leading: true, trailing: true })).subscribe({
    next: bytes => session.dispatch({ type: 'recording', recording: { file, bytes } }),
    error: () => {},
  })
  recorder.remarks$.subscribe({
    next(message) {
      session.dispatch({ type: 'remark', message })
      note(message)
    },
    error: () => {},
  })
  return recorder
}

function defaultFile(scenario: string, folder: string | null): string {
  const time = new Date().toISOString().replace(/[-:]|\.\d+Z$/g, '')
  if (folder !== null) return join(folder, 'recordings', `${time}.mcap`)
  return `${safeFileName(basename(scenario).replace(/\.[cm]?[jt]s$/, ''))}-${time}.mcap`
}

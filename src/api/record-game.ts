// recordGame: episodes as a recording (MCAP), as fast as they can be played; what `--record` does, without a page.
import { existsSync } from 'node:fs'
import { finalize, firstValueFrom, Subject, skipWhile, takeWhile, tap } from 'rxjs'
import { ConfigError } from '../errors.ts'
import { isRunFolder } from '../experiment/run-folder.ts'
import { gameOptions } from '../run/in-game.ts'
import { showDefinition, showRunFolder, showScenario } from '../serving/shown-games.ts'
import { expectFree, startRecording } from '../serving/start-recording.ts'
import type { Watchable, WatchOptions } from '../serving/watch-options.ts'
import type { Watching } from '../serving/watching.ts'
import { expectCount } from './guards.ts'

/** The names are those of the options of `marlstrom watch`. */
export interface RecordGameOptions extends Pick<WatchOptions, 'policy' | 'seed' | 'checkpoint' | 'scenario' | 'note'> {
  /** The file; absent: `<run>/recordings/<time>.mcap`, or `<scenario>-<time>.mcap` here. */
  readonly file?: string | undefined
  /** Whole episodes that are recorded; absent: 1. */
  readonly episodes?: number | undefined
}

/** A recording that was written, for `watch`, `render`, `playOn`. */
export interface RecordedGameFile {
  readonly file: string
  readonly episodes: number
  /** Steps and begins of these episodes. */
  readonly frames: number
}

/**
 * Plays and records, from the episode that the seed stands for, a run folder, a scenario by its id or file, or a game of this program.
 * @example
 * const { file } = await recordGame('simple_tag', { file: 'tag.mcap', episodes: 10 })
 * @throws ConfigError where the file is there already, for a game that draws no pictures, and for what is no game; FileError where it
 * cannot be created
 */
export async function recordGame(what: Watchable, options: RecordGameOptions = {}): Promise<RecordedGameFile> {
  const { file, episodes = 1, scenario = {}, seed, note = () => {} } = options
  expectCount('episodes', episodes)
  if (file !== undefined) expectFree({ record: file })
  const { session, show, config, source, close } = await gameOf(what, {
    ...options,
    overrides: id => ({ scenario: { ...scenario, id }, ...(seed === undefined ? {} : { run: { seed } }) }),
    gameOptions: () => gameOptions({ scenario }),
  })
  try {
    const counted = { frames: 0, first: null as number | null }
    const ended = new Subject<void>()
    const begin = seed ?? session.state.run.seed
    const moments$ = show.moments$.pipe(
      // Whatever was played before, the episode that is recorded first is the one that the seed stands for.
      skipWhile(({ opening }) => opening?.cause !== 'reset' || opening.seed !== begin),
      takeWhile(({ frame: { episode } }) => episode < (counted.first ??= episode) + episodes),
      tap(() => void counted.frames++),
      finalize(() => ended.next()),
    )
    const over = firstValueFrom(ended)
    const of = { session, show: { schema$: show.schema$, moments$ }, config, source: () => source }
    const recorder = await startRecording({ record: file ?? true }, of, note)
    try {
      await show.command({ type: 'speed', speed: null }, 'recordGame')
      await show.command({ type: 'reset', seed: begin }, 'recordGame')
      await over
    } finally {
      await recorder.close()
    }
    return { file: recorder.file, episodes, frames: counted.frames }
  } finally {
    await close()
  }
}

function gameOf(what: Watchable, options: Watching) {
  if (typeof what !== 'string') return showDefinition(what, options)
  if (isRunFolder(what)) return showRunFolder(what, options)
  if (what.endsWith('.mcap') && existsSync(what)) throw new ConfigError('watch', `${what} is recorded already`)
  return showScenario(what, options)
}

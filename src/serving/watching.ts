// What is watched, with settings as the command reads them.
import type { Overrides } from '../run/config/config.ts'
import type { GameOptions } from '../run/in-game.ts'
import type { WatchOptions } from './watch-options.ts'

/** The same, and how the command reads its settings. */
export interface Watching extends Omit<WatchOptions, 'scenario'> {
  /** Settings of a scenario by its id. */
  readonly overrides: (id: string) => Overrides
  /** Options of a run's game that change. */
  readonly gameOptions: () => GameOptions
  /** Whether all are recordings, however they are called. */
  readonly areRecordings?: boolean
}

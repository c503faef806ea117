// What can be watched, and how.
import type { GameDefinition } from '../envs/game-definition.ts'
import type { Scenario } from '../envs/scenario.ts'
import type { CheckpointChoice } from '../experiment/checkpoint-files.ts'
import type { Page } from './page.ts'
import type { PageOptions, RecordOptions } from './page-options.ts'

/** A run folder, the id of a scenario, a scenario file (`./x.ts`), a recording (`.mcap`), or a game of this program. */
export type Watchable = string | GameDefinition | Scenario

/** What is shown, and how; the names are those of the command's options. */
export interface WatchOptions extends PageOptions, RecordOptions {
  /** A page that is open already: the sessions are added to it, and its own options count. */
  readonly page?: Page | undefined
  /** What one session is called in addresses; absent: the last part of its path, or its id. */
  readonly name?: string | undefined
  /** Who plays a scenario; absent: its script, or chance where it ships none. */
  readonly policy?: 'scripted' | 'random' | 'noop' | undefined
  /** Of the games shown. */
  readonly seed?: number | undefined
  /** Which checkpoint of a run plays; absent: the newest. */
  readonly checkpoint?: CheckpointChoice | undefined
  /** Options of the scenario; of a run, those that differ from the training. */
  readonly scenario?: Readonly<Record<string, unknown>> | undefined
}

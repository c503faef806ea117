// What the calling thread and the threads of games tell each other, but for the steps themselves, which lie in shared memory.
import type { MessagePort } from 'node:worker_threads'
import type { PlayedMemory } from '../../authoring/played-here.ts'
import type { Saved } from '../../types.ts'
import type { FoundGame } from '../find-game.ts'
import type { SharedGames } from './shared-games.ts'
import type { Thrown } from './thrown.ts'

/** The games of a thread: from ... end - 1 of all. */
export interface ThreadGames {
  /** A game by its id, or the code of a user's file. */
  readonly scenario: string | NonNullable<FoundGame['bundle']>
  readonly options: Readonly<Record<string, unknown>>
  readonly seed: number
  readonly from: number
  readonly end: number
  readonly memory: SharedGames
}

export interface GameThreadData {
  readonly words: SharedArrayBuffer
  readonly thread: number
  readonly port: MessagePort
  readonly games: ThreadGames
}

export type GameCommand =
  /** Make the games; as `saved` says where that is not null; then move them by these actions: per step, per agent, [games, actionSize]. */
  | { readonly type: 'begin'; readonly saved: Saved; readonly played: readonly (readonly Float32Array[])[] }
  | { readonly type: 'save' }
  | { readonly type: 'restore'; readonly saved: Saved }

export type GameAnswer =
  /** Unasked, first of all: where the hooks of its games are, and the system's name of the thread. */
  | { readonly type: 'here'; readonly board: PlayedMemory['board']; readonly thread: string | undefined }
  | { readonly type: 'saved'; readonly saved: Saved }
  | { readonly type: 'thrown'; readonly thrown: Thrown }

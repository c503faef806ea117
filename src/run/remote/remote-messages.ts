// What the learner's thread and its link to Redis tell each other, but for trajectories and weights, which lie in shared memory.
import type { MessagePort } from 'node:worker_threads'
import type { Ticket } from '../../actors/experience-source.ts'
import type { RunConfig } from '../config/config.ts'
import type { Thrown } from '../threads/thrown.ts'
import type { RemoteActorsPlace } from './remote-place.ts'

/** What the thread of the link is given to begin with. */
export interface LinkData {
  readonly port: MessagePort
  /** Every setting of the run. */
  readonly config: RunConfig
  /** Code of the scenario as it is played; null: it ships with marlstrom. */
  readonly code: string | null
  readonly redis: RemoteActorsPlace
  readonly versions: { readonly memory: SharedArrayBuffer; readonly size: number; readonly count: number }
  /** Of every actor, where its trajectories lie, place by place. */
  readonly memories: readonly (readonly SharedArrayBuffer[])[]
  readonly words: SharedArrayBuffer
}

export type LinkOrder =
  /** `weights`: where they are kept for longer than in shared memory. */
  | { readonly type: 'published'; readonly version: number; readonly weights?: Float32Array }
  | { readonly type: 'ticket'; readonly ticket: Ticket }
  | { readonly type: 'close'; readonly isOver: boolean }

export type LinkAnswer =
  | { readonly type: 'played'; readonly ticket: Ticket; readonly version: number; readonly state: Uint8Array | null }
  | { readonly type: 'lost'; readonly actors: readonly number[]; readonly isDistrusted: boolean }
  | { readonly type: 'players'; readonly of: readonly (string | null)[] }
  | { readonly type: 'note'; readonly sentence: string }
  | { readonly type: 'thrown'; readonly thrown: Thrown }

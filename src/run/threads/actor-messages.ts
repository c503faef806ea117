// What the calling thread and the threads of actors tell each other, but for trajectories and weights, which lie in shared memory.
import type { MessagePort } from 'node:worker_threads'
import type { Ticket } from '../../actors/experience-source.ts'
import type { RunConfig } from '../config/config.ts'
import type { Thrown } from './thrown.ts'

/** What a thread is given to begin with. */
export interface ActorThreadData {
  readonly port: MessagePort
  /** Every setting of the run. */
  readonly config: RunConfig
  /** The last versions of the weights: so many, of so many numbers. */
  readonly versions: { readonly memory: SharedArrayBuffer; readonly size: number; readonly count: number }
  /** Of its actors, by their numbers: where their trajectories lie, place by place. */
  readonly memories: ReadonlyMap<number, readonly SharedArrayBuffer[]>
  readonly words: SharedArrayBuffer
}

/** Words that all threads share. */
export const actorWords = {
  /** Rises with every answer: the calling thread sleeps on it. */
  answers: 0,
  /** The newest version of the weights that is whole. */
  newest: 1,
} as const

export type ActorAnswer =
  | { readonly type: 'played'; readonly ticket: Ticket; readonly version: number; readonly state: Uint8Array | null }
  /** `generation`: of the ticket that it was about; null: of none. */
  | { readonly type: 'thrown'; readonly thrown: Thrown; readonly generation: number | null }

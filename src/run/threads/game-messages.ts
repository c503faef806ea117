// What the calling thread and the threads of games tell each other, but for the steps themselves, which lie in shared memory.
import type { MessagePort } from 'node:worker_threads'
import type { PlayedMemory } from '../../authoring/played-here.ts'
import { jointStepViews } from '../../envs/joint-step.ts'
import type { AgentSpec, JointStep, Saved } from '../../types.ts'
import type { FoundGame } from '../find-game.ts'
import type { Thrown } from './thrown.ts'

/** The games of a thread: `games` of them, the first of which is called `first`. */
export interface ThreadGames {
  /** A game by its id, or the code of a user's file. */
  readonly scenario: string | NonNullable<FoundGame['bundle']>
  readonly options: Readonly<Record<string, unknown>>
  readonly seed: number
  readonly agents: readonly AgentSpec[]
  readonly first: number
  readonly games: number
  /** Numbers of the games' own states; 0: they are not kept. */
  readonly stateSize: number
  readonly memory: ThreadMemory
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

/** Where a thread writes what comes of its games. */
export interface ThreadMemory {
  /** Joint steps of its games, even numbers and odd ones: the step that is under way, and the one that follows. */
  readonly steps: readonly [SharedArrayBuffer, SharedArrayBuffer]
  /** [games] `restarted`; then, in games with absences, for each agent [games] `begun` and [games] `acting`. */
  readonly flags: SharedArrayBuffer
}

/** The views of that memory that the calling thread and the thread of the games have. */
export interface ThreadViews {
  /** The joint step with a number. */
  stepAt(step: number): JointStep
  readonly restarted: Uint8Array
  readonly begun: readonly Uint8Array[]
  readonly acting: readonly Uint8Array[]
}

export function createThreadMemory(agents: readonly AgentSpec[], games: number, stateSize: number): ThreadMemory {
  const { bytes } = viewsOf(agents, games, stateSize)
  const flags = new SharedArrayBuffer(games * (1 + 2 * agents.length))
  return { steps: [new SharedArrayBuffer(bytes), new SharedArrayBuffer(bytes)], flags }
}

export function viewThreadMemory({
  agents,
  games,
  stateSize,
  memory,
}: Pick<ThreadGames, 'agents' | 'games' | 'stateSize' | 'memory'>): ThreadViews {
  const { view } = viewsOf(agents, games, stateSize)
  const steps = memory.steps.map((buffer, step) => view(step, buffer))
  const flags = (block: number) => new Uint8Array(memory.flags, block * games, games)
  return {
    stepAt: step => steps[step % 2]!,
    restarted: flags(0),
    begun: agents.map((_, agent) => flags(1 + 2 * agent)),
    acting: agents.map((_, agent) => flags(2 + 2 * agent)),
  }
}

function viewsOf(agents: readonly AgentSpec[], games: number, stateSize: number) {
  const none = agents.map(() => [])
  return jointStepViews(agents, games, none, stateSize)
}

// Messages between the thread that runs a user's scenario and the one that watches it.
import type { GameProblem, GameReport } from '../envs/check-game.ts'
import type { FrameSchema } from '../envs/frame.ts'
import type { ExhibitionStart } from '../exhibition/current-game.ts'
import type { Command, ExhibitionState, SessionState } from '../experiment/session.ts'
import type { Inspection, Moment } from '../experiment/show.ts'
import type { Saved } from '../types.ts'
import type { Bundle } from './bundle.ts'

export interface GameRequest {
  readonly task: 'check' | 'play'
  readonly bundle: Omit<Bundle, 'kept'>
  /** Options that the user gave. */
  readonly options: Readonly<Record<string, unknown>>
  /** Options that the preset names; they count where the game has them. */
  readonly preset: Readonly<Record<string, unknown>>
  readonly seed: number
  /** Who plays; absent: the scripted controller, or chance where there is none. */
  readonly policy?: 'scripted' | 'random' | 'noop' | undefined
  /** Seconds that a hook may take; 0: any number. */
  readonly hookSeconds: number
  /** How the exhibition stands: a new version of a file plays on as the viewers left it. */
  readonly exhibition: Pick<ExhibitionState, 'paused' | 'speed'>
  /** Options that viewers have set since; absent: none. */
  readonly changed?: Readonly<Record<string, unknown>> | undefined
  /** The number of its first frame; absent: 0. */
  readonly number?: number
}

/** How an exhibition stands that is begun again in another thread. */
export interface PlayRequest {
  readonly seed: number
  readonly exhibition: Pick<ExhibitionState, 'paused' | 'speed'>
  /** Whether a training goes on beside it: then it takes less of the time. */
  readonly training: boolean
  readonly start: ExhibitionStart
}

/** Problems as they travel: an error becomes its place in the user's file. */
export type PlacedProblem = Omit<GameProblem, 'error'> & { readonly place: string | null }
export type PlacedReport = Omit<GameReport, 'problems'> & { readonly problems: readonly PlacedProblem[] }

/** What the watching thread is told. */
export type GameMessage =
  /** The system's name of the thread, sent first; there may be none. */
  | { readonly type: 'thread'; readonly name: string }
  /** Ids of the agents, sent as soon as they are known. */
  | { readonly type: 'agentIds'; readonly ids: readonly string[] }
  | { readonly type: 'report'; readonly report: PlacedReport }
  | {
      readonly type: 'ready'
      readonly id: string
      readonly who: string
      readonly schema: FrameSchema
      readonly roster: readonly { readonly id: string; readonly team: string }[]
    }
  | { readonly type: 'schema'; readonly schema: FrameSchema }
  | { readonly type: 'moment'; readonly moment: PlayedMoment }
  /** What is new about the exhibition. */
  | {
      readonly type: 'exhibition'
      readonly change: Partial<ExhibitionState>
      readonly timeline: SessionState['timeline']
    }
  /** What became of a command; `refusal`: why it was not done, a sentence. */
  | { readonly type: 'answer'; readonly id: number; readonly refusal: string | null }
  /** Inspections that were asked for, of the present moment. */
  | { readonly type: 'inspections'; readonly id: number; readonly inspections: readonly Inspection[] }
  /** The end: a sentence with the place in the file. `wrongUsage`: the options, not the file, are to blame. */
  | { readonly type: 'failed'; readonly message: string; readonly wrongUsage: boolean }
  /** The end as well: a hook did not come back. */
  | { readonly type: 'stuck'; readonly problem: PlacedProblem }

/** A moment as it travels between threads. */
export interface PlayedMoment extends Omit<Moment, 'fingerprint'> {
  readonly fingerprint: bigint
  /** Of all agents, or of those that somebody looks into; null: those of a moment shortly before are still good enough. */
  readonly inspections: readonly Inspection[] | null
}

/** What the thread of the game is told while it plays. */
export type ThreadCommand =
  | { readonly type: 'command'; readonly id: number; readonly command: Command; readonly viewer: string }
  | { readonly type: 'left'; readonly viewer: string }
  /** Of these agents inspections are wanted from now on, the first in an answer with this number. */
  | { readonly type: 'look'; readonly id: number; readonly agents: readonly number[] }
  | { readonly type: 'training'; readonly training: boolean }
  /** Another checkpoint was written. */
  | { readonly type: 'refresh' }
  /** How far the training is, in environment steps. */
  | { readonly type: 'reached'; readonly envSteps: number }
  /** What the learner of an agent saves. Arrays in shared memory are followed from now on, others are as they were. */
  | { readonly type: 'learner'; readonly agent: number; readonly saved: Saved }

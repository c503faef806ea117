// The state of a session as viewers see it, and the actions that change it.
import type { Option } from '../settings/option.ts'
import type { Command } from './commands.ts'

/** stopped: by a viewer, who may start it again; ended: for good. */
export type Status = 'training' | 'paused' | 'stopped' | 'playing' | 'ended' | 'failed'

/** All that viewers are told beside frames: the run, its progress and curves, who plays, what may be changed. */
export interface SessionState {
  readonly run: {
    readonly scenario: string
    readonly algorithm: string
    readonly seed: number
    readonly preset: string
    readonly folder: string | null
  }
  readonly status: Status
  /** A sentence for people: why the run ended or failed; null while nothing is to be said. */
  readonly message: string | null
  /** What is wrong with the newest version of the file that is being written; null: nothing. */
  readonly trouble: Trouble | null
  readonly roster: readonly { readonly id: string; readonly team: string }[]
  readonly progress: {
    readonly episodes: number
    /** null: without an end (watching), or as long as `totalSteps` says. */
    readonly totalEpisodes: number | null
    /** Environment steps to train in all; absent: its length is in episodes. */
    readonly totalSteps?: number
    readonly envSteps: number
    readonly updates: number
    readonly envStepsPerSecond: number
    readonly updatesPerSecond: number
    /**
     * Of a training whose teams all learn from rollouts: an update round learns from one of so many environment steps (null: counted in
     * episodes), minibatch by minibatch. Absent: otherwise.
     */
    readonly rollouts?: { readonly envSteps: number | null; readonly minibatchesPerSecond: number }
    /** Of a training whose games actors play: the first of them, and how many there are. Absent: otherwise. */
    readonly actors?: { readonly count: number; readonly first: readonly ActorProgress[] }
    /** While experience is collected: the environment steps at which the first update round comes. null: learning has begun. */
    readonly learnsAt: number | null
    readonly secondsLeft: number | null
  }
  /** Training returns (mean over the last 1,000 episodes, per agent, per episode): one point per log line. */
  readonly curve: { readonly episodes: readonly number[]; readonly returns: readonly (readonly number[])[] }
  /** One point per metrics line: losses, values, figures of the scenario. Thinned as the curve is. */
  readonly metrics: {
    readonly episodes: readonly number[]
    /** By key of the metrics lines, as long as `episodes`; null where a line had no such number. */
    readonly series: Readonly<Record<string, readonly (number | null)[]>>
  }
  /** Evaluations during the training, oldest first. */
  readonly evaluations: readonly EvaluationPoint[]
  readonly exhibition: ExhibitionState
  /** What can be watched, in frame numbers; brought up to date now and then, not with every frame. */
  readonly timeline: {
    readonly kind: 'live' | 'playback'
    readonly first: number
    readonly last: number
    /** Playback: the frame that is shown. Live: `last`. */
    readonly position: number
    /** Playback: the stretch that is played over and over. */
    readonly loop: { readonly from: number; readonly to: number } | null
  }
  /** The recording in progress. */
  readonly recording: { readonly file: string; readonly bytes: number } | null
}

/** One actor: how far the weights that it played with last are behind, how fast it plays, and when something last came of it (null: nothing did). */
export interface ActorProgress {
  readonly name: string
  readonly lag: number
  readonly envStepsPerSecond: number
  readonly secondsSince: number | null
}

export interface Trouble {
  readonly message: string
  /** `file:line:column`; null: not known. */
  readonly place: string | null
  /** Lines of the file from line `first` on; `line` is the one that is meant. Both are counted from 1. */
  readonly code: { readonly first: number; readonly line: number; readonly lines: readonly string[] } | null
}

export interface EvaluationPoint {
  readonly episodes: number
  readonly mode: string
  /** Mean per episode, by agent id. */
  readonly returns: Readonly<Record<string, number>>
}

/** The game that viewers watch: a game of its own, played by the latest actors unless somebody chose otherwise. */
export interface ExhibitionState {
  readonly paused: boolean
  /** 1 is ten world steps per second; null: as fast as possible. */
  readonly speed: number | null
  /** Stands for the episode: a reset with it gives the same one again. Rises by one with every episode. */
  readonly seed: number
  /** Every option of the game. */
  readonly options: Readonly<Record<string, unknown>>
  /** The options that the command `options` can change. */
  readonly optionsAllowed: readonly AllowedOption[]
  /** By team: who may play it, and who does. */
  readonly choices: Readonly<Record<string, readonly string[]>>
  readonly players: Readonly<Record<string, string>>
  /** Agents that are controlled by hand: agent id to the name of the viewer. */
  readonly taken: Readonly<Record<string, string>>
}

export type AllowedOption = Pick<Option<unknown>, 'kind' | 'description' | 'min' | 'max' | 'choices'> & {
  readonly name: string
  readonly default: unknown
}

export type SessionEvent =
  | { readonly type: 'progress'; readonly progress: SessionState['progress'] }
  /** `returns` per agent, in roster order; `metrics`: the other numbers of the line, by key. */
  | {
      readonly type: 'point'
      readonly episodes: number
      readonly returns: readonly number[]
      readonly metrics?: Readonly<Record<string, number>>
    }
  | { readonly type: 'evaluation'; readonly evaluation: EvaluationPoint }
  /** What changed about the exhibition; what is absent stays. */
  | { readonly type: 'exhibition'; readonly change: Partial<ExhibitionState> }
  | { readonly type: 'timeline'; readonly change: Partial<SessionState['timeline']> }
  | { readonly type: 'recording'; readonly recording: SessionState['recording'] }
  /** The training was stopped by a viewer; it may be started again. */
  | { readonly type: 'stopped'; readonly message: string }
  | { readonly type: 'ended'; readonly message: string }
  | { readonly type: 'failed'; readonly message: string }
  /** Another game is played from here on: another version of a scenario file. */
  | {
      readonly type: 'gameChanged'
      readonly scenario: string
      readonly algorithm: string
      readonly roster: SessionState['roster']
    }
  /** The training went back to an earlier episode; the curve beyond it is taken back. */
  | { readonly type: 'rolledBack'; readonly episodes: number; readonly message: string }
  /** A version of a scenario file cannot be played, whatever is played instead; a change of the game takes it back. */
  | { readonly type: 'trouble'; readonly trouble: Trouble }
  /** A sentence for people while everything goes on; null takes it back. */
  | { readonly type: 'remark'; readonly message: string | null }
  | Command

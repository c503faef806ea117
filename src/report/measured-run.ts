// What a report knows of one run: its settings, how it learnt, how it plays, and episodes to watch.
import type { Curve } from '../statistics/curves.ts'
import type { Replay } from './replay-data.ts'

export interface MeasuredRun {
  readonly path: string
  /** The folder's name. */
  readonly name: string
  /** `section.key` to its value: all settings, those that were left alone included. */
  readonly settings: ReadonlyMap<string, unknown>
  /** The settings by which runs are told apart: all that can matter to what is learnt but those of the scenario and the seed. */
  readonly decisive: readonly string[]
  /** Who plays, in words: `maddpg`, or `adversary: ddpg, agent: random`. */
  readonly who: string
  readonly scenario: {
    readonly id: string
    readonly version: number
    /** Code of a user's own scenario; null: it ships with marlstrom. */
    readonly code: string | null
  }
  readonly seed: number
  /** Episodes trained so far. */
  readonly episodes: number
  /** Episodes that it was evaluated in. */
  readonly evaluated: number
  /** Of every team that learnt, in agent order. */
  readonly teams: readonly TeamResult[]
  /** What was kept about how the run came to be, by name. */
  readonly facts: ReadonlyMap<string, string>
  /** Null: the game cannot be drawn. */
  readonly replay: Replay | null
}

export interface TeamResult {
  readonly team: string
  /** Training return per agent over the episodes. */
  readonly training: Curve
  /** Evaluations while it was trained; null: there were none. */
  readonly evaluations: EvaluationCurve | null
  /** Mean return per agent and episode, as it was trained: with and against the players of its own run. */
  readonly trained: number
  /** The same beside scripted players of the other teams: what scores are made of. Null: the scenario ships no script. */
  readonly besideScript: number | null
}

/** Evaluation return per agent, point by point, with what it had taken until then. */
export interface EvaluationCurve {
  readonly envSteps: readonly number[]
  /** Of training, evaluations left out; null: the run does not tell what they took. */
  readonly seconds: readonly number[] | null
  readonly values: readonly number[]
}

/** What a team without training gets, beside scripted players of the other teams. */
export interface BaselineReturns {
  readonly random: Level
  readonly scripted: Level
  /** There is no other team. */
  readonly alone: boolean
}

export interface Level {
  readonly mean: number
  readonly standardError: number
}

/** A run that the report has nothing to say about. */
export interface LeftOut {
  readonly path: string
  /** A sentence. */
  readonly reason: string
}

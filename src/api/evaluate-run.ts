// evaluateRun: episodes without learning, beside policies that learnt nothing; what `marlstrom evaluate` does.
import { lastValueFrom } from 'rxjs'
import { carryOut } from '../engine/carry-out.ts'
import { fastClock } from '../engine/clock.ts'
import type { CheckpointChoice } from '../experiment/checkpoint-files.ts'
import type { EvaluationMode } from '../experiment/evaluate.ts'
import { type ExactStanding, exactStandings } from '../run/exact-standings.ts'
import { type GameOptions, gameOptions } from '../run/in-game.ts'
import type { Run } from '../run/run.ts'
import { learntTeams, playingStandings, type Standing } from '../run/standings.ts'
import { openTrainedRun } from '../starting/open-run.ts'
import { expectMeasured } from './guards.ts'

/** The names are those of the options of `marlstrom evaluate`. */
export interface EvaluateOptions {
  /** Rounded up to a multiple of 50; absent: 1,000. */
  readonly episodes?: number | undefined
  /** sample, as in training; greedy, the best guess; absent: both. */
  readonly mode?: EvaluationMode | 'both' | undefined
  /** Of the evaluation episodes; absent: 0. */
  readonly seed?: number | undefined
  /** Absent: the newest. */
  readonly checkpoint?: CheckpointChoice | undefined
  /** Options of the scenario that differ from the training. */
  readonly scenario?: GameOptions | undefined
  /** Whether scripted, doing nothing and random play too; absent: they do. */
  readonly baselines?: boolean | undefined
  /** Of games in turns: how often teams win, computed without playing episodes, in place of standings. */
  readonly exact?: boolean | undefined
  /** Is told what a person should know, though nothing failed. */
  readonly note?: ((sentence: string) => void) | undefined
}

/** How good a run is. */
export interface RunEvaluation {
  readonly run: string
  /** Id of the scenario. */
  readonly scenario: string
  /** Who plays, in words. */
  readonly who: string
  readonly agents: Run['agents']
  /** Teams that learnt. */
  readonly teams: readonly string[]
  /** The run as trained, mode by mode, then baselines in the place of each team; empty with `exact`. */
  readonly standings: readonly Standing[]
  /** With `exact`; empty without. */
  readonly exact: readonly ExactStanding[]
}

/**
 * Plays episodes with the run of a folder, tick by tick, so that all else in the program has its turn; nothing in the folder changes.
 * @example
 * const { standings } = await evaluateRun('runs/spread', { episodes: 200, mode: 'greedy' })
 * console.log(standings[0].evaluation.returns.agent_0.mean)
 * @throws ConfigError for what is no run, and for options that do not fit; FileError for a damaged or missing checkpoint
 */
export async function evaluateRun(path: string, options: EvaluateOptions = {}): Promise<RunEvaluation> {
  const { episodes = 1000, mode = 'both', seed = 0, baselines = true, checkpoint, note = () => {} } = options
  expectMeasured({ episodes, mode: mode === 'both' ? 'sample' : mode, seed })
  const scenario = gameOptions({ scenario: options.scenario ?? {} })
  const { run } = await openTrainedRun(path, note, { checkpoint, scenario })
  const modes: readonly [EvaluationMode, ...EvaluationMode[]] = mode === 'both' ? ['sample', 'greedy'] : [mode]
  const of = { run: path, scenario: run.definition.id, who: run.who, agents: run.agents, teams: learntTeams(run) }
  try {
    if (options.exact) return { ...of, standings: [], exact: exactStandings(run, modes) }
    const playing = playingStandings(run, { modes, episodes, seed, baselines })
    return { ...of, standings: await lastValueFrom(fastClock().pipe(carryOut(playing))), exact: [] }
  } finally {
    run.dispose()
  }
}

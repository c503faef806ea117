// Measured runs made by hand, for tests of what a report makes of them.
import type { PictureSchema } from '../../src/envs/frame.ts'
import type { BaselineReturns, EvaluationCurve, MeasuredRun } from '../../src/report/measured-run.ts'
import { recordReplay } from '../../src/report/replay.ts'

export interface Wanted {
  readonly scenario?: string
  readonly options?: Readonly<Record<string, unknown>>
  readonly who?: string
  readonly learningRate?: number
  readonly seed?: number
  readonly version?: number
  readonly code?: string
  /** Per team, its final return; beside scripted others the same. */
  readonly returns?: Readonly<Record<string, number>>
  readonly evaluations?: EvaluationCurve
}

/** A run of some method whose return rises from -100 to where it ended. */
export function measured(wanted: Wanted = {}): MeasuredRun {
  const {
    scenario = 'simple_spread',
    options = {},
    who = 'maddpg',
    learningRate = 0.01,
    seed = 1,
    version = 1,
  } = wanted
  const settings = new Map<string, unknown>([
    ['scenario.id', scenario],
    ...Object.entries(options).map(([key, value]): [string, unknown] => [`scenario.${key}`, value]),
    ['learner.algorithm', who],
    ['learner.learningRate', learningRate],
    ['run.episodes', 300],
    ['run.threads', seed],
    ['run.seed', seed],
  ])
  return {
    path: `runs/${scenario}-${who}-${learningRate}-s${seed}`,
    name: `${scenario}-${who}-s${seed}`,
    settings,
    decisive: ['learner.algorithm', 'learner.learningRate', 'run.episodes'],
    who,
    scenario: { id: scenario, version, code: wanted.code ?? null },
    seed,
    episodes: 300,
    evaluated: 50,
    teams: Object.entries(wanted.returns ?? { agent: -50 - seed }).map(([team, value]) => ({
      team,
      training: { steps: [100, 200, 300], values: [-100, (value - 100) / 2, value] },
      evaluations: wanted.evaluations ?? null,
      trained: value,
      besideScript: value,
    })),
    facts: new Map([['backend', 'simd']]),
    replay: recordReplay(schema, ['agent_0'], pictures(4), 2),
  }
}

/** Chance at -100, script at 0. */
export const baseline: BaselineReturns = {
  random: { mean: -100, standardError: 1 },
  scripted: { mean: 0, standardError: 1 },
  alone: true,
}

export const schema: PictureSchema = {
  kind: 'particles',
  extent: 1,
  entities: [
    { id: 'agent_0', kind: 'agent', agent: 0, team: 'agent', size: 0.1, color: [0.3, 0.3, 0.9], collides: true },
  ],
  fields: [{ name: 'position', offset: 0, size: 2 }],
  size: 2,
}

/** An endless source of pictures: episodes of some steps, the agent one step further right in each. */
export function pictures(steps: number) {
  let at = -1
  return () => {
    at = at === steps ? 0 : at + 1
    return {
      episode: 1,
      step: at,
      restarted: at === 0,
      rewards: Float32Array.of(-1),
      returns: Float32Array.of(-at),
      row: Float32Array.of(at, Number.NaN),
    }
  }
}

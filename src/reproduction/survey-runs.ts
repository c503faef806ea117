// The trainings behind `marlstrom reproduce survey`: every system of docs/survey.md in its multi-agent form, on one world, for equally many steps.
import type { Overrides } from '../run/config/config.ts'
import { presets } from '../run/config/presets.ts'
import type { Schedule } from '../settings/schedule.ts'

/** Environment steps of each run, and seeds, of the whole table and of a quick look. */
export const surveyLengths = { full: { steps: 1_000_000, seeds: 3 }, quick: { steps: 300_000, seeds: 1 } } as const

export interface SurveyRun {
  /** As the survey calls it. */
  readonly system: string
  /** What it is with several agents, as runs here are named. */
  readonly form: string
  /** Settings over the defaults of the algorithm, for so many steps. */
  settings(steps: number): Overrides
}

export const surveyScenario = 'simple_spread'

/** A learner's own settings where a run has so many steps. */
type OwnSettings = (steps: number) => Readonly<Record<string, unknown>>

/** By the name that run folders get, in the order of the survey. */
export const surveyRuns: Readonly<Record<string, SurveyRun>> = {
  reinforce: rollouts('REINFORCE', 'reinforce', 'reinforce', () => ({ rolloutEpisodes: 32, timeLimit: 'terminate' })),
  'actor-critic': rollouts('actor-critic', 'maa2c, lambda 0', 'a2c', () => ({ critic: 'joint', lambda: 0 })),
  'off-policy': rollouts('off-policy policy gradient', 'offpac, joint Q', 'offpac', () => ({ critic: 'joint' })),
  a3c: rollouts('A3C', 'a3c, joint V', 'a3c', () => ({ critic: 'joint' })),
  a2c: rollouts('A2C', 'maa2c', 'a2c', () => ({ critic: 'joint' })),
  dpg: replay('DPG', 'dpg, joint Q', 'dpg', { critic: 'joint' }),
  ddpg: replay('DDPG', 'ddpg', 'ddpg'),
  d4pg: replay('D4PG', 'mad4pg', 'mad4pg'),
  maddpg: replay('MADDPG', 'maddpg', 'maddpg'),
  trpo: rollouts('TRPO', 'matrpo', 'trpo', steps => ({ critic: 'joint', learningRate: falling(0.001, steps) })),
  ppo: rollouts('PPO', 'mappo', 'ppo', steps => ({
    critic: 'joint',
    learningRate: falling(0.001, steps),
    rolloutSteps: 25,
    epochs: 5,
    minibatches: 4,
  })),
  ppg: rollouts('PPG', 'ppg, joint V', 'ppg', steps => ({
    critic: 'joint',
    learningRate: falling(0.001, steps),
    rolloutSteps: 25,
    minibatches: 4,
  })),
  acer: rollouts('ACER', 'acer, joint Q', 'acer', () => ({ critic: 'joint' })),
  acktr: rollouts('ACKTR', 'acktr, joint V', 'acktr', () => ({ critic: 'joint' })),
  sac: replay('SAC, automatic temperature', 'masac', 'masac'),
  td3: replay('TD3', 'matd3', 'matd3'),
  svpg: rollouts('SVPG', 'svpg, 4 particles', 'svpg', () => ({ subPolicies: 4 })),
  impala: rollouts('IMPALA', 'impala, joint V', 'impala', () => ({ critic: 'joint' })),
}

/** What all learn with that learn from rollouts: those of preset modern-ppo that an actor-critic has too, and its networks. */
function rollouts(system: string, form: string, algorithm: string, own: OwnSettings): SurveyRun {
  const { network, run } = presets['modern-ppo']!.settings
  return {
    system,
    form,
    settings: steps => ({
      learner: { algorithm, gamma: 0.8, timeLimit: 'bootstrap', ...own(steps) },
      ...(network && { network }),
      run: { games: run!.games },
    }),
  }
}

/** What all learn with that learn from the replay buffer: those of preset modern. */
function replay(
  system: string,
  form: string,
  algorithm: string,
  own: Readonly<Record<string, unknown>> = {},
): SurveyRun {
  const { learningRate: _, ...learner } = presets.modern!.settings.learner!
  return {
    system,
    form,
    settings: steps => ({ learner: { algorithm, ...learner, learningRate: falling(0.003, steps), ...own } }),
  }
}

/** To a tenth by the end of a run. */
function falling(from: number, steps: number): Schedule {
  return { from, to: from / 10, steps, shape: 'exponential' }
}

// Exploitability of a trained team: its opponents are trained from the beginning against it while it is fixed.
import { lastValueFrom } from 'rxjs'
import { play } from '../experiment/evaluate.ts'
import type { RunFolder } from '../experiment/run-folder.ts'
import { train } from '../experiment/trainer.ts'
import type { Overrides, RunConfig } from '../run/config/config.ts'
import { ownSettings } from '../run/config/team-settings.ts'
import { algorithms, createRun, evaluationOf, type Run } from '../run/run.ts'
import { type Estimate, estimate } from '../statistics/estimate.ts'
import { seatReturns } from './matches.ts'
import type { Seat } from './seats.ts'

/** A run that takes part, as it is called in tables. */
export interface Entrant {
  readonly label: string
  readonly path: string
  readonly run: Run
  readonly folder: RunFolder
}

/** What a response took from a team. */
export interface BestResponse {
  readonly run: string
  readonly label: string
  readonly team: string
  /** Episodes that the response was trained for. */
  readonly training: number
  /** Return per agent of the team against the partners that it was trained with. */
  readonly partner: Estimate
  /** The same against the response. */
  readonly response: Estimate
  /** What it loses: a lower bound, as a better response may exist; below 0 where the response is worse than its partners. */
  readonly exploitability: number
}

interface ResponseOptions {
  readonly episodes: number
  readonly mode: 'sample' | 'greedy'
  readonly seed: number
  readonly training: number
  readonly threads?: number
}

/** Trains MADDPG with the run's own settings on all other teams, then evaluates. */
export async function bestResponseTo(
  { run: trained, folder, label, path }: Entrant,
  seat: Seat,
  partner: Estimate,
  options: ResponseOptions,
): Promise<BestResponse> {
  const { episodes, mode, seed, training } = options
  const isUntaught = trained.parts[seat.agents[0]!]!.baseline !== null
  const kept = {
    scenarioFile: folder.scenarioFile,
    opponentFolder: () => undefined,
    playerFile: (team: string) => (team === seat.name ? folder.playerFile(team) : undefined),
  }
  const run = await createRun(settingsOf(trained.config, path, seat.name, isUntaught, options), kept)
  try {
    await lastValueFrom(train(run), { defaultValue: null })
    const played = play(evaluationOf(run, 'trained', mode, episodes, seed))
    const response = estimate(seatReturns(played, seat))
    const exploitability = partner.mean - response.mean
    return { run: path, label, team: seat.name, training, partner, response, exploitability }
  } finally {
    run.dispose()
  }
}

/** The run again, for so many episodes: the team as it is, all others trained by MADDPG from the beginning. */
function settingsOf(
  config: RunConfig,
  path: string,
  team: string,
  isUntaught: boolean,
  { training, threads }: ResponseOptions,
): Overrides {
  const others = Object.entries(config.team).filter(([name, said]) => name !== team && typeof said !== 'string')
  return {
    ...config,
    team: {
      ...Object.fromEntries(
        others.map(([name]) => [name, known({ ...ownSettings(config, name), algorithm: 'maddpg' })]),
      ),
      // Who has learnt nothing plays on as he is, with his settings.
      [team]: isUntaught ? config.team[team] : path,
    },
    learner: { ...known(config.learner), algorithm: 'maddpg', inferPolicies: false, subPolicies: 1 },
    // Its settings are all there; a preset may be for other algorithms.
    run: { ...config.run, preset: 'openai', episodes: training, steps: null, threads: threads ?? config.run.threads },
  }
}

/** Of the settings of a learner those that MADDPG has. */
function known(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).filter(
      ([name]) => name === 'algorithm' || Object.hasOwn(algorithms.maddpg!.options, name),
    ),
  )
}

// What viewers know of a session when it begins.
import type { SessionState } from './session-state.ts'

/**
 * How a session begins for its viewers. `totalEpisodes`: null where nothing is trained.
 * @see {@link createExhibition} for an example
 */
export function initialSession(
  run: SessionState['run'],
  status: SessionState['status'],
  game: { readonly agents: readonly { readonly id: string; readonly team: string }[] },
  totalEpisodes: number | null,
): SessionState {
  return {
    run,
    status,
    message: null,
    trouble: null,
    roster: game.agents.map(({ id, team }) => ({ id, team })),
    progress: {
      episodes: 0,
      totalEpisodes,
      envSteps: 0,
      updates: 0,
      envStepsPerSecond: 0,
      updatesPerSecond: 0,
      learnsAt: null,
      secondsLeft: null,
    },
    curve: { episodes: [], returns: [] },
    metrics: { episodes: [], series: {} },
    evaluations: [],
    exhibition: {
      paused: false,
      speed: 1,
      seed: run.seed,
      options: {},
      optionsAllowed: [],
      choices: {},
      players: {},
      taken: {},
    },
    timeline: { kind: 'live', first: 0, last: 0, position: 0, loop: null },
    recording: null,
  }
}

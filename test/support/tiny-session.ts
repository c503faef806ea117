// The state of a session at its start.
import type { SessionState } from '../../src/experiment/session.ts'

export const tinySession: SessionState = {
  run: { scenario: 'tiny', algorithm: 'maddpg', seed: 1, preset: 'openai', folder: null },
  status: 'training',
  message: null,
  roster: [
    { id: 'agent_0', team: 'agent' },
    { id: 'agent_1', team: 'agent' },
  ],
  progress: {
    episodes: 0,
    totalEpisodes: 10,
    envSteps: 0,
    updates: 0,
    envStepsPerSecond: 0,
    updatesPerSecond: 0,
    secondsLeft: null,
  },
  curve: { episodes: [], returns: [] },
  metrics: { episodes: [], series: {} },
  evaluations: [],
  exhibition: {
    paused: false,
    speed: 1,
    seed: 1,
    options: {},
    optionsAllowed: [],
    choices: {},
    players: {},
    taken: {},
  },
  timeline: { kind: 'live', first: 0, last: 0, position: 0, loop: null },
  recording: null,
}

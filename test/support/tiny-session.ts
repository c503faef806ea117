// The state of a session at its start.
import { initialSession } from '../../src/experiment/initial-session.ts'

export const tinySession = initialSession(
  { scenario: 'tiny', algorithm: 'maddpg', seed: 1, preset: 'openai', folder: null },
  'training',
  {
    agents: [
      { id: 'agent_0', team: 'agent' },
      { id: 'agent_1', team: 'agent' },
    ],
  },
  10,
)

// The two-step game of Rashid et al. 2018, section 5: the first agent's first choice decides which table pays in the second step.
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import type { AgentSpec, Matrix } from '../../src/types.ts'

/** After the first choice, and after the second one; the best is 8, by the second alternative throughout. */
export const secondStep = [
  [
    [7, 7],
    [7, 7],
  ],
  [
    [0, 1],
    [1, 8],
  ],
] as const

/** Both see which of the three states it is. */
export function createTwoStepGame(): MarkovGame {
  const agents: AgentSpec[] = [0, 1].map(agent => ({
    id: `agent_${agent}`,
    team: 'agent',
    observationSize: 3,
    observationParts: [{ name: 'state', size: 3 }],
    actionSpace: [{ name: 'choose', kind: 'choice', size: 2, soft: false }],
  }))
  const rewards = new Float64Array(2)
  const terminated = new Uint8Array(2)
  /** 0, then 1 or 2; 3 when it is over. */
  let state = 0
  const chosen = ({ data }: Matrix, row: number) => (data[2 * row] === 1 ? 0 : 1)
  return {
    id: 'two_step',
    agents,
    rewards,
    present: new Uint8Array(2).fill(1),
    terminated,
    truncated: false,
    reset() {
      state = 0
      rewards.fill(0)
      terminated.fill(0)
    },
    step(actions, row) {
      const [first, second] = actions.map(matrix => chosen(matrix, row)) as [0 | 1, 0 | 1]
      if (state === 0) {
        rewards.fill(0)
        state = 1 + first
      } else {
        rewards.fill(secondStep[state - 1]![first]![second]!)
        terminated.fill(1)
        state = 3
      }
    },
    observe(_, into) {
      into.fill(0)
      if (state < 3) into[state] = 1
    },
    save: () => ({ state, rewards, terminated }),
    restore(saved) {
      const from = saved as { state: number; rewards: Float64Array; terminated: Uint8Array }
      state = from.state
      rewards.set(from.rewards)
      terminated.set(from.terminated)
    },
  }
}

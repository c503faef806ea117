// Three bandits of one step on which PPO fails in three ways (after Hsu, Mendler-Dünner and Hardt 2020), as a game of one agent.
import { choice, defineGame } from 'marlstrom'

/** What an action is worth, by task: a number within `box`, or one of `arms`. */
export const tasks = {
  // Nothing is paid, and nothing tells the way back, outside of -1 ... 1.
  support: { box: [-4, 4], reward: a => (Math.abs(a) <= 1 ? 1 - a * a : 0) },
  // One arm pays 1, the others 0.5 down to 0.
  arms: { arms: 100, reward: arm => (arm === 0 ? 1 : (0.5 * (99 - arm)) / 98) },
  // The lower peak lies where policies begin and is felt everywhere, the higher one is narrow and to the side.
  peaks: { box: [-4, 4], reward: a => Math.max(0.5 * Math.exp((-a * a) / 2), 1 - 4 * (a - 2.5) ** 2) },
}

export const failureModes = defineGame({
  id: 'failure_modes',
  version: 1,
  description: 'one action, paid at once',
  options: { task: choice(Object.keys(tasks), 'which of the three') },
  create: ({ task }) => createBandit(tasks[task]),
})

function createBandit({ box, arms, reward }) {
  const part =
    box === undefined
      ? { name: 'arm', kind: 'choice', size: arms, soft: false }
      : { name: 'number', kind: 'box', size: 1, low: box[0], high: box[1] }
  const rewards = new Float64Array(1)
  const terminated = new Uint8Array(1)
  return {
    id: 'failure_modes',
    agents: [
      {
        id: 'agent',
        team: 'agent',
        observationSize: 1,
        observationParts: [{ name: 'nothing', size: 1 }],
        actionSpace: [part],
      },
    ],
    rewards,
    present: Uint8Array.of(1),
    terminated,
    truncated: false,
    reset() {
      rewards.fill(0)
      terminated.fill(0)
    },
    step(actions, row) {
      const { columns, data } = actions[0]
      const action = data.subarray(row * columns, (row + 1) * columns)
      rewards[0] = reward(box === undefined ? action.indexOf(1) : action[0])
      terminated.fill(1)
    },
    observe: (_agent, row) => row.set([1]),
    save: () => ({ rewards, terminated }),
    restore(saved) {
      rewards.set(saved.rewards)
      terminated.set(saved.terminated)
    },
  }
}

// Nim with one heap: players take some of it in turns, and whoever takes the last wins. A small game in turns for tests.
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import type { Saved } from '../../src/types.ts'

/** `most`: how many may be taken at once. */
export function nim(heap: number, most: number): MarkovGame {
  const rewards = new Float64Array(2)
  const present = new Uint8Array([1, 0])
  const terminated = new Uint8Array(2)
  let left = heap
  return {
    id: 'nim',
    agents: [0, 1].map(agent => ({
      id: `player_${agent}`,
      team: `player_${agent}`,
      observationSize: 1,
      observationParts: [{ name: 'left', size: 1 }],
      actionSpace: [{ name: 'take', kind: 'choice', size: most, soft: false }],
    })),
    absences: true,
    rewards,
    present,
    terminated,
    truncated: false,
    reset() {
      left = heap
      rewards.fill(0)
      terminated.fill(0)
      present.set([1, 0])
    },
    step(actions, row) {
      const player = present[0] === 1 ? 0 : 1
      const { data, columns } = actions[player]!
      left -= 1 + data.subarray(row * columns, (row + 1) * columns).indexOf(1)
      rewards.fill(0)
      if (left === 0) {
        rewards[player] = 1
        rewards[1 - player] = -1
        terminated.fill(1)
      }
      present.set([player, 1 - player])
    },
    observe: (_agent, row) => void (row[0] = left),
    actionMask: (_agent, row) => void row.fill(0, Math.min(most, left)),
    save: (): Saved => ({ left, present, rewards, terminated }),
    restore(saved) {
      const state = saved as { left: number; present: Uint8Array; rewards: Float64Array; terminated: Uint8Array }
      left = state.left
      present.set(state.present)
      rewards.set(state.rewards)
      terminated.set(state.terminated)
    },
  }
}

// A small game with action masks that refuses every forbidden action: walkers in a corridor with walls, who speak at even cells alone.
import type { GameDefinition } from '../../src/envs/game-definition.ts'
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import { type ActionSpace, forbiddenChoice } from '../../src/spaces.ts'
import type { AgentSpec, Saved } from '../../src/types.ts'

export interface CorridorOptions {
  readonly agents?: number
  /** Cells of the corridor. */
  readonly cells?: number
  /** Steps of an episode. */
  readonly length?: number
  /** Whether probabilities are legal too. */
  readonly soft?: boolean
  /** Whether a forbidden action is refused; else it is counted in the figure `illegal`. Default: true. */
  readonly strict?: boolean
  /** Whether the game says what is forbidden; default: true. */
  readonly masked?: boolean
}

export const corridorSpace = (soft = false): ActionSpace => [
  { name: 'move', kind: 'choice', size: 3, soft, names: ['stay', 'left', 'right'] },
  { name: 'say', kind: 'choice', size: 2, soft },
]

/** Everybody sees its cell as a one-hot, is paid for standing at the right end, and may not walk into a wall. */
export function createCorridor(options: CorridorOptions = {}): MarkovGame {
  const { agents: count = 2, cells = 4, length = 6, soft = false, strict = true, masked = true } = options
  const actionSpace = corridorSpace(soft)
  const agents: AgentSpec[] = Array.from({ length: count }, (_, agent) => ({
    id: `walker_${agent}`,
    team: 'walker',
    observationSize: cells,
    observationParts: [{ name: 'cell', size: cells }],
    actionSpace,
  }))
  const rewards = new Float64Array(count)
  const terminated = new Uint8Array(count)
  const at = new Int32Array(count)
  let [step, truncated, illegal] = [0, false, 0]
  const actionMask = (agent: number, row: Uint8Array) => {
    if (at[agent] === 0) row[1] = 0
    if (at[agent] === cells - 1) row[2] = 0
    if (at[agent]! % 2 === 1) row[4] = 0
  }
  return {
    id: 'corridor',
    agents,
    rewards,
    present: new Uint8Array(count).fill(1),
    terminated,
    get truncated() {
      return truncated
    },
    reset(random) {
      for (let agent = 0; agent < count; agent++) at[agent] = random.integer(cells)
      rewards.fill(0)
      terminated.fill(0)
      ;[step, truncated, illegal] = [0, false, 0]
    },
    step(actions, row) {
      illegal = 0
      for (let agent = 0; agent < count; agent++) {
        const action = actions[agent]!.data.subarray(5 * row, 5 * row + 5)
        const mask = new Uint8Array(5).fill(1)
        actionMask(agent, mask)
        const forbidden = forbiddenChoice(actionSpace, action, mask)
        if (forbidden !== null && strict) throw new RangeError(`corridor: ${agents[agent]!.id} ${forbidden}`)
        if (forbidden !== null) illegal++
        const move = [0, 1, 2].reduce((best, k) => (action[k]! > action[best]! ? k : best), 0)
        at[agent] = Math.min(cells - 1, Math.max(0, at[agent]! + [0, -1, 1][move]!))
        rewards[agent] = at[agent] === cells - 1 ? 1 : 0
      }
      truncated = ++step >= length
    },
    observe: (agent, row) => void row.fill(0).fill(1, at[agent]!, at[agent]! + 1),
    script: (agent, actions, row) =>
      actions.data.set(at[agent] === cells - 1 ? [1, 0, 0, 1, 0] : [0, 0, 1, 1, 0], 5 * row),
    ...(masked ? { actionMask } : {}),
    measure: () => ({ illegal }),
    frames: {
      schema: {
        kind: 'particles',
        extent: cells,
        size: 2 * count,
        fields: [{ name: 'position', offset: 0, size: 2 * count }],
        entities: agents.map(({ id, team }, agent) => ({
          id,
          kind: 'agent',
          agent,
          team,
          size: 0.1,
          color: [0, 0, 1],
          collides: false,
        })),
      },
      write: row => at.forEach((cell, agent) => void row.set([cell, 0], 2 * agent)),
    },
    save: (): Saved => ({ at: Int32Array.from(at), rewards: Float64Array.from(rewards), step, truncated, terminated }),
    restore(saved) {
      const state = saved as {
        at: Int32Array
        rewards: Float64Array
        step: number
        truncated: boolean
        terminated: Uint8Array
      }
      at.set(state.at)
      rewards.set(state.rewards)
      terminated.set(state.terminated)
      ;[step, truncated] = [state.step, state.truncated]
    },
  }
}

export function corridorDefinition(options: CorridorOptions = {}): GameDefinition {
  return { id: 'corridor', version: 1, description: '', options: {}, create: () => createCorridor(options) }
}

// A small Markov game written for tests: secrets to see, moves to make, and every kind of ending.
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import { createVectorGame, type VectorGame } from '../../src/envs/vector-game.ts'
import { createRandom, type Random } from '../../src/random.ts'
import { type ActionSpace, actionSize } from '../../src/spaces.ts'
import type { AgentSpec, Column, Matrix } from '../../src/types.ts'

export interface TinyGameOptions {
  readonly agents?: number
  readonly space?: ActionSpace
  /** Steps of an episode. */
  readonly length?: number
  /** How the last step of an episode ends it. */
  readonly ending?: 'truncated' | 'terminated'
  /** Steps after which an agent terminates before the others, by agent. */
  readonly leaves?: Readonly<Record<number, number>>
  /** Reward of an agent for everybody's action rows, what everybody saw, and the step (from 1). */
  readonly reward?: (scene: Scene) => number
  /** Replaces the observation [own secret, share of the episode]. */
  readonly see?: (scene: Omit<Scene, 'actions'>) => readonly number[]
}

export interface Scene {
  readonly agent: number
  /** Steps of the episode, the present one included. */
  readonly step: number
  /** Per agent, one number in [0, 1) drawn when the episode began. */
  readonly secrets: readonly number[]
  readonly actions: readonly (readonly number[])[]
}

export const softMove: ActionSpace = [{ name: 'move', kind: 'choice', size: 3, soft: true }]

export function createTinyGame(options: TinyGameOptions = {}): MarkovGame {
  const { agents: count = 2, space = softMove, length = 5, ending = 'truncated', leaves = {} } = options
  const reward = options.reward ?? (({ agent, actions, secrets }) => actions[agent]![0]! - secrets[agent]!)
  const see = options.see ?? (({ agent, secrets, step }) => [secrets[agent]!, step / length])
  const columns = actionSize(space)
  const observationSize = see({ agent: 0, step: 0, secrets: new Array(count).fill(0) }).length
  const agents: AgentSpec[] = Array.from({ length: count }, (_, agent) => ({
    id: `agent_${agent}`,
    team: 'agent',
    observationSize,
    observationParts: [{ name: 'all', size: observationSize }],
    actionSpace: space,
  }))
  const rewards = new Float64Array(count)
  const terminated = new Uint8Array(count)
  let secrets = new Float64Array(count)
  let step = 0
  let truncated = false
  return {
    id: 'tiny',
    agents,
    rewards,
    present: new Uint8Array(count).fill(1),
    terminated,
    get truncated() {
      return truncated
    },
    reset(random: Random) {
      secrets = secrets.map(() => random.uniform())
      step = 0
      truncated = false
      terminated.fill(0)
      rewards.fill(0)
    },
    step(actions: readonly Matrix[], row: number) {
      step++
      const rows = actions.map(({ data }) => [...data.subarray(row * columns, (row + 1) * columns)])
      for (let agent = 0; agent < count; agent++) {
        rewards[agent] = terminated[agent] === 1 ? 0 : reward({ agent, step, secrets: [...secrets], actions: rows })
        if (step === leaves[agent]) terminated[agent] = 1
      }
      truncated = step >= length && ending === 'truncated'
      if (step >= length && ending === 'terminated') terminated.fill(1)
    },
    observe(agent, into) {
      into.set(see({ agent, step, secrets: [...secrets] }))
    },
    frames: {
      schema: {
        kind: 'particles',
        extent: 1,
        entities: agents.map(({ id, team }, agent) => ({
          id,
          kind: 'agent',
          agent,
          team,
          size: 0.1,
          color: [0, 0, 1],
          collides: false,
        })),
        fields: [{ name: 'position', offset: 0, size: 2 * count }],
        size: 2 * count,
      },
      write(row) {
        for (let agent = 0; agent < count; agent++) row.set([secrets[agent]!, step], 2 * agent)
      },
    },
    save: () => ({ secrets, step, truncated, terminated, rewards }),
    restore(saved) {
      const state = saved as Record<'secrets' | 'rewards', Float64Array> & {
        step: number
        truncated: boolean
        terminated: Uint8Array
      }
      secrets.set(state.secrets)
      step = state.step
      truncated = state.truncated
      terminated.set(state.terminated)
      rewards.set(state.rewards)
    },
  }
}

/** `games` of them side by side. */
export function tinyVectorGame(
  games: number,
  options: TinyGameOptions = {},
  seed = 1,
  extras?: readonly (readonly Column[])[],
  create: () => MarkovGame = () => createTinyGame(options),
): VectorGame {
  return createVectorGame({
    create,
    games,
    random: game => createRandom(seed, 'game', game),
    ...(extras === undefined ? {} : { extras }),
  })
}

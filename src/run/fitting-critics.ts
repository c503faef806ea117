// What critics see where nobody says, if critics that see all agents would not fit into memory: the world's own state.
import { actionSize } from '../spaces.ts'
import type { AgentSpec } from '../types.ts'
import { type Overrides, presetNamed, type RunConfig } from './config/config.ts'
import { settingsOf } from './config/team-settings.ts'
import { learnersOf, type Players } from './players.ts'

/** Bytes that the networks of critics may take of the 4 GiB that WebAssembly addresses. */
const mostBytes = 2 ** 31
/** A critic, its target, its gradients and two moments. */
const copies = 5

/** Bytes of critics that see the observations and actions of all agents; 0: the settings say what critics see, or none of them sees all. */
export function bytesOfJointCritics(agents: readonly AgentSpec[], players: Players, config: RunConfig): number {
  const seen = agents.reduce((sum, agent) => sum + agent.observationSize + actionSize(agent.actionSpace), 0)
  const weights = weightsOf([seen, ...(config.network.critic.hidden ?? config.network.hidden), 1])
  let bytes = 0
  for (const [team, algorithm] of learnersOf(players)) {
    const { critic, shareParameters } = settingsOf(algorithm, config, team)
    if (algorithm.critics !== 'joint' || critic !== null) continue
    const networks = shareParameters === true ? 1 : agents.filter(agent => agent.team === team).length
    bytes += 4 * copies * networks * weights
  }
  return bytes
}

/** What is settled, and what there is to say of it; null: nothing was changed. */
export interface FittingCritics {
  readonly config: RunConfig
  readonly remark: string | null
}

/**
 * Where they would not fit, in a game that has a state of its own, `learner.critic` becomes `state`, unless something is said of it. It
 * follows from game and settings alone.
 */
export function withFittingCritics(
  agents: readonly AgentSpec[],
  players: Players,
  config: RunConfig,
  given: Overrides,
): FittingCritics {
  const isSaid = [given, presetNamed(config.run.preset).settings].some(({ learner = {}, team = {} }) =>
    [learner, ...Object.values(team)].some(said => Object.hasOwn(Object(said), 'critic')),
  )
  const bytes = isSaid ? 0 : bytesOfJointCritics(agents, players, config)
  if (bytes <= mostBytes) return { config, remark: null }
  return {
    config: { ...config, learner: { ...config.learner, critic: 'state' } },
    remark:
      `critics see the world's own state (learner.critic=state): ${agents.length} agents' critics that see all agents would take ` +
      `${(bytes / 1e9).toFixed(1)} GB`,
  }
}

function weightsOf(sizes: readonly number[]): number {
  return sizes.slice(1).reduce((sum, size, layer) => sum + size * (sizes[layer]! + 1), 0)
}

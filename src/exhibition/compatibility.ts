// Whether actors that were trained in one game can play in another.
import type { MarkovGame } from '../envs/markov-game.ts'
import { ConfigError } from '../errors.ts'
import type { ActionSpace } from '../spaces.ts'
import type { AgentSpec } from '../types.ts'
import { baselinesOf } from './baseline-setup.ts'

/** An actor plays the agent that it was made for. @throws ConfigError */
export function refuseIncompatible(trained: readonly AgentSpec[], index: number, game: MarkovGame): void {
  const agent = game.agents[index]!
  const known = trained[index]
  const remedy = `let somebody else play team ${agent.team}: ${baselinesOf(game).join(', ')}`
  if (known?.id !== agent.id) throw new ConfigError('play', `the run has no actor for ${agent.id}; ${remedy}`)
  if (known.observationSize !== agent.observationSize) {
    throw new ConfigError(
      'play',
      `the actor of ${agent.id} reads ${known.observationSize} numbers, it would see ${agent.observationSize}; ${remedy}`,
    )
  }
  if (shapeOf(known.actionSpace) !== shapeOf(agent.actionSpace)) {
    throw new ConfigError('play', `the actor of ${agent.id} has other actions than this game; ${remedy}`)
  }
}

/** What things are called does not matter to an actor. */
function shapeOf(space: ActionSpace): string {
  return JSON.stringify(space, (key, value) => (key === 'names' ? undefined : value))
}

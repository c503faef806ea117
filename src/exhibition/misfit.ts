// Whether actors that were trained in one game can play in another.
import type { MarkovGame } from '../envs/markov-game.ts'
import { ConfigError } from '../errors.ts'
import type { AgentSpec } from '../types.ts'
import { baselinesOf } from './baseline-stage.ts'

/** An actor plays the agent that it was made for. @throws ConfigError */
export function refuseMisfit(trained: readonly AgentSpec[], index: number, game: MarkovGame): void {
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
  if (JSON.stringify(known.actionSpace) !== JSON.stringify(agent.actionSpace)) {
    throw new ConfigError('play', `the actor of ${agent.id} has other actions than this game; ${remedy}`)
  }
}

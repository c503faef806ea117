// Policies of games in turns as functions of what the agent that is to move sees and may do: chance, the script, a trained actor.
import type { MarkovGame } from '../envs/markov-game.ts'
import type { AgentSpec, Matrix, Seen } from '../types.ts'
import type { TurnPolicy, TurnSight } from './exact-result.ts'

/** What is asked of an actor. */
export interface JudgingActor {
  /** What it carries from step to step. */
  readonly carries: readonly unknown[]
  greedy(observations: Seen): Matrix
  probabilities(observations: Seen): Matrix
}

/** Every alternative that is allowed, each as likely. */
export const evenChances: TurnPolicy = sight => spread(sight, sight.allowed)

/** What the game's script does. */
export const scriptedTurns: TurnPolicy = sight => {
  const { game, agent } = sight
  const columns = sizeOf(game.agents[agent]!)
  const row = { rows: 1, columns, data: new Float32Array(columns) }
  game.script!(agent, row, 0)
  return row.data
}

/**
 * What a trained actor does: `sample`, the probabilities that it draws from; `greedy`, its best guess.
 * @throws TypeError where it remembers: what it does is no function of the position
 */
export function actorTurns({
  actor,
  mode,
}: {
  readonly actor: JudgingActor
  readonly mode: 'sample' | 'greedy'
}): TurnPolicy {
  if (actor.carries.length > 0) {
    throw new TypeError(
      'expected an actor that remembers nothing: what another one does is no function of the position',
    )
  }
  return sight => {
    const { observation, game, agent } = sight
    const seen = { rows: 1, columns: observation.length, data: observation, mask: maskOf(sight, game.agents[agent]!) }
    return (mode === 'sample' ? actor.probabilities(seen) : actor.greedy(seen)).data
  }
}

function spread({ agent, game }: TurnSight, on: readonly number[]): Float64Array {
  const chances = new Float64Array(sizeOf(game.agents[agent]!))
  for (const alternative of on) chances[alternative] = 1 / on.length
  return chances
}

function maskOf({ allowed }: TurnSight, agent: AgentSpec): Matrix {
  const columns = sizeOf(agent)
  const data = new Float32Array(columns)
  for (const alternative of allowed) data[alternative] = 1
  return { rows: 1, columns, data }
}

function sizeOf({ actionSpace }: MarkovGame['agents'][number]): number {
  return actionSpace[0]!.size
}

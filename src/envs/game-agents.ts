// The agents of a game as a run, a replay buffer and learners know them: with what the game says of all of them filled in.
import type { AgentSpec } from '../types.ts'
import type { MarkovGame } from './markov-game.ts'

/**
 * `isMasked` where the game has an `actionMask` and the agent a choice, `mayBeAbsent` where it declares `absences`; a game may say `false`
 * of single agents.
 */
export function agentsOf({
  agents,
  actionMask,
  absences = false,
}: Pick<MarkovGame, 'agents' | 'actionMask' | 'absences'>): readonly AgentSpec[] {
  if (actionMask === undefined && !absences) return agents
  return agents.map(({ isMasked = true, mayBeAbsent = true, ...agent }) => ({
    ...agent,
    ...(isMasked && actionMask !== undefined && agent.actionSpace.some(({ kind }) => kind === 'choice')
      ? { isMasked }
      : {}),
    ...(mayBeAbsent && absences ? { mayBeAbsent } : {}),
  }))
}

/** Numbers of the world's own state; 0: the game has none. */
export function stateSizeOf({ stateParts = [] }: Pick<MarkovGame, 'stateParts'>): number {
  return stateParts.reduce((sum, { size }) => sum + size, 0)
}

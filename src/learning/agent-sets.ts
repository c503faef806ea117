// Agents as sets, for critics that read as many as there are: a piece for each, one set for each kind of agent.
import { type SetPlace, setPlacesOf } from '../nn/sets.ts'
import { actionSize } from '../spaces.ts'
import type { AgentSpec } from '../types.ts'

/** Agents of one kind: of one team, seeing and doing the same. */
export interface AgentSet {
  /** By index in the game, in order: one piece each. */
  readonly members: readonly number[]
  /** Where its pieces stand: whether the agent is there, its observation, and its action where critics judge those. */
  readonly place: SetPlace
}

/**
 * The agents of a game by kind, in the order of the first of each; sets stand side by side from column `from` on. `except`: an agent that is
 * no piece. Sets within an observation are sets within its piece.
 */
export function agentSets(
  agents: readonly AgentSpec[],
  from: number,
  { except, actions }: { readonly except?: number; readonly actions: boolean },
): AgentSet[] {
  const kinds = new Map<string, number[]>()
  agents.forEach(({ team, observationSize, actionSpace }, index) => {
    const alike = JSON.stringify([team, observationSize, actionSpace])
    const members = kinds.get(alike) ?? []
    kinds.set(alike, members)
    if (index !== except) members.push(index)
  })
  let column = from
  return [...kinds.values()].flatMap(members => {
    if (members.length === 0) return []
    const { observationSize, observationParts, actionSpace } = agents[members[0]!]!
    const piece = 1 + observationSize + (actions ? actionSize(actionSpace) : 0)
    const place = { from: column, count: members.length, piece, sets: setPlacesOf(observationParts) }
    column += members.length * piece
    return [{ members, place }]
  })
}

/** Columns that sets take. */
export function setColumns(sets: readonly AgentSet[]): number {
  return sets.reduce((sum, { place: { count, piece } }) => sum + count * piece, 0)
}

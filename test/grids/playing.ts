// What tests of grid games play with: steps by the names of actions, and what agents see, part by part.
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import type { Matrix } from '../../src/types.ts'

/** One-hot rows of named actions, in agent order. */
export function rowsOf(game: MarkovGame, actions: readonly string[]): Matrix[] {
  return game.agents.map(({ actionSpace }, agent) => {
    const [part] = actionSpace
    const names = part!.kind === 'choice' ? part!.names! : []
    const data = new Float32Array(part!.size)
    const chosen = names.indexOf(actions[agent]!)
    if (chosen !== -1) data[chosen] = 1
    return { rows: 1, columns: data.length, data }
  })
}

/** Moves everybody; gives the rewards. */
export function step(game: MarkovGame, ...actions: string[]): number[] {
  game.step(rowsOf(game, actions), 0)
  return [...game.rewards]
}

export function seen(game: MarkovGame, agent: number): number[] {
  const row = new Float64Array(game.agents[agent]!.observationSize)
  game.observe(agent, row)
  return [...row]
}

/** The numbers of one part. */
export function part(game: MarkovGame, agent: number, name: string): number[] {
  let at = 0
  for (const { name: each, size } of game.agents[agent]!.observationParts) {
    if (each === name) return seen(game, agent).slice(at, at + size)
    at += size
  }
  throw new Error(`no part ${name}`)
}

/** The names of the actions that are allowed. */
export function allowed(game: MarkovGame, agent: number): string[] {
  const [space] = game.agents[agent]!.actionSpace
  const mask = new Uint8Array(space!.size).fill(1)
  game.actionMask!(agent, mask)
  return (space!.kind === 'choice' ? space!.names! : []).filter((_, i) => mask[i] === 1)
}

export function stateOf(game: MarkovGame): number[] {
  const row = new Float64Array(game.stateParts!.reduce((sum, { size }) => sum + size, 0))
  game.state!(row)
  return [...row]
}

// Plays games with reproducible random actions.
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import type { Random } from '../../src/random.ts'
import { actionSize } from '../../src/spaces.ts'
import type { Matrix } from '../../src/types.ts'

/** One action matrix of one row per agent, all zero. */
export function emptyActions(game: MarkovGame): Matrix[] {
  return game.agents.map(agent => {
    const columns = actionSize(agent.actionSpace)
    return { rows: 1, columns, data: new Float32Array(columns) }
  })
}

/** Fills row `row` with a random legal action. */
export function act(game: MarkovGame, actions: readonly Matrix[], row: number, random: Random): void {
  game.agents.forEach(({ actionSpace }, i) => {
    let at = row * actions[i]!.columns
    for (const part of actionSpace) {
      const chosen = random.integer(part.size)
      for (let k = 0; k < part.size; k++, at++) {
        actions[i]!.data[at] = part.kind === 'box' ? random.between(part.low, part.high) : k === chosen ? 1 : 0
      }
    }
  })
}

/** Everything a game tells after a step. */
export function outcome(game: MarkovGame): number[] {
  const observations = game.agents.flatMap((agent, i) => {
    const row = new Float64Array(agent.observationSize)
    game.observe(i, row)
    return [...row]
  })
  return [...observations, ...game.rewards, ...game.terminated, game.truncated ? 1 : 0]
}

/** The outcomes of `steps` random steps. */
export function play(game: MarkovGame, steps: number, random: Random): number[][] {
  const actions = emptyActions(game)
  return Array.from({ length: steps }, () => {
    act(game, actions, 0, random)
    game.step(actions, 0)
    return outcome(game)
  })
}

// Games whose agents have one choice each, moved by the numbers of alternatives.
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import type { Matrix } from '../../src/types.ts'

/** One-hot rows, one for each agent; an agent without a number gets zeros. */
export function oneHots({ agents }: Pick<MarkovGame, 'agents'>, choices: readonly (number | undefined)[]): Matrix[] {
  return agents.map(({ actionSpace }, agent) => {
    const data = new Float32Array(actionSpace[0]!.size)
    if (choices[agent] !== undefined) data[choices[agent]] = 1
    return { rows: 1, columns: data.length, data }
  })
}

/** The alternative of whoever is present is taken. */
export function playTurn(game: MarkovGame, alternative: number): void {
  game.step(
    oneHots(
      game,
      [...game.present].map(there => (there === 1 ? alternative : undefined)),
    ),
    0,
  )
}

/** What the game's script does for an agent now. */
export function scriptedChoice(game: MarkovGame, agent: number): number {
  const { size } = game.agents[agent]!.actionSpace[0]!
  const actions = { rows: 1, columns: size, data: new Float32Array(size) }
  game.script!(agent, actions, 0)
  return actions.data.indexOf(1)
}

/** What an agent sees. */
export function seen(game: MarkovGame, agent: number): number[] {
  const row = new Float64Array(game.agents[agent]!.observationSize)
  game.observe(agent, row)
  return [...row]
}

/** What an agent may do: 1 and 0. */
export function maskOf(game: MarkovGame, agent: number): number[] {
  const row = new Uint8Array(game.agents[agent]!.actionSpace[0]!.size).fill(1)
  game.actionMask!(agent, row)
  return [...row]
}

/** Whether nobody is to move any more. */
export function isOver({ truncated, present, terminated }: MarkovGame): boolean {
  return truncated || present.every((there, agent) => there === 0 || terminated[agent] === 1)
}

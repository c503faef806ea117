// A game as viewers know it: how it is drawn, and who acts in it.
import type { FrameSchema } from './frame.ts'
import type { MarkovGame } from './markov-game.ts'

/** Seconds of the world that a step takes: those of the particle worlds. Games without a time of their own are shown alike. */
export const secondsPerStep = 0.1

/** @throws TypeError when the game cannot be drawn. */
export function frameSchema({ id, agents, frames }: Pick<MarkovGame, 'id' | 'agents' | 'frames'>): FrameSchema {
  if (frames === undefined) throw new TypeError(`${id}: expected a game with frames to draw, got none`)
  return {
    ...frames.schema,
    agents: agents.map(({ id, team, actionSpace, observationParts }) => ({ id, team, actionSpace, observationParts })),
    secondsPerStep,
  }
}

// A game as viewers know it: how it is drawn, and who acts in it.
import { ConfigError } from '../errors.ts'
import type { FrameSchema, PictureSchema } from './frame.ts'
import type { MarkovGame } from './markov-game.ts'

/** Seconds of the world that a step takes: those of the particle worlds. Games without a time of their own are shown alike. */
export const secondsPerStep = 0.1

/** The picture of a game that has none: nothing is in it. */
const blank: PictureSchema = {
  kind: 'particles',
  extent: 1,
  entities: [],
  fields: [{ name: 'position', offset: 0, size: 0 }],
  size: 0,
}

/** What viewers know of a game; one that draws no pictures is shown by its numbers alone. */
export function frameSchema({ agents, frames }: Pick<MarkovGame, 'agents' | 'frames'>): FrameSchema {
  return {
    ...(frames?.schema ?? blank),
    agents: agents.map(({ id, team, actionSpace, observationParts }) => ({ id, team, actionSpace, observationParts })),
    secondsPerStep,
  }
}

/** How a game is drawn, for who wants pictures and nothing else. @throws ConfigError for a game that draws none. */
export function demandPictures({ id, frames }: Pick<MarkovGame, 'id' | 'frames'>): NonNullable<MarkovGame['frames']> {
  if (frames !== undefined) return frames
  throw new ConfigError(
    '',
    `${id} draws no pictures: the game has no \`frames\`; it can be trained, evaluated and exported without`,
  )
}

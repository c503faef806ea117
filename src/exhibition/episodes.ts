// Episode after episode as frames, without a clock: for reports and pictures.
import type { Policy } from '../agents/policy.ts'
import type { Frame } from '../envs/frame.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { placed } from '../errors.ts'
import type { Random } from '../random.ts'
import { createPlay } from './play.ts'

/** Each call gives the next frame: the begin of an episode, or one step further. `explore`: policies sample as in training. */
export function episodeFrames(
  game: MarkovGame,
  policies: readonly Policy[],
  random: Random,
  explore = false,
): () => Frame {
  const play = createPlay(game, { explore })
  policies.forEach((policy, agent) => void play.setPolicy(agent, policy))
  let number = 0
  let episode = 0
  return () => {
    try {
      if (play.over) {
        episode++
        play.begin(random)
      } else play.step()
      return { number: number++, at: Date.now(), episode, ...play.picture() }
    } catch (error) {
      throw placed(error, { episode })
    }
  }
}

// What agents did, in words: the names of the alternatives that they chose.
import type { FrameAgent } from '../envs/frame.ts'

/**
 * Per agent, what it chose in a step, by the names that its game gives; null: its alternatives have no names, it did nothing (the first of
 * them), or no step led here. `actions`: all agents' action rows side by side.
 */
export function actionWords(
  agents: readonly Pick<FrameAgent, 'actionSpace'>[],
  actions: ArrayLike<number>,
): (string | null)[] {
  let at = 0
  return agents.map(({ actionSpace }) => {
    const words = actionSpace.flatMap(part => {
      const from = at
      at += part.size
      if (part.kind !== 'choice' || part.names === undefined) return []
      const chosen = part.names.findIndex((_, i) => i > 0 && actions[from + i] === 1)
      return chosen === -1 ? [] : [part.names[chosen]!]
    })
    return words.length === 0 ? null : words.join(', ')
  })
}

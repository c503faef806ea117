// What agents receive of each other's utterances.
import type { Agent } from './entity.ts'

/** Every speaker's utterance becomes what it wants to say in this step; the silent ones' stays zero. */
export function speak(agents: readonly Agent[]): void {
  for (const agent of agents) {
    if (!agent.speaks) continue
    const { speech, utterance } = agent
    for (let channel = 0; channel < utterance.length; channel++) utterance[channel] = speech[channel]!
  }
}

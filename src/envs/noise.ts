// Gaussian noise on actions and utterances, from random streams of the game's own.

import { cos, log } from '../elementary.ts'
import { createRandom, type Random } from '../random.ts'
import type { Saved, Stateful } from '../types.ts'
import type { Agent } from './entity.ts'

/** The noise of one game; it draws nothing where no agent has any. */
export interface WorldNoise extends Stateful {
  /** The streams that are drawn from: those of the game whose turn it is. */
  streams: readonly NoiseStreams[]
  /** Begins new streams, one per agent and purpose, which follow from the game's stream. */
  begin(random: Random): void
  /** Adds to every thrust and speech what its agent's standard deviations say. */
  add(): void
}

/** The noise of these agents, or null when none has any. */
export function createWorldNoise(agents: readonly Agent[]): WorldNoise | null {
  const noisy = agents.filter(
    ({ moves, speaks, actionNoise, utteranceNoise }) => (moves && actionNoise > 0) || (speaks && utteranceNoise > 0),
  )
  if (noisy.length === 0) return null
  const noise: WorldNoise = {
    streams: streamsOf(noisy, 0),
    begin(random) {
      noise.streams = streamsOf(noisy, random.bits())
    },
    add() {
      for (let i = 0; i < noisy.length; i++) if (noisy[i]!.present) shake(noisy[i]!, noise.streams[i]!)
    },
    save: (): Saved =>
      noise.streams.map(({ action, utterance }) => ({ action: action.save(), utterance: utterance.save() })),
    restore(saved) {
      ;(saved as { action: Saved; utterance: Saved }[]).forEach((state, i) => {
        noise.streams[i]!.action.restore(state.action)
        noise.streams[i]!.utterance.restore(state.utterance)
      })
    },
  }
  return noise
}

/** Of one agent. */
export interface NoiseStreams {
  readonly action: Random
  readonly utterance: Random
}

function shake(agent: Agent, { action, utterance }: NoiseStreams): void {
  const { thrust, speech, moves, speaks, actionNoise, utteranceNoise } = agent
  if (moves && actionNoise > 0) {
    thrust.x += actionNoise * gaussian(action)
    thrust.y += actionNoise * gaussian(action)
  }
  if (!speaks || !(utteranceNoise > 0)) return
  for (let channel = 0; channel < speech.length; channel++) speech[channel]! += utteranceNoise * gaussian(utterance)
}

function streamsOf(agents: readonly Agent[], seed: number): NoiseStreams[] {
  return agents.map(({ id }) => ({
    action: createRandom(seed, 'action noise', id),
    utterance: createRandom(seed, 'utterance noise', id),
  }))
}

/** A standard normal number (Box and Muller 1958). The second one of the pair is not kept: it would be state. */
function gaussian(random: Random): number {
  return Math.sqrt(-2 * log(1 - random.uniform())) * cos(2 * Math.PI * random.uniform())
}

// The numbers to meet: where runs of openai/maddpg ended after 60,000 episodes, and what the preset `modern` promises.
import { type Band, fewestSeeds, type PublishedShare, type Range, type Untrained } from './band.ts'

const between = (low: number, high: number): Range => ({ low, high })
const from = (low: number): Range => ({ low, high: Number.POSITIVE_INFINITY })

/** Three seeds whose mean lies in the range of the reference's ten runs. */
const ranges = (teams: Readonly<Record<string, Range>>): Band => ({
  measure: 'training',
  seeds: 3,
  widened: true,
  ranges: teams,
})

/** Evaluation returns that are promised, not measured elsewhere: nothing is widened. */
const promise = (agent: string, low: number, seeds = 3): Band => ({
  measure: 'evaluation',
  seeds,
  widened: false,
  ranges: { [agent]: from(low) },
})

/** Episodes after which preset `openai` is compared. */
export const bandEpisodes = 60_000

/** How many of the ten published runs reached the good group. */
const ofTen = (successes: number): PublishedShare => ({
  runs: 'the published runs',
  episodes: bandEpisodes,
  successes,
  of: 10,
})

/**
 * By preset and scenario. Preset `openai`: ten runs of openai/maddpg per scenario, read from the pixels of the published plots of
 * wsjeon/maddpg-rllib; training returns after 60,000 episodes of 25 steps, rules `openai`. The runs of
 * simple_speaker_listener and simple_crypto fall into groups: eight of ten and four of ten reached the good one.
 */
export const bands: Readonly<Record<string, Readonly<Record<string, Band>>>> = {
  openai: {
    simple: ranges({ agent: between(-7.7, -5.8) }),
    simple_adversary: ranges({ agent: between(7.8, 9.3), adversary: between(-14.4, -12.9) }),
    simple_crypto: {
      ...ranges({ adversary: between(-19, -10.7) }),
      seeds: fewestSeeds,
      modes: {
        team: 'good',
        each: [between(0.2, 7), between(16, 17.5)],
        above: 15,
        enough: { published: [ofTen(4)] },
      },
    },
    simple_push: ranges({ agent: between(-10.1, -6.9), adversary: between(-1.8, 0.6) }),
    simple_speaker_listener: {
      ...ranges({}),
      seeds: fewestSeeds,
      modes: {
        team: 'good',
        each: [between(-22, -15), between(-30.5, -29)],
        above: -25,
        // The second: the code of openai/maddpg itself, seeds 1 to 20 (docs/results.md).
        enough: {
          published: [ofTen(8), { runs: "openai/maddpg's own code", episodes: 10_000, successes: 10, of: 20 }],
        },
      },
    },
    simple_spread: ranges({ agent: between(-144, -135) }),
    simple_tag: ranges({ agent: between(-16.7, -10.6), adversary: between(7.4, 12.2) }),
  },
  modern: {
    simple: promise('agent', -6.1),
    simple_speaker_listener: {
      ...promise('good', -16, 10),
      modes: { team: 'good', each: [], above: -25, enough: { atLeast: 9 } },
    },
    simple_spread: promise('agent', -125),
  },
}

/** By scenario: returns of the same runs before they learnt. */
export const untrained: Readonly<Record<string, Untrained>> = {
  simple: { agent: -36.3 },
  simple_adversary: { agent: 7.2, adversary: -36.6 },
  simple_crypto: { good: -0.1, adversary: -24.3 },
  simple_push: { agent: -26.4, adversary: 0.3 },
  simple_reference: { agent: -72.2 },
  simple_speaker_listener: { good: -73.1 },
  simple_spread: { agent: -221 },
  simple_tag: { agent: -8, adversary: 1.8 },
  simple_world_comm: { agent: -11.4, adversary: 0.5 },
}

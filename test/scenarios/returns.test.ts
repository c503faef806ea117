// Returns of simple players under the openai rules, against figures recorded on the original code and against theory.
import { describe, expect, it } from 'vitest'
import { scenarios } from '../../scenarios/index.ts'
import { type Player, playEpisodes } from './playing.ts'

// Recorded on the original code, 1,000 episodes each; ours are 4,000. The standard error of the difference follows from
// ours: sqrt(1 + 4) times it, since one record has a quarter of our episodes. Three of them are tolerated.
const recorded: readonly [string, Player, number][] = [
  ['simple', 'noop', -34.1],
  ['simple', 'random', -42.2],
  ['simple_speaker_listener', 'noop', -68.4],
  ['simple_speaker_listener', 'random', -80.1],
  ['simple_reference', 'noop', -67.9],
  ['simple_reference', 'random', -81.6],
]

/** Two points, uniform in a square of side 2, are sqrt(4/3) apart in the mean square: 25 steps of standing still. */
const still = 25 * (4 / 3)
const expected: Readonly<Record<string, number>> = {
  simple: -still,
  simple_speaker_listener: -2 * still, // the sum over both agents
  simple_reference: -2 * still,
}

describe('untrained players', () => {
  it.each(recorded)('%s, %s: %d', (id, player, mean) => {
    const { returns, errors } = playEpisodes(scenarios[id]!, { rules: 'openai' }, player, 4000)
    const [team] = Object.keys(returns) as [string]
    const spread = errors[team]!
    expect(Math.abs(returns[team]! - mean)).toBeLessThan(3 * Math.sqrt(5) * spread)
    if (player === 'noop') expect(Math.abs(returns[team]! - expected[id]!)).toBeLessThan(4 * spread)
  })
})

// A mover's probabilities sum to one, so it cannot push with full force along both axes at once: that, and not the
// controllers, is the difference to the -5.9 and -12.1 of a controller that may. Boxes may: -5.9 under the mpe2 rules.
describe('scripted controllers', () => {
  it.each([
    ['simple', { rules: 'openai' }, -6.4],
    ['simple', { rules: 'mpe2', actions: 'continuous' }, -5.9],
    ['simple_speaker_listener', { rules: 'openai' }, -13],
    ['simple_speaker_listener', { rules: 'mpe2', actions: 'continuous' }, -12.1 / 2],
    ['simple_reference', { rules: 'openai' }, -13],
  ] as const)('%s, %o: %d', (id, options, mean) => {
    const { returns, errors, ends } = playEpisodes(scenarios[id]!, options, 'scripted', 2000)
    const [team] = Object.keys(returns) as [string]
    expect(returns[team]!).toBeGreaterThan(mean - 3 * errors[team]!)
    expect(ends.reached).toBeGreaterThan(0.99)
  })
})

// What the options of functions must be, refused as the command refuses its own: before anything is opened.
import { ConfigError } from '../errors.ts'

/** @throws ConfigError unless it is a whole number of at least `least` (default: 1) */
export function expectCount(path: string, value: number, least = 1): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new ConfigError(path, `expected a whole number of at least ${least}, got ${value}`)
}

/** @throws ConfigError unless it is one of some words */
export function expectOneOf(path: string, value: string, words: readonly string[]): void {
  if (!words.includes(value)) throw new ConfigError(path, `expected one of ${words.join(', ')}, got '${value}'`)
}

/** Episodes that are played to measure something. @throws ConfigError */
export function expectMeasured(of: { readonly episodes: number; readonly mode: string; readonly seed: number }): void {
  expectCount('--episodes', of.episodes)
  expectOneOf('--mode', of.mode, ['sample', 'greedy'])
  expectCount('--seed', of.seed, 0)
}

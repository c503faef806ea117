// What is said of a game that breaks its contract, in one place, so that `check` and every command say it alike.
import type { AgentSpec } from '../types.ts'

/** What is said of a number of an observation that is not finite. */
export function badObservation(
  { observationParts }: Pick<AgentSpec, 'observationParts'>,
  row: ArrayLike<number>,
): string {
  const bad = Array.from(row).findIndex(value => !Number.isFinite(Math.fround(value)))
  let end = 0
  const part = observationParts.find(({ size }) => (end += size) > bad)?.name ?? '?'
  return `part '${part}' must be finite, got ${row[bad]}; look for a division by zero or a number never set`
}

/** What is said of a reward that is no finite number. */
export function badReward(id: string, reward: unknown): string {
  return `the reward of ${id} must be a finite number, got ${reward}; does every path return one?`
}

/** What is said of a figure that is no finite number. */
export function badFigure(name: string, value: unknown): string {
  return `figure '${name}' must be a finite number, got ${value}`
}

/** What is said of flags that are neither 0 nor 1, or true nor false. */
export function badFlag(name: 'present' | 'terminated' | 'truncated', value: unknown, id?: string): string {
  if (name === 'truncated') return `truncated must be true or false, got ${value}`
  return `${name} of ${id} must be 1 or 0, got ${value}`
}

export const endedTwice =
  "terminated and truncated at once; where an episode ends by the rules it is not cut, in the time limit's own step neither"
export const overAtOnce = 'the episode is over before its first step'

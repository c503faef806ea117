// Invariants of a game at every step: sizes that fit, numbers that are finite, one kind of ending.
import type { AgentSpec } from '../types.ts'
import type { MarkovGame } from './markov-game.ts'
import type { RecordedStep } from './recording.ts'
import type { Whereabouts } from './watched-hooks.ts'

type Report = (message: string, place?: Partial<Whereabouts>) => void

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
  'terminated and truncated at once; an episode that the time limit cuts has not ended by the rules'
export const overAtOnce = 'the episode is over before its first step'

/** What moves. */
export function demandSound(
  game: MarkovGame,
  moment: RecordedStep,
  before: RecordedStep | undefined,
  { report, where }: { report: Report; where: Pick<Whereabouts, 'kind'> },
): void {
  const { step } = moment
  game.agents.forEach(({ id }, agent) => {
    const seen = moment.observations[agent]!
    if (!seen.every(value => Number.isFinite(Math.fround(value)))) {
      report(badObservation(game.agents[agent]!, seen), { hook: 'observe', agent, step })
    }
    const reward = moment.rewards[agent]
    if (typeof reward !== 'number' || !Number.isFinite(Math.fround(reward))) {
      report(badReward(id, reward), { hook: 'reward', agent, step })
    }
    for (const name of ['present', 'terminated'] as const) {
      const flag: unknown = game[name][agent]
      if (flag !== 0 && flag !== 1) report(badFlag(name, flag, id), { hook: 'done', agent, step })
    }
    // Who has left earlier stays terminated.
    const left = game.present[agent] === 0 || (step > 0 && before?.terminated[agent] === 1)
    if (moment.truncated && moment.terminated[agent] === 1 && !left) {
      report(endedTwice, { hook: 'done', agent, step })
    }
  })
  if (typeof moment.truncated !== 'boolean') {
    report(badFlag('truncated', moment.truncated), { hook: 'done', agent: -1, step })
  }
  if (step === 0 && (moment.truncated || moment.terminated.includes(1))) {
    report(overAtOnce, { hook: 'reset', agent: -1, step })
  }
  for (const [name, value] of Object.entries(game.measure?.() ?? {})) {
    if (!Number.isFinite(value)) {
      report(badFigure(name, value), { hook: 'metrics', agent: -1, step })
    }
  }
  if (game.frames === undefined) return
  const row = new Float32Array(game.frames.schema.size)
  game.frames.write(row)
  // NaN is no slip here: viewers leave out what is nowhere.
  const at = row.findIndex(value => Math.abs(value) === Number.POSITIVE_INFINITY)
  if (at !== -1) {
    const message = `number ${at} of the picture must be finite, got ${row[at]}; was every entity placed?`
    report(message, { hook: where.kind === 'hook' ? 'reset' : 'frames.write', agent: -1, step })
  }
}

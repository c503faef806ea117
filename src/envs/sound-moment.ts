// What a game says after a step: every number is finite.
import { badFigure, badObservation, badReward } from './game-faults.ts'
import type { MarkovGame } from './markov-game.ts'
import type { RecordedStep } from './recording.ts'
import type { Whereabouts } from './watched-hooks.ts'

type Report = (message: string, place?: Partial<Whereabouts>) => void

/** Observations, rewards, figures and pictures; `moment`: what the game said just now. */
export function demandSound(
  game: MarkovGame,
  moment: RecordedStep,
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
  })
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

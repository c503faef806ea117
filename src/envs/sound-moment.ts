// What must hold of a game at every single moment: sizes that fit, numbers that are finite, one kind of ending.
import type { MarkovGame } from './markov-game.ts'
import type { Moment } from './recording.ts'
import type { Whereabouts } from './watched-hooks.ts'

type Report = (message: string, place?: Partial<Whereabouts>) => void

/** What stands still about a game; false when nothing can be played with it. */
export function demandSpecs(game: MarkovGame, { report }: { report: Report }): boolean {
  const place = { hook: 'world', step: 0 }
  const names = new Set<string>()
  if (game.agents.length === 0) report('there must be at least one agent, got none', place)
  game.agents.forEach(({ id, observationSize, observationParts, actionSpace }, agent) => {
    if (names.has(id)) report(`two agents are named '${id}'; number them`, { ...place, agent })
    names.add(id)
    const parts = observationParts.reduce((sum, part) => sum + part.size, 0)
    if (observationSize === 0) {
      report(`it writes nothing; write at least see.number('nothing', 0)`, { ...place, hook: 'observe', agent })
    } else if (parts !== observationSize) {
      report(`the observation's parts have ${parts} numbers, the observation ${observationSize}`, { ...place, agent })
    }
    if (actionSpace.length === 0) report('it can neither move nor speak; make it a landmark', { ...place, agent })
  })
  return game.agents.length > 0
}

/** What moves. */
export function demandSound(
  game: MarkovGame,
  moment: Moment,
  before: Moment | undefined,
  { report }: { report: Report },
): void {
  const { step } = moment
  game.agents.forEach(({ id, observationParts }, agent) => {
    const bad = moment.observations[agent]!.findIndex(value => !Number.isFinite(Math.fround(value)))
    if (bad !== -1) {
      let end = 0
      const part = observationParts.find(({ size }) => (end += size) > bad)?.name ?? '?'
      const value = moment.observations[agent]![bad]
      report(`part '${part}' must be finite, got ${value}; look for a division by zero or a number never set`, {
        hook: 'observe',
        agent,
        step,
      })
    }
    const reward = moment.rewards[agent]
    if (typeof reward !== 'number' || !Number.isFinite(Math.fround(reward))) {
      report(`the reward of ${id} must be a finite number, got ${reward}; does every path return one?`, {
        hook: 'reward',
        agent,
        step,
      })
    }
    // Who has left earlier stays terminated.
    const left = step > 0 && before?.terminated[agent] === 1
    if (moment.truncated && moment.terminated[agent] === 1 && !left) {
      report('terminated and truncated at once; an episode that the time limit cuts has not ended by the rules', {
        hook: 'done',
        agent,
        step,
      })
    }
  })
  if (step === 0 && (moment.truncated || moment.terminated.includes(1))) {
    report('the episode is over before its first step', { hook: 'reset', agent: -1, step })
  }
  for (const [name, value] of Object.entries(game.measure?.() ?? {})) {
    if (!Number.isFinite(value)) {
      report(`figure '${name}' must be a finite number, got ${value}`, { hook: 'metrics', agent: -1, step })
    }
  }
  if (game.frames === undefined) return
  const row = new Float32Array(game.frames.schema.size)
  game.frames.write(row)
  // NaN is no slip here: viewers leave out what is nowhere.
  const at = row.findIndex(value => Math.abs(value) === Number.POSITIVE_INFINITY)
  if (at !== -1) {
    report(`number ${at} of the picture must be finite, got ${row[at]}; was every entity placed?`, {
      hook: 'reset',
      agent: -1,
      step,
    })
  }
}

// The state of an actor as it travels: of every algorithm, with memories and without, and of every scenario the same bytes come back.
import { expect, it } from 'vitest'
import { ConfigError } from '../../../src/errors.ts'
import { games } from '../../../src/run/find-game.ts'
import { algorithms } from '../../../src/run/run.ts'
import { remotePlay, ticketOf } from '../../support/remote-play.ts'
import { settingsIn } from '../../support/tiny-roster.ts'

/** The states of an actor's first trajectories, each looked at as a learner does that never met the actor before. */
async function statesOf(settings: Parameters<typeof remotePlay>[0]): Promise<number> {
  const play = await remotePlay(settings)
  try {
    const player = play.make()
    let states = 0
    for (let number = 0; number < 2 * play.keyEvery; number++) {
      const { state } = play.check()(ticketOf(number), play.play(player, ticketOf(number)))
      if (state !== null) states++
    }
    return states
  } finally {
    play.dispose()
  }
}
// One trajectory that brings a state each time, over the end of an episode.
const run = { games: 2, actors: 1, trajectorySteps: 256 }
const divided = (options: object) => Object.hasOwn(options, 'workers')

it.each(Object.values(algorithms).filter(({ options }) => !divided(options)))(
  '$id: gives the same bytes again, with memories and without',
  async algorithm => {
    const learner = settingsIn(algorithm, { algorithm: algorithm.id })
    expect(await statesOf({ learner, run })).toBe(2)
    const withMemory = statesOf({ learner, run, network: { memory: 3 } })
    // Where actors may not remember, there is nothing to hand over.
    expect(await withMemory.catch(error => error instanceof ConfigError || error)).toBeOneOf([2, true])
  },
)

it.each(Object.keys(games))('%s: gives the same bytes again', async id => {
  expect(await statesOf({ scenario: { id }, run })).toBe(2)
})

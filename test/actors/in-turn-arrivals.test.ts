// Whatever the way of trajectories is like: late, in another order, twice, lost with their players, cut by restores: each is handed over once, in turn, as a slow reference plays it.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { PlayedTrajectory } from '../../src/actors/experience-source.ts'
import { createInTurn } from '../../src/actors/in-turn.ts'
import type { Saved } from '../../src/types.ts'
import { actorEvents, actorSettings, playedOn, unreliablePool, type Written } from '../support/unreliable-pool.ts'

/** What trajectory n of an actor is in a fixed order, played from the beginning by one player that nobody disturbs. */
function reference(number: number, lag: number): string {
  let state = ''
  for (let n = 0; n <= number; n++) state = playedOn(state, n, Math.max(0, n - lag))
  return state
}

function run(
  { actors, lag, keyEvery }: { actors: number; lag: number; keyEvery: number },
  happens: readonly (readonly [string, number])[],
): number {
  const players = unreliablePool(keyEvery)
  const source = createInTurn({ pool: players.pool, actors, lag, keyEvery, weights: 1 })
  let version = 0
  let batch: { trajectory: PlayedTrajectory; content: string }[] = []
  let handedOver = 0
  const contentOf = ({ memory }: PlayedTrajectory) => (memory as unknown as Written).content
  source.trajectories$.subscribe(trajectory => void batch.push({ trajectory, content: contentOf(trajectory) }))
  const look = () => {
    const known = batch.length
    source.look(0)
    for (const { trajectory, content } of batch.slice(known)) {
      const { actor, number, version } = trajectory
      const count = handedOver++
      expect([number, actor]).toEqual([Math.floor(count / actors), count % actors])
      expect(content).toBe(reference(number, lag))
      expect(content.endsWith(`${number}@${version} `)).toBe(true)
    }
  }
  const learn = () => {
    while (batch.length >= actors) {
      const learnt = batch.splice(0, actors)
      // Nobody has written over it meanwhile.
      for (const { trajectory, content } of learnt) expect(contentOf(trajectory)).toBe(content)
      version++
      source.publish(Float32Array.of(version), version)
      source.request(actors)
    }
  }
  source.publish(Float32Array.of(0), 0)
  source.request(actors * (lag + 1))
  const happen = ([what, which]: readonly [string, number]) => {
    if (what === 'play') players.play(which % actors)
    else if (what === 'deliver') players.deliver(which, false)
    else if (what === 'deliver twice') players.deliver(which, true)
    else if (what === 'lose') players.lose(which % actors)
    else if (what === 'look') {
      look()
      learn()
    } else {
      // A checkpoint, and a learner that goes on from it.
      source.restore(source.save() as Saved)
      handedOver = version * actors
      batch = []
      look()
      players.begunAnew()
    }
  }
  happens.forEach(happen)
  const before = version
  // Then nothing goes wrong any more, and the run goes on.
  for (let round = 0; round < 200 && version < before + 3; round++) {
    for (let actor = 0; actor < actors; actor++) happen(['play', actor])
    happen(['deliver', 0])
    happen(['look', 0])
  }
  expect(version).toBeGreaterThanOrEqual(before + 3)
  return before
}

it('in a fixed order each is handed over once, in turn, with the bits of the reference', () => {
  let learnt = 0
  fc.assert(
    fc.property(actorSettings, actorEvents, (set, happens) => {
      learnt += run(set, happens)
    }),
    { numRuns: 150, seed: 1 },
  )
  expect(learnt).toBeGreaterThan(150)
})

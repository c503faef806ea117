// Order of arrival: whatever the way of trajectories is like, each is handed over once and in its actor's turn, gaps are told, and nobody waits for anybody.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createByArrival } from '../../src/actors/by-arrival.ts'
import type { PlayedTrajectory } from '../../src/actors/experience-source.ts'
import type { Saved } from '../../src/types.ts'
import { actorEvents, actorSettings, unreliablePool, type Written } from '../support/unreliable-pool.ts'

interface Taken {
  readonly trajectory: PlayedTrajectory
  readonly content: string
}

function begin({ actors, lag, keyEvery }: { actors: number; lag: number; keyEvery: number }) {
  const players = unreliablePool(keyEvery)
  const source = createByArrival({ pool: players.pool, actors, lag, keyEvery })
  /** What was handed over and is not taken yet, and by actor all that was taken. */
  let queue: Taken[] = []
  const taken: Taken[][] = Array.from({ length: actors }, () => [])
  let [version, count] = [0, 0]
  const contentOf = ({ memory }: PlayedTrajectory) => (memory as unknown as Written).content
  source.trajectories$.subscribe(trajectory => void queue.push({ trajectory, content: contentOf(trajectory) }))
  source.publish(Float32Array.of(0), 0)
  source.request(actors * (lag + 1))
  /** Takes up to so many; each is checked against all that its actor did before. */
  const take = (most: number) => {
    for (const each of queue.splice(0, most)) {
      const { trajectory, content } = each
      const { actor, number } = trajectory
      const before = taken[actor]!.at(-1)
      // Nobody has written over it meanwhile.
      expect(contentOf(trajectory)).toBe(content)
      expect(number).toBe(taken[actor]!.length)
      expect(content.endsWith(`${number}@${trajectory.version} `)).toBe(true)
      // A content is all that led to it: it goes on where the one before ended, or says that it does not.
      const goesOn = content.startsWith(before?.content ?? '')
      if (trajectory.afterGap !== true) expect(goesOn, `${before?.content} -> ${content}`).toBe(true)
      taken[actor]!.push(each)
      count++
      if (count % actors === 0) {
        version++
        source.publish(Float32Array.of(version), version)
      }
      source.request(1, actor)
    }
  }
  /** A checkpoint, and a learner that goes on from it: what was not taken is played again. */
  const resume = () => {
    source.restore(source.save() as Saved)
    queue = []
    source.look(0)
    players.begunAnew()
  }
  return { players, source, take, resume, taken, counted: () => count }
}

function run(
  set: { actors: number; lag: number; keyEvery: number },
  happens: readonly (readonly [string, number])[],
): void {
  const { players, source, take, resume, counted } = begin(set)
  const { actors } = set
  const happen = ([what, which]: readonly [string, number]) => {
    if (what === 'play') players.play(which % actors)
    else if (what === 'deliver') players.deliver(which, false)
    else if (what === 'deliver twice') players.deliver(which, true)
    else if (what === 'lose') players.lose(which % actors)
    else if (what === 'restore') resume()
    else {
      source.look(0)
      take(which % 4)
    }
  }
  happens.forEach(happen)
  const before = counted()
  // Then nothing goes wrong any more, and the run goes on.
  for (let round = 0; round < 400 && counted() < before + 3 * actors; round++) {
    for (let actor = 0; actor < actors; actor++) happen(['play', actor])
    happen(['deliver', 0])
    happen(['look', 3])
  }
  expect(counted()).toBeGreaterThanOrEqual(before + 3 * actors)
}

it('each is handed over once, in its turn, by weights that it says, and tells where something is missing', () => {
  fc.assert(
    fc.property(actorSettings, actorEvents, (set, happens) => run(set, happens)),
    { numRuns: 300, seed: 2 },
  )
})

it('an actor that plays one trajectory while others play fifty holds up nobody', () => {
  const { players, source, take, taken, counted } = begin({ actors: 4, lag: 1, keyEvery: 4 })
  for (let round = 0; round < 150; round++) {
    for (const actor of round % 50 === 49 ? [0, 1, 2, 3] : [1, 2, 3]) {
      players.play(actor)
      players.deliver(0, false)
    }
    source.look(0)
    take(4)
  }
  expect(taken.map(of => of.length)).toEqual([3, 150, 150, 150])
  expect(counted()).toBe(453)
  // Its weights are those of when it began; the others' are hardly older than what learns.
  expect(taken[0]!.map(({ trajectory }) => trajectory.afterGap)).toEqual([undefined, undefined, undefined])
})

it('never plays further ahead than lag + 1 trajectories of an actor', () => {
  const { players, source } = begin({ actors: 2, lag: 2, keyEvery: 4 })
  for (let round = 0; round < 10; round++) {
    players.play(0)
    players.deliver(0, false)
    source.look(0)
  }
  expect(players.playedBy(0)).toBe(3)
})

it('begins where it stood, without a gap, where an actor is lost at a state that is known', () => {
  const { players, source, take, taken } = begin({ actors: 1, lag: 0, keyEvery: 2 })
  const step = () => {
    players.play(0)
    players.deliver(0, false)
    source.look(0)
    take(1)
  }
  step()
  step()
  players.lose(0)
  source.look(0)
  step()
  expect(taken[0]!.map(({ trajectory }) => trajectory.afterGap ?? false)).toEqual([false, false, false])
  players.lose(0)
  source.look(0)
  // Number 2 once more, for the state that it leads to.
  step()
  step()
  expect(taken[0]!.map(({ trajectory: { number, afterGap = false } }) => [number, afterGap])).toEqual([
    ...[0, 1, 2].map(number => [number, false]),
    [3, true],
  ])
})

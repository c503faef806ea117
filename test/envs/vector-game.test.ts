// K games side by side: the same as single games, resets, absent agents, numbers that are not finite.
import { describe, expect, it } from 'vitest'
import { simple_spread } from '../../scenarios/simple_spread.ts'
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import { createParticleGame } from '../../src/envs/particle-game.ts'
import { createVectorGame, type VectorGame } from '../../src/envs/vector-game.ts'
import { NonFiniteError } from '../../src/errors.ts'
import { createRandom, type Random } from '../../src/random.ts'
import type { AgentSpec, JointStep, Matrix, Saved } from '../../src/types.ts'
import { example } from './example-scenario.ts'
import { act, emptyActions } from './playing.ts'

const streams = (seed: number) => (game: number) => createRandom(seed, 'game', game)
const rowOf = ({ columns, data }: Matrix, row: number) => [...data.subarray(row * columns, (row + 1) * columns)]
const advance = (vector: VectorGame, random: Random): JointStep => {
  vector.games.forEach((game, g) => void act(game, vector.next.actions, g, random))
  return vector.advance()
}

const column = (name: string, size: number) => ({ name, size })

describe('K games', () => {
  it('play like single games, rounded to float32', () => {
    const games = 3
    const vector = createVectorGame({ create: () => createParticleGame(example), games, random: streams(1) })
    const singles = Array.from({ length: games }, () => createParticleGame(example))
    const randoms = singles.map((_, g) => streams(1)(g))
    singles.forEach((single, g) => void single.reset(randoms[g]!))
    const observe = (single: MarkovGame, agent: number) => {
      const row = new Float64Array(single.agents[agent]!.observationSize)
      single.observe(agent, row)
      return [...row].map(Math.fround)
    }
    const random = createRandom(2)
    for (let t = 0; t < 60; t++) {
      const step = advance(vector, random)
      singles.forEach((single, g) => {
        expect(step.observations.map(matrix => rowOf(matrix, g))).toEqual(
          single.agents.map((_, i) => observe(single, i)),
        )
        single.step(step.actions, g)
        expect(step.nextObservations.map(matrix => rowOf(matrix, g))).toEqual(
          single.agents.map((_, i) => observe(single, i)),
        )
        expect(rowOf(step.rewards, g)).toEqual([...single.rewards].map(Math.fround))
        expect(step.truncated[g]).toBe(single.truncated ? 1 : 0)
        if (single.truncated) single.reset(randoms[g]!)
      })
    }
  })

  it('come to the same a game at a time', () => {
    const create = () => createParticleGame(simple_spread, { maxCycles: 3 })
    const [whole, parts] = [1, 1].map(seed => createVectorGame({ create, games: 4, random: streams(seed) })) as [
      VectorGame,
      VectorGame,
    ]
    const randoms = [createRandom(2), createRandom(2)] as const
    for (let t = 0; t < 8; t++) {
      const expected = advance(whole, randoms[0])
      parts.games.forEach((game, g) => void act(game, parts.next.actions, g, randoms[1]))
      const advancing = parts.advancing()
      let turns = 0
      for (;;) {
        const { done, value } = advancing.next()
        if (!done) {
          turns++
          // A game at a time: nobody else may move them meanwhile.
          expect(() => parts.advance()).toThrow('advance must not follow')
          continue
        }
        expect(value).toEqual(expected)
        break
      }
      expect(turns).toBeGreaterThanOrEqual(4)
      expect(parts.save()).toEqual(whole.save())
      expect(parts.next).toEqual(whole.next)
    }
  })

  it('are reset when truncated, after the last observations were kept', () => {
    const vector = createVectorGame({
      create: () => createParticleGame(simple_spread, { maxCycles: 3 }),
      games: 2,
      random: streams(1),
    })
    expect([...vector.restarted]).toEqual([1, 1])
    const random = createRandom(2)
    for (let t = 1; t <= 9; t++) {
      const step = advance(vector, random)
      const ended = t % 3 === 0 ? 1 : 0
      expect(step.step).toBe(t)
      expect(vector.steps).toBe(t)
      expect([...step.truncated]).toEqual([ended, ended])
      expect([...vector.restarted]).toEqual([ended, ended])
      const same = (row: number) =>
        rowOf(vector.next.observations[0]!, row).join() === rowOf(step.nextObservations[0]!, row).join()
      expect([same(0), same(1)]).toEqual([ended === 0, ended === 0])
      if (ended) expect(rowOf(vector.next.observations[0]!, 0).slice(0, 2)).toEqual([0, 0])
    }
  })

  it('give steps of one buffer each, which are never written again', () => {
    const vector = createVectorGame({
      create: () => createParticleGame(example, { maxCycles: 2 }),
      games: 2,
      random: streams(1),
      extras: [[column('a', 4)], [], [column('b', 1), column('c', 2)], []],
    })
    const step = advance(vector, createRandom(1))
    const arrays = [
      ...[...step.observations, ...step.actions, step.rewards, ...step.nextObservations, ...step.extras.flat()].map(
        m => m.data,
      ),
      step.present,
      step.terminated,
      step.truncated,
    ]
    expect(new Set(arrays.map(array => array.buffer)).size).toBe(1)
    const taken = arrays.reduce((bytes, array) => bytes + array.byteLength, 0)
    expect(taken).toBe(step.rewards.data.buffer.byteLength)
    expect(step.extras.map(extras => extras.map(extra => [extra.rows, extra.columns]))).toEqual([
      [[2, 4]],
      [],
      [
        [2, 1],
        [2, 2],
      ],
      [],
    ])
    const copy = structuredClone(step)
    for (let t = 0; t < 5; t++) advance(vector, createRandom(t))
    expect(step).toEqual(copy)
    expect(vector.next.rewards.data.buffer).not.toBe(step.rewards.data.buffer)
  })

  it('differ from each other, and are the same for the same seed', () => {
    const create = () =>
      createVectorGame({ create: () => createParticleGame(simple_spread), games: 2, random: streams(3) }).next
    const next = create()
    expect(rowOf(next.observations[0]!, 0)).not.toEqual(rowOf(next.observations[0]!, 1))
    expect(create()).toEqual(next)
  })

  it('continue with the same bits after save and restore', () => {
    const create = (seed: number) =>
      createVectorGame({ create: () => createParticleGame(example, { maxCycles: 7 }), games: 3, random: streams(seed) })
    for (const before of [0, 6, 7, 16]) {
      const vector = create(1)
      const random = createRandom(1)
      for (let t = 0; t < before; t++) advance(vector, random)
      const fresh = create(2)
      fresh.restore(structuredClone(vector.save()) as Saved)
      expect(fresh.next).toEqual(vector.next)
      expect([...fresh.restarted]).toEqual([...vector.restarted])
      const [a, b] = [createRandom(5), createRandom(5)]
      for (let t = 0; t < 20; t++) expect(advance(fresh, a)).toEqual(advance(vector, b))
    }
  })

  it('pass on what a game refuses', () => {
    const vector = createVectorGame({ create: () => createParticleGame(simple_spread), games: 2, random: streams(1) })
    expect(() => vector.advance()).toThrow(
      'simple_spread: action of agent_0 must be one-hot over 5 moves, got [0, 0, 0, 0, 0]',
    )
  })

  it.each([0, 1.5, -1])('refuse to be %d', games => {
    expect(() =>
      createVectorGame({ create: () => createParticleGame(simple_spread), games, random: streams(1) }),
    ).toThrow(`games must be a whole number of at least 1, got ${games}`)
  })

  it('refuse extras for another number of agents', () => {
    const create = () => createParticleGame(simple_spread)
    expect(() => createVectorGame({ create, games: 1, random: streams(1), extras: [[column('a', 1)]] })).toThrow(
      'extras: expected one list per agent (3), got 1',
    )
  })
})

describe('numbers that are not finite', () => {
  const poisoned = (poison: (game: ReturnType<typeof createParticleGame>) => void) => {
    const vector = createVectorGame({ create: () => createParticleGame(simple_spread), games: 2, random: streams(1) })
    const random = createRandom(1)
    advance(vector, random)
    poison(vector.games[1] as ReturnType<typeof createParticleGame>)
    return () => advance(vector, random)
  }

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e39])(
    'in an observation (%d) name agent, part, step and game',
    value => {
      const step = poisoned(game => void game.world.agents[2]!.velocity.set(value, 0))
      expect(step).toThrow(NonFiniteError)
      expect(poisoned(game => void game.world.agents[2]!.velocity.set(value, 0))).toThrow(
        /simple_spread: (observation '\w+'|reward) of agent_\d is not finite at step 2 of game 1/,
      )
    },
  )

  it('in an observation name the part', () => {
    const step = poisoned(game => void game.world.agents[1]!.utterance.fill(Number.NaN))
    expect(step).toThrow("simple_spread: observation 'utterances' of agent_0 is not finite at step 2 of game 1")
  })

  it('in a reward name the reward', () => {
    const step = poisoned(game => void game.world.landmarks[0]!.position.set(1e200, 0))
    expect(step).toThrow('simple_spread: reward of agent_0 is not finite at step 2 of game 1')
  })
})

describe('agents that leave', () => {
  /** Two agents count steps; agent 0 terminates at its second step, agent 1 at its fourth. */
  function countdown(): MarkovGame {
    let step = 0
    const terminated = new Uint8Array(2)
    const rewards = new Float64Array(2)
    const spec = (id: string): AgentSpec => ({
      id,
      team: 'agent',
      observationSize: 1,
      observationParts: [{ name: 'step', size: 1 }],
      actionSpace: [{ name: 'move', kind: 'box', size: 1, low: -1, high: 1 }],
    })
    return {
      id: 'countdown',
      agents: [spec('agent_0'), spec('agent_1')],
      rewards,
      present: Uint8Array.of(1, 1),
      terminated,
      truncated: false,
      reset() {
        step = 0
        terminated.fill(0)
      },
      step(actions) {
        step++
        if (step > 2) expect(actions[0]!.data[0]).toBe(0)
        rewards.forEach((_, agent) => void (rewards[agent] = 1 - terminated[agent]!))
        terminated[0] = step >= 2 ? 1 : 0
        terminated[1] = step >= 4 ? 1 : 0
      },
      observe(_, row) {
        row[0] = 10 + step
      },
      save: () => ({ step }),
      restore(saved) {
        step = (saved as { step: number }).step
      },
    }
  }

  it('are absent with zero rows until all are gone; then the game is reset', () => {
    const vector = createVectorGame({ create: countdown, games: 1, random: streams(1), extras: [[column('a', 1)], []] })
    const told = Array.from({ length: 5 }, () => {
      for (const { data } of [...vector.next.actions, ...vector.next.extras.flat()]) data.fill(0.5)
      const step = vector.advance()
      return {
        present: [...step.present],
        terminated: [...step.terminated],
        rewards: [...step.rewards.data],
        actions: step.actions.map(({ data }) => data[0]),
        extras: step.extras[0]![0]!.data[0],
        observations: step.observations.map(({ data }) => data[0]),
        nextObservations: step.nextObservations.map(({ data }) => data[0]),
        restarted: vector.restarted[0],
      }
    })
    const both = {
      present: [1, 1],
      terminated: [0, 0],
      rewards: [1, 1],
      actions: [0.5, 0.5],
      extras: 0.5,
      restarted: 0,
    }
    const one = { present: [0, 1], terminated: [0, 0], rewards: [0, 1], actions: [0, 0.5], extras: 0, restarted: 0 }
    expect(told).toEqual([
      { ...both, observations: [10, 10], nextObservations: [11, 11] },
      { ...both, terminated: [1, 0], observations: [11, 11], nextObservations: [12, 12] },
      { ...one, observations: [0, 12], nextObservations: [0, 13] },
      { ...one, terminated: [0, 1], observations: [0, 13], nextObservations: [0, 14], restarted: 1 },
      { ...both, observations: [10, 10], nextObservations: [11, 11] },
    ])
  })

  it('stay absent after restore', () => {
    const create = () => createVectorGame({ create: countdown, games: 1, random: streams(1) })
    const [vector, fresh] = [create(), create()]
    for (let t = 0; t < 2; t++) vector.advance()
    fresh.restore(vector.save())
    expect([...fresh.next.present]).toEqual([0, 1])
    expect(fresh.next).toEqual(vector.next)
  })

  it('end the game at once when all terminate together', () => {
    const vector = createVectorGame({
      create: () => createParticleGame(simple_spread, { agents: 1, terminateOnSuccess: true }),
      games: 1,
      random: streams(1),
    })
    const game = vector.games[0] as ReturnType<typeof createParticleGame>
    game.place({ positions: [[0, 0]], velocities: [[0, 0]], landmarks: [[0, 0.05]] })
    vector.next.actions[0]!.data[0] = 1
    const step = vector.advance()
    expect([...step.terminated, ...step.truncated, ...vector.restarted]).toEqual([1, 0, 1])
  })
})

it('a game can be stepped through row 0 of its own matrices too', () => {
  const game = createParticleGame(simple_spread)
  game.reset(createRandom(1))
  const actions = emptyActions(game)
  act(game, actions, 0, createRandom(2))
  expect(() => game.step(actions, 0)).not.toThrow()
})

it('does not go on after a refused action, which moved some games and not others, until it is restored', () => {
  const vector = createVectorGame({ create: () => createParticleGame(simple_spread), games: 2, random: streams(1) })
  const saved = structuredClone(vector.save()) as Saved
  vector.games.forEach((game, g) => void act(game, vector.next.actions, g, createRandom(1)))
  vector.next.actions[0]!.data.fill(0, 5)
  expect(() => vector.advance()).toThrow('action of agent_0 must be one-hot')
  expect(() => vector.advance()).toThrow('simple_spread: advance must not follow an error of an earlier one')
  vector.restore(saved)
  expect(advance(vector, createRandom(1)).step).toBe(1)
})

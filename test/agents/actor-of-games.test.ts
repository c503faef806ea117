// An actor of several workers: in the games of each it is that worker's, row by row, with noise that is nobody else's.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createActor } from '../../src/agents/actor.ts'
import { createActorOfGames, sharesOf } from '../../src/agents/actor-of-games.ts'
import { createActorPolicy } from '../../src/agents/actor-policy.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { randomMatrix } from '../support/matrices.ts'
import { mixed } from '../support/paying-games.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const [agent] = agentsOf([3], mixed)
const config = { hidden: [5], activation: 'tanh', temperature: 1, estimator: 'straightThrough', memory: 2 } as const
const actors = (count: number) =>
  Array.from({ length: count }, (_, k) => createActor(backend, agent!, config, createRandom(k, 'actor')))
const records = [{ name: 'logProbability', size: 1 }]

it('shares differ by one game at most, and every game is in one', () => {
  expect(sharesOf(7, 3)).toEqual([{ from: 0, to: 2 }, { from: 2, to: 4 }, { from: 4, to: 7 }]) // biome-ignore format: a table
  expect(sharesOf(2, 1)).toEqual([{ from: 0, to: 2 }])
})

it('acts in each game by its worker, and remembers what that worker does', () => {
  const [workers, alone] = [actors(3), actors(3)]
  const shares = sharesOf(5, 3)
  const together = createActorOfGames(backend, workers, shares)
  const play = (actor: typeof together, games: number, from: number) => {
    const policy = createActorPolicy(actor, createNoise(1), createRandom(1), null, records)
    const extras = policy.extras!.map(({ name, size }) => ({ name, ...backend.matrix(games, size) }))
    const rows = [1, 2, 3].map(step => {
      const all = randomMatrix(createRandom(step), 5, 3)
      const observations = { rows: games, columns: 3, data: all.data.slice(3 * from, 3 * (from + games)) }
      const actions = backend.matrix(games, 4)
      policy.act({ observations, restarted: new Uint8Array(games), explore: true, actions, extras })
      return { actions: [...actions.data], columns: extras.map(({ data }) => [...data]) }
    })
    const greedy = actor.probabilities({ rows: games, columns: 3, data: new Float32Array(3 * games), extras })
    return { rows, greedy: [...greedy.data] }
  }
  const whole = play(together, 5, 0)
  shares.forEach(({ from, to }, worker) => {
    const own = play(alone[worker]!, to - from, from)
    const cut = (numbers: readonly number[], columns: number) => numbers.slice(from * columns, to * columns)
    // The first worker's noise is that of an actor of all games.
    if (worker === 0) {
      own.rows.forEach(({ actions, columns }, step) => {
        expect(cut(whole.rows[step]!.actions, 4)).toEqual(actions)
        columns.forEach((numbers, i) => {
          expect(cut(whole.rows[step]!.columns[i]!, numbers.length / (to - from))).toEqual(numbers)
        })
      })
    } else expect(cut(whole.rows[0]!.actions, 4)).not.toEqual(own.rows[0]!.actions)
    // What is remembered depends on what was seen alone.
    own.rows.forEach(({ columns }, step) => void expect(cut(whole.rows[step]!.columns[0]!, 2)).toEqual(columns[0]))
    expect(cut(whole.greedy, 4)).toEqual(own.greedy)
  })
  // Rows of different shares are not drawn alike where they see the same.
  const same = {
    rows: 5,
    columns: 3,
    data: new Float32Array(15),
    extras: [{ name: 'memory', ...backend.matrix(5, 2) }],
  }
  const alike = createActorOfGames(backend, [workers[0]!, createActor(backend, agent!, config, createRandom(0, 'actor'))], sharesOf(5, 2)) // biome-ignore format: one line
  const { data } = alike.sample(same, createNoise(3).next())
  expect([...data.subarray(0, 8)]).not.toEqual([...data.subarray(8, 16)])
})

it('refuses observations of other games than all of theirs', () => {
  const together = createActorOfGames(backend, actors(2), sharesOf(4, 2))
  const few = { rows: 3, columns: 3, data: new Float32Array(9), extras: [{ name: 'memory', ...backend.matrix(3, 2) }] }
  expect(() => together.sample(few, createNoise(1).next())).toThrow(
    'workers: expected observations of all of their 4 games, got 3',
  )
})

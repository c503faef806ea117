// Masks, states and who is there in games side by side: as the same games say one by one, and refused where the contract is broken.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agentsOf } from '../../src/envs/game-agents.ts'
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import { parallelGame } from '../../src/envs/parallel-game.ts'
import { createVectorGame } from '../../src/envs/vector-game.ts'
import { episodeOver } from '../../src/episode-over.ts'
import { GameError } from '../../src/errors.ts'
import { createRandom } from '../../src/random.ts'
import { copySaved } from '../../src/saved.ts'
import type { Matrix } from '../../src/types.ts'
import { createRandomGame } from '../support/random-game.ts'
import { allTransitions, playRandomly } from '../support/random-play.ts'

const rowOf = ({ columns, data }: Matrix, row: number) => [...data.subarray(row * columns, (row + 1) * columns)]

const shape = fc.record({
  seed: fc.nat(10_000),
  agents: fc.integer({ min: 1, max: 4 }),
  games: fc.integer({ min: 1, max: 3 }),
  length: fc.integer({ min: 1, max: 10 }),
  chance: fc.constantFrom(0.05, 0.15, 0.3),
  masks: fc.boolean(),
  absences: fc.boolean(),
})

describe('a joint step', () => {
  it('holds what each game says of its agents, and nothing of those who are not there', () => {
    fc.assert(
      fc.property(shape, ({ games, ...options }) => {
        const { steps, plain, begun, vectorGame } = playRandomly(options, games, 25)
        expect(vectorGame.agents.map(({ isMasked }) => isMasked === true)).toEqual(
          vectorGame.agents.map(() => options.masks),
        )
        steps.forEach((step, t) => {
          plain.forEach((moments, game) => {
            const moment = moments[t]!
            const flags = (of: Uint8Array) => rowOf({ ...step.rewards, data: of } as unknown as Matrix, game)
            expect(flags(step.present)).toEqual(moment.now.map(({ isThere }) => (isThere ? 1 : 0)))
            expect(rowOf(step.rewards, game)).toEqual(moment.rewards)
            expect(step.truncated[game]).toBe(moment.truncated ? 1 : 0)
            expect(rowOf(step.states!, game)).toEqual(moment.state)
            expect(rowOf(step.nextStates!, game)).toEqual(moment.stateAfter)
            moment.now.forEach(({ observation, mask }, agent) => {
              const seen = step.observations[agent]!
              expect(rowOf(seen, game)).toEqual(observation)
              if (options.masks) expect(rowOf(seen.mask!, game)).toEqual(mask)
              else expect(seen.mask).toBeUndefined()
            })
            expect(episodeOver(step, game)).toBe(begun[game]![t + 1] ?? episodeOver(step, game))
            if (!options.absences) return
            expect(flags(step.nextPresent!)).toEqual(moment.after.map(({ isThere }) => (isThere ? 1 : 0)))
            moment.after.forEach(({ isThere, observation, mask }, agent) => {
              const next = step.nextObservations[agent]!
              const waits = step.waiting![game * vectorGame.agents.length + agent] === 1
              const sees = isThere || (moment.truncated && waits)
              expect(rowOf(next, game)).toEqual(sees ? observation : observation.map(() => 0))
              if (options.masks) expect(rowOf(next.mask!, game)).toEqual(mask)
            })
          })
        })
      }),
      { numRuns: 20 },
    )
  })

  it('says whose life ended, also of who waited, and who waits on', () => {
    fc.assert(
      fc.property(shape, ({ games, ...options }) => {
        const play = playRandomly({ ...options, absences: true }, games, 25)
        const ends = allTransitions(play).map(({ agent, end, steps }) => {
          const last = steps.at(-1)!
          const { terminated, waiting, truncated } = play.steps[last.step]!
          const at = last.game * options.agents + agent
          return { end, got: [terminated[at], waiting![at], truncated[last.game]] }
        })
        for (const { end, got } of ends) {
          if (end === 'terminated') expect(got.slice(0, 2)).toEqual([1, 0])
          else if (end === 'truncated') expect([got[0], got[2]]).toEqual([0, 1])
          else if (end === 'open') expect(got).toEqual([0, 1, 0])
          else expect(got).toEqual([0, 0, 0])
        }
      }),
      { numRuns: 25 },
    )
  })

  it('is followed by the same steps after save and restore, wherever it is cut', () => {
    fc.assert(
      fc.property(shape, fc.nat(20), ({ games, ...options }, cut) => {
        const build = (seed: number) =>
          createVectorGame({
            create: () => createRandomGame(options),
            games,
            random: game => createRandom(seed, 'game', game),
            states: true,
          })
        const advance = (vector: ReturnType<typeof build>) => {
          vector.games.forEach((game, g) => {
            vector.agents.forEach((_, agent) => {
              if (vector.next.present[g * vector.agents.length + agent] === 1)
                game.script!(agent, vector.next.actions[agent]!, g)
            })
          })
          return vector.advance()
        }
        const whole = build(1)
        for (let t = 0; t < cut; t++) advance(whole)
        const heir = build(2)
        heir.restore(copySaved(whole.save()))
        expect(heir.next).toEqual(whole.next)
        expect(heir.begun).toEqual(whole.begun)
        for (let t = 0; t < 12; t++) expect(advance(heir)).toEqual(advance(whole))
        expect(heir.acting).toEqual(whole.acting)
      }),
      { numRuns: 20 },
    )
  })
})

/** A game of two agents whose flags and rewards are written step by step; they see the number of the step. */
function written(
  steps: readonly { readonly present?: number[]; readonly terminated?: number[]; readonly rewards?: number[] }[],
  further: Partial<MarkovGame> = {},
): MarkovGame {
  let step = 0
  const now = () => steps[step] ?? {}
  const [present, terminated, rewards] = [Uint8Array.of(1, 1), new Uint8Array(2), new Float64Array(2)]
  const tell = () => {
    present.set(now().present ?? [1, 1])
    terminated.set(now().terminated ?? [0, 0])
    rewards.set(now().rewards ?? [0, 0])
  }
  return {
    id: 'written',
    agents: ['a', 'b'].map(id => ({
      id,
      team: 'team',
      observationSize: 1,
      observationParts: [{ name: 'step', size: 1 }],
      actionSpace: [
        { name: 'turn', kind: 'choice' as const, size: 2, soft: false },
        { name: 'push', kind: 'box' as const, size: 1, low: 0, high: 1 },
      ],
    })),
    rewards,
    present,
    terminated,
    truncated: false,
    reset() {
      step = 0
      tell()
    },
    step() {
      step++
      tell()
    },
    observe: (_, row) => void row.fill(step),
    save: () => step,
    restore(saved) {
      step = saved as number
      tell()
    },
    ...further,
  }
}

/** What comes of so many steps of it. */
function played(game: MarkovGame, steps: number) {
  const vector = createVectorGame({ create: () => game, games: 1, random: () => createRandom(1) })
  return Array.from({ length: steps }, () => vector.advance())
}

describe('a game is refused', () => {
  const absences = true
  it.each([
    ['that waits without absences', [{}, { present: [1, 0] }], {}, 1, 'b waits: it is not present'],
    [
      'that returns without absences',
      [{}, { terminated: [0, 1] }, { terminated: [0, 1] }, {}],
      {},
      3,
      'b returns after it had terminated',
    ],
    ['that comes late without absences', [{ present: [0, 1] }], {}, 1, 'a is not there when an episode begins'],
    [
      'that pays before the first life',
      [{ present: [1, 0] }, { present: [1, 0], rewards: [0, 2] }],
      { absences },
      1,
      'b got a reward of 2 while no life of it was under way',
    ],
    [
      'that pays between two lives',
      [{}, { terminated: [0, 1], rewards: [0, 3] }, { terminated: [0, 1], rewards: [0, -1] }],
      { absences },
      2,
      'b got a reward of -1 while no life of it was under way',
    ],
    [
      'that pays who has left, without absences too',
      [{}, { terminated: [0, 1] }, { terminated: [0, 1], rewards: [0, -1] }],
      {},
      2,
      'b got a reward of -1 while no life of it was under way',
    ],
  ] as const)('%s', (_, steps, further, count, message) => {
    const game = written(steps as never, further)
    expect(() => played(game, count)).toThrow(GameError)
    expect(() => played(game, count)).toThrow(message)
    expect(() => played(game, count)).toThrow(/; game 0, step \d/)
  })

  it('that allows nothing, by agent, part and step', () => {
    const mask = (agent: number, row: Uint8Array) => {
      if (agent === 1) row.fill(0)
    }
    expect(() => played(written([], { actionMask: mask }), 1)).toThrow(
      "written: actionMask of b forbids all 2 alternatives of 'turn': at least one must stay allowed; game 0, step 0",
    )
  })

  it('whose state is not finite, by its part', () => {
    const game = written([], {
      stateParts: [{ name: 'ball', size: 2 }],
      state: row => void row.set([0, Number.NaN]),
    })
    const build = () => createVectorGame({ create: () => game, games: 1, random: () => createRandom(1), states: true })
    expect(build).toThrow(
      "written: state 'ball' is not finite at step 0 of game 0: part 'ball' must be finite, got NaN",
    )
  })
})

describe('agents of a game', () => {
  it('are those of the game where it has none of this', () => {
    const game = written([])
    expect(agentsOf(game)).toBe(game.agents)
  })

  it('have masks where they have a choice, may be absent where the game says so, and may be excepted one by one', () => {
    const game = written([], { absences: true, actionMask() {} })
    const [first, second] = game.agents as [(typeof game.agents)[0], (typeof game.agents)[0]]
    const boxes = { ...second, actionSpace: second.actionSpace.filter(({ kind }) => kind === 'box') }
    const agents = agentsOf({ ...game, agents: [{ ...first, mayBeAbsent: false }, boxes] })
    expect(agents.map(({ isMasked, mayBeAbsent }) => [isMasked, mayBeAbsent])).toEqual([
      [true, undefined],
      [undefined, true],
    ])
  })
})

it('an agent that comes first when all others have left keeps the episode going', () => {
  const [first, second] = played(
    written(
      [
        { present: [1, 0] },
        { present: [0, 1], terminated: [1, 0], rewards: [1, 0] },
        { present: [0, 0], terminated: [1, 1], rewards: [0, 5] },
      ],
      { absences: true },
    ),
    2,
  ) as [ReturnType<typeof played>[0], ReturnType<typeof played>[0]]
  expect([episodeOver(first, 0), episodeOver(second, 0)]).toEqual([false, true])
  expect([...first.nextPresent!, ...first.terminated, ...second.present, ...second.terminated]).toEqual([
    ...[0, 1, 1, 0],
    ...[0, 1, 0, 1],
  ])
  expect([...second.rewards.data]).toEqual([0, 5])
})

it('a parallel game tells who acts and who waits, and pays those who wait', () => {
  const game = parallelGame(
    written(
      [
        { present: [1, 0] },
        { present: [0, 0], rewards: [1, 0] },
        { present: [0, 1], rewards: [2, 0] },
        { present: [0, 1], rewards: [4, 8] },
        { present: [0, 0], terminated: [0, 1], rewards: [16, 32] },
        { present: [1, 0], terminated: [0, 1] },
        { terminated: [1, 1] },
      ],
      { absences: true },
    ),
  )
  const idle = { turn: 0, push: [0] }
  const told = () => ({ agents: game.agents, waiting: game.waiting })
  const reset = game.reset()
  expect([Object.keys(reset.observations), told()]).toEqual([['a'], { agents: ['a'], waiting: [] }])
  const first = game.step({ a: idle })
  expect([first.rewards, told()]).toEqual([{ a: 1 }, { agents: [], waiting: ['a'] }])
  const nobody = game.step({})
  expect(nobody.rewards).toEqual({ a: 2 })
  expect(nobody.observations).toEqual({ a: Float32Array.of(0), b: Float32Array.of(2) })
  expect(told()).toEqual({ agents: ['b'], waiting: ['a'] })
  expect(() => game.step({ a: idle, b: idle })).toThrow(
    'a must get no action: it waits; send actions for `agents` only',
  )
  expect(game.step({ b: idle }).rewards).toEqual({ a: 4, b: 8 })
  const left = game.step({ b: idle })
  expect([left.rewards, left.terminations]).toEqual([
    { a: 16, b: 32 },
    { a: false, b: true },
  ])
  expect(told()).toEqual({ agents: [], waiting: ['a'] })
  game.step({})
  expect(told()).toEqual({ agents: ['a'], waiting: [] })
  expect(game.step({ a: idle }).terminations).toEqual({ a: true })
  expect(() => game.step({})).toThrow('call reset()')
})

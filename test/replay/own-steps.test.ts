// Draws in games whose agents wait, come, leave and return, against the transitions written down plainly from docs/games.md.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom, type Random } from '../../src/random.ts'
import { createJointReplay, type JointReplay, type JointReplayConfig } from '../../src/replay/joint-replay.ts'
import { createSharedReplay } from '../../src/replay/shared-replay.ts'
import { copySaved } from '../../src/saved.ts'
import type { Batch, Matrix } from '../../src/types.ts'
import { type PlainTransition, returnOf } from '../support/plain-transitions.ts'
import { allTransitions, memoryAt, playRandomly, type RandomPlay, randomExtras } from '../support/random-play.ts'

const gamma = 0.75
const shape = fc.record({
  seed: fc.nat(10_000),
  agents: fc.integer({ min: 1, max: 4 }),
  games: fc.integer({ min: 1, max: 4 }),
  length: fc.integer({ min: 1, max: 12 }),
  chance: fc.constantFrom(0.05, 0.15, 0.3),
  masks: fc.boolean(),
  count: fc.integer({ min: 1, max: 30 }),
  capacity: fc.integer({ min: 1, max: 100 }),
  steps: fc.integer({ min: 1, max: 5 }),
  memorySteps: fc.integer({ min: 1, max: 4 }),
  discountPer: fc.constantFrom('ownStep', 'gameStep'),
})
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend({ threads: 1 })
})
afterAll(() => backend.dispose())

const create = ({ vectorGame }: RandomPlay, each: Shape, config: Partial<JointReplayConfig> = {}) => {
  const { agents, games } = vectorGame
  return createJointReplay(backend, agents, {
    capacity: each.capacity,
    games: games.length,
    gamma,
    steps: each.steps,
    discountPer: each.discountPer as 'ownStep',
    extras: agents.map(() => randomExtras),
    stateParts: games[0]!.stateParts!,
    memorySteps: each.memorySteps,
    ...config,
  })
}
const played = (each: Shape, config: Partial<JointReplayConfig> = {}) => {
  const { seed, agents, length, chance, masks, games, count } = each
  const play = playRandomly({ seed, agents, length, chance, masks }, games, count)
  const replay = create(play, each, config)
  for (const step of play.steps) replay.insert(step)
  return { play, replay, ...expectedOf(play, each) }
}

/** The transitions that are kept, by the memory that their agent carried into them: no two are alike. */
const expectedOf = (play: RandomPlay, { games, count, capacity }: Shape) => {
  const all = allTransitions(play)
  const keeps = (step: number, game: number) => step * games + game >= count * games - capacity
  const kept = all.filter(({ steps: [first] }) => keeps(first!.step, first!.game))
  const keyOf = ({ agent, steps: [first] }: PlainTransition) =>
    memoryAt(first!.step, first!.game, agent).map(Math.fround).join()
  const ofGame = (game: number) => all.filter(({ steps: [first] }) => first!.game === game)
  return { all, kept, keeps, ofGame, byMemory: new Map(kept.map(one => [keyOf(one), one])) }
}

const rowOf = ({ columns, data }: Matrix, row: number) => [...data.subarray(row * columns, (row + 1) * columns)]

/** All rows of an agent's draw, one after the other; none where it never acted. */
const wholeDraw = (replay: JointReplay, agent: number, rows: number): Batch => {
  const batch = replay.createBatch(rows)
  replay.draw(agent).sample(inOrder(), batch)
  return batch
}

/** What the batch says of an agent's own transition is what the plain one says. */
function expectRow(batch: Batch, i: number, one: PlainTransition, all: readonly PlainTransition[], each: Shape): void {
  const { agent } = one
  const { steps, discountPer, masks } = each
  const { parts, rewards, terminated, discount } = returnOf(one, all, steps, gamma, discountPer as 'ownStep')
  const [first, last] = [one.steps[0]!, parts.at(-1)!.steps.at(-1)!]
  const end = parts.at(-1)!.end
  rowOf(batch.rewards, i).forEach((sum, a) => void expect(sum).toBeCloseTo(rewards[a]!, 5))
  expect(rowOf(batch.terminated, i)).toEqual(terminated)
  expect(batch.discounts[i]).toBeCloseTo(discount, 12)
  const present = first.now.map(({ isThere }, a) => (isThere && !(a === agent && end === 'open') ? 1 : 0))
  expect(rowOf(batch.present, i)).toEqual(present)
  expect(rowOf(batch.states!, i)).toEqual(first.state)
  expect(rowOf(batch.nextStates!, i)).toEqual(last.stateAfter)
  const values = end === 'truncated'
  expect(rowOf(batch.nextPresent!, i)).toEqual(
    last.after.map(({ isThere }, a) => (isThere || (values && a === agent) ? 1 : 0)),
  )
  first.now.forEach(({ observation, mask }, a) => {
    expect(rowOf(batch.observations[a]!, i)).toEqual(observation)
    expect(rowOf(batch.actions[a]!, i)).toEqual(first.actions[a]!.map(Math.fround))
    const { isThere, observation: next, mask: nextMask } = last.after[a]!
    const sees = isThere || (values && a === agent)
    expect(rowOf(batch.nextObservations[a]!, i)).toEqual(sees ? next : next.map(() => 0))
    if (!masks) return
    expect(rowOf(batch.observations[a]!.mask!, i)).toEqual(mask)
    expect(rowOf(batch.nextObservations[a]!.mask!, i)).toEqual(nextMask)
  })
}

describe('a transition of an agent', () => {
  it('leads from its own step over as many as are asked for, and is drawn for every own step that is kept', () => {
    fc.assert(
      fc.property(shape, each => {
        const { replay, kept, byMemory, ofGame } = played(each)
        for (let agent = 0; agent < each.agents; agent++) {
          const own = kept.filter(one => one.agent === agent)
          if (own.length === 0) continue
          const batch = wholeDraw(replay, agent, own.length)
          const drawn = own.map((_, i) => byMemory.get(rowOf(batch.observations[agent]!.extras![0]!, i).join())!)
          expect(new Set(drawn)).toEqual(new Set(own))
          drawn.forEach((one, i) => void expectRow(batch, i, one, ofGame(one.steps[0]!.game), each))
        }
      }),
      { numRuns: 15 },
    )
  })

  it('says by which sub-policy each agent acted, and will act as far as that is known', () => {
    fc.assert(
      fc.property(shape, each => {
        const { play, replay, kept, byMemory, ofGame } = played(each)
        const numberAt = (step: number, game: number, agent: number) =>
          step < play.steps.length ? play.steps[step]!.extras[agent]![1]!.data[game]! : null
        for (let agent = 0; agent < each.agents; agent++) {
          const own = kept.filter(one => one.agent === agent)
          if (own.length === 0) continue
          const batch = wholeDraw(replay, agent, own.length)
          for (let i = 0; i < own.length; i++) {
            const one = byMemory.get(rowOf(batch.observations[agent]!.extras![0]!, i).join())!
            const { parts } = returnOf(one, ofGame(one.steps[0]!.game), each.steps, gamma, 'ownStep')
            const { step, game } = parts.at(-1)!.steps.at(-1)!
            for (let a = 0; a < each.agents; a++) {
              expect(batch.observations[a]!.extras![1]!.data[i]).toBe(numberAt(one.steps[0]!.step, game, a))
              const isNext = parts.at(-1)!.end === 'own' && parts.at(-1)!.steps.at(-1)!.after[a]!.isThere
              const expected = numberAt(step + 1, game, a)
              if (isNext && expected !== null) {
                expect(batch.nextObservations[a]!.extras![1]!.data[i]).toBe(expected)
              }
            }
          }
        }
      }),
      { numRuns: 15 },
    )
  })

  it('has the way to it and to what comes next among own steps of the life, for every agent that remembers', () => {
    fc.assert(
      fc.property(shape, each => {
        const whole = { ...each, capacity: each.count * each.games }
        const remembers = Array.from({ length: each.agents }, (_, a) => a !== 1)
        const { replay, kept, byMemory, ofGame, all } = played(whole, { remembers })
        for (let agent = 0; agent < each.agents; agent++) {
          const own = kept.filter(one => one.agent === agent)
          if (own.length === 0) continue
          const batch = wholeDraw(replay, agent, own.length)
          for (let i = 0; i < own.length; i++) {
            const one = byMemory.get(rowOf(batch.observations[agent]!.extras![0]!, i).join())!
            const { parts } = returnOf(one, ofGame(one.steps[0]!.game), each.steps, gamma, 'ownStep')
            const last = parts.at(-1)!.steps.at(-1)!
            remembers.forEach((does, a) => {
              expect(batch.observations[a]!.past !== undefined).toBe(does)
              if (!does) return
              const observationSize = one.steps[0]!.now[a]!.observation.length
              if (one.steps[0]!.now[a]!.isThere) {
                const now = ownStepsUpTo(all, one.steps[0]!.game, a, one.steps[0]!.step)
                expect(wayOf(batch.observations[a]!, i, observationSize)).toEqual(plainWay(now, a, each.memorySteps))
              }
              if (batch.nextPresent!.data[i * each.agents + a] === 0) return
              const before = livesOn(all, last.game, a, last.step)
              const next = batch.nextObservations[a]!
              const expected = plainWay(before, a, each.memorySteps, rowOf(next, i))
              expect(wayOf(next, i, observationSize)).toEqual(expected)
            })
          }
        }
      }),
      { numRuns: 15 },
    )
  })

  it('that is cut from its way begins where rows are missed, or from what was carried where they reach', () => {
    fc.assert(
      fc.property(shape, each => {
        const remembers = Array.from({ length: each.agents }, () => true)
        const { replay, kept, byMemory, all, keeps } = played(each, { remembers })
        for (let agent = 0; agent < each.agents; agent++) {
          const own = kept.filter(one => one.agent === agent)
          if (own.length === 0) continue
          const batch = wholeDraw(replay, agent, own.length)
          for (let i = 0; i < own.length; i++) {
            const one = byMemory.get(rowOf(batch.observations[agent]!.extras![0]!, i).join())!
            const { game, step } = one.steps[0]!
            const steps = ownStepsUpTo(all, game, agent, step).filter(({ steps: [at] }) => keeps(at!.step, game))
            const way = wayOf(batch.observations[agent]!, i, one.steps[0]!.now[agent]!.observation.length)
            const expected = plainWay(steps, agent, each.memorySteps)
            expect(way.at(-1)!.seen).toEqual(expected.at(-1)!.seen)
            // Whether a life begins with the oldest row of all cannot be told: what was carried into it says it.
            const count = Math.min(steps.length, each.memorySteps)
            expect(way.slice(-count).map(({ seen }) => seen)).toEqual(expected.slice(-count).map(step => step?.seen))
            const [oldest] = steps.slice(-each.memorySteps)
            const { columns, data } = batch.observations[agent]!.past!.extras[0]!
            expect([...data.subarray(i * columns, (i + 1) * columns)]).toEqual(
              memoryAt(oldest!.steps[0]!.step, game, agent).map(Math.fround),
            )
          }
        }
      }),
      { numRuns: 15 },
    )
  })

  it('goes on with the same bits after save and restore', () => {
    fc.assert(
      fc.property(shape, fc.nat(25), fc.constantFrom(0, 0.6), (each, cut, priority) => {
        const { play } = played(each)
        const config = { priority, subPolicies: Array.from({ length: each.agents }, () => 2) }
        const [whole, heir] = [create(play, each, config), create(play, each, config)]
        const drawsOf = (replay: JointReplay) => [replay.draw(0, 0), replay.draw(0, 1), replay.draw(each.agents - 1, 1)]
        const [draws, others] = [drawsOf(whole), drawsOf(heir)]
        for (const step of play.steps.slice(0, cut)) whole.insert(step)
        heir.restore(copySaved(whole.save()))
        draws.forEach((draw, i) => void others[i]!.restore(copySaved(draw.save())))
        for (const step of play.steps.slice(cut)) for (const replay of [whole, heir]) replay.insert(step)
        draws.forEach((draw, i) => {
          const [a, b] = [whole.createBatch(15), heir.createBatch(15)]
          draw.sample(createRandom(each.seed), a)
          others[i]!.sample(createRandom(each.seed), b)
          expect(b).toEqual(a)
        })
      }),
      { numRuns: 15 },
    )
  })
})

describe('a draw by TD error', () => {
  it('takes rows of the agent alone, and keeps the priority of one that is still open', () => {
    fc.assert(
      fc.property(shape, each => {
        const { replay, kept, byMemory } = played(each)
        for (let agent = 0; agent < each.agents; agent++) {
          const own = kept.filter(one => one.agent === agent)
          if (own.length === 0) continue
          const draw = replay.draw(agent, 0, { gamma, steps: each.steps, priority: 1 })
          const batch = replay.createBatch(300)
          const drawn = () => {
            draw.sample(createRandom(each.seed), batch)
            return Array.from({ length: batch.rows }, (_, i) =>
              byMemory.get(rowOf(batch.observations[agent]!.extras![0]!, i).join()),
            )
          }
          for (const one of drawn()) expect(one?.agent).toBe(agent)
          // As learners do it: where the agent was not present there is no error.
          batch.tdErrors.fill(0)
          draw.learnt(batch)
          const open = own.filter(({ end }) => end === 'open')
          // Before they had one chance in so many; now all the others have hardly any.
          if (open.length > 0 && open.length < own.length && own.length < 20) {
            expect(new Set(drawn())).toEqual(new Set(open))
          }
        }
      }),
      { numRuns: 15 },
    )
  })
})

describe('a round with one batch for all', () => {
  const spec = { batch: 12, returnSteps: 2, gamma, priority: 0.5, importance: 1, draws: 'round' } as const

  it('gives each agent the same rows as transitions of its own, also where it is taken up again', () => {
    fc.assert(
      fc.property(shape, given => {
        const each: Shape = { ...given, steps: spec.returnSteps, discountPer: 'ownStep' }
        const { play, byMemory, ofGame } = played(each)
        const turns = Array.from({ length: each.agents }, (_, agent) => ({ agent, subPolicy: 0 }))
        const build = () => {
          const store = create(play, each)
          for (const step of play.steps) store.insert(step)
          const shared = createSharedReplay(
            () => store,
            createRandom(each.seed),
            () => 0,
          )
          return { shared, batches: shared.view(spec).batches(turns) }
        }
        const { shared, batches } = build()
        let states: Float32Array | null = null
        for (const { agent } of turns) {
          const saved = copySaved(shared.draws.save())
          const batch = batches.batch(agent)
          states ??= Float32Array.from(batch.states!.data)
          expect(Float32Array.from(batch.states!.data)).toEqual(states)
          for (let i = 0; i < batch.rows; i++) {
            const one = byMemory.get(rowOf(batch.observations[agent]!.extras![0]!, i).join())
            // In rows in which it was absent there is nothing to learn.
            if (one === undefined) expect(batch.present.data[i * each.agents + agent]).toBe(0)
            else expectRow(batch, i, one, ofGame(one.steps[0]!.game), each)
          }
          const other = build()
          other.shared.draws.restore(saved)
          const again = other.batches.batch(agent)
          expect(again.rewards).toEqual(batch.rewards)
          expect(again.nextPresent).toEqual(batch.nextPresent)
          batches.learnt(agent)
        }
      }),
      { numRuns: 15 },
    )
  })

  it('must know whose transitions are wanted', () => {
    const { replay } = played({
      ...{ seed: 1, agents: 2, games: 1, length: 5, chance: 0.15, masks: true, count: 5, capacity: 9, steps: 1 },
      ...{ memorySteps: 1, discountPer: 'ownStep' },
    })
    expect(() => replay.draw(null).sample(createRandom(1), replay.createBatch(2))).toThrow(
      'replay: expected the agent whose transitions are drawn',
    )
  })
})

/** The own steps of the life that an agent is in at a step of a game, that step included, oldest first. */
function ownStepsUpTo(all: readonly PlainTransition[], game: number, agent: number, step: number): PlainTransition[] {
  const own = all.filter(one => one.agent === agent && one.steps[0]!.game === game)
  const { life } = own.find(({ steps: [first] }) => first!.step === step)!
  return own.filter(one => one.life === life && one.steps[0]!.step <= step)
}

/** The own steps of the life that goes on after a step; none where another one begins. */
function livesOn(all: readonly PlainTransition[], game: number, agent: number, step: number): PlainTransition[] {
  const under = all.find(
    one =>
      one.agent === agent &&
      one.steps[0]!.game === game &&
      one.end !== 'terminated' &&
      one.steps.some(each => each.step === step),
  )
  return under === undefined ? [] : ownStepsUpTo(all, game, agent, under.steps[0]!.step)
}

/** [observation, whether it restarts] of so many own steps, then of what is seen next; before the last restart nothing counts. */
function plainWay(own: readonly PlainTransition[], agent: number, steps: number, next?: readonly number[]) {
  const there = own.slice(-steps)
  const padding = steps - there.length
  const way = [
    ...new Array<null>(padding).fill(null),
    ...there.map((one, i) => ({
      seen: one.steps[0]!.now[agent]!.observation,
      restarts: one.begins || (i === 0 && padding > 0),
    })),
    ...(next === undefined ? [] : [{ seen: next, restarts: there.length === 0 }]),
  ]
  return fromRestart(way)
}

function wayOf({ past, rows }: Batch['observations'][number], row: number, columns: number) {
  const steps = past!.observations.rows / rows
  const way = Array.from({ length: steps }, (_, step) => {
    const at = step * rows + row
    return {
      seen: [...past!.observations.data.subarray(at * columns, (at + 1) * columns)],
      restarts: past!.restarted[at] === 1,
    }
  })
  return fromRestart(way)
}

function fromRestart<T extends { readonly restarts: boolean } | null>(way: readonly T[]): T[] {
  const last = way.findLastIndex(step => step?.restarts === true)
  return way.slice(Math.max(0, last))
}

/** Draws 0, 1, 2, ... */
function inOrder(): Random {
  let next = 0
  return { ...createRandom(0), integer: count => next++ % count }
}

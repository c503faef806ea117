// Draws that reach over several steps, against a replay buffer that keeps whole episodes in lists: games side by side, random endings.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createTfjsBackend } from '../../src/nn/tfjs/backend.ts'
import { createRandom, type Random } from '../../src/random.ts'
import { createJointReplay, type JointReplayConfig } from '../../src/replay/joint-replay.ts'
import type { Batch, Column, Observations } from '../../src/types.ts'
import { agentsOf, rowNumbers } from '../support/joint-steps.ts'
import { createPlainReplay, playedExtras, playedMemory, playedSteps } from '../support/plain-replay.ts'

const gamma = 0.75
const agents = agentsOf([2, 1, 3])

const shape = fc.record({
  games: fc.integer({ min: 1, max: 5 }),
  capacity: fc.integer({ min: 1, max: 60 }),
  count: fc.integer({ min: 1, max: 30 }),
  steps: fc.integer({ min: 1, max: 6 }),
  memorySteps: fc.integer({ min: 1, max: 5 }),
  chance: fc.constantFrom(0.02, 0.1, 0.3),
  seed: fc.nat(),
})

describe('a transition over several steps', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend({ threads: 1 })
  })
  afterAll(() => backend.dispose())

  /** Both buffers after the same play, and a batch of all rows. */
  const played = (
    {
      games,
      capacity,
      count,
      seed,
      chance,
    }: { games: number; capacity: number; count: number; seed: number; chance: number },
    config: Partial<JointReplayConfig>,
    on = backend,
  ) => {
    const replay = createJointReplay(on, agents, {
      capacity,
      games,
      gamma,
      extras: agents.map(() => playedExtras),
      ...config,
    })
    const plain = createPlainReplay(agents.length, games, capacity)
    const play = playedSteps({ agents, games, subPolicies: 3, seed, chance })
    for (let i = 0; i < count; i++) {
      const step = play.next().value
      replay.insert(step)
      plain.insert(step)
    }
    const batch = replay.createBatch(replay.size)
    replay.draw(null).sample(inOrder(), batch)
    return { replay, plain, batch }
  }

  it('sums rewards as far as the episode goes, and bootstraps from where it stopped', () => {
    fc.assert(
      fc.property(shape, each => {
        const { steps } = each
        const { plain, batch } = played(each, { steps })
        const rows = rowsOf(batch)
        expect([...rows].sort((a, b) => a - b)).toEqual(plain.rows().map(({ row }) => row))
        const byRow = new Map(plain.rows().map(kept => [kept.row, kept]))
        rows.forEach((row, i) => {
          const expected = plain.over(row, steps, gamma)
          const of = ({ data }: { data: Float32Array }) => [
            ...data.subarray(i * agents.length, (i + 1) * agents.length),
          ]
          of(batch.rewards).forEach((sum, a) => void expect(sum).toBeCloseTo(expected.rewards[a]!, 5))
          expect(of(batch.terminated), `terminated from row ${row}`).toEqual(expected.terminated)
          expect(of(batch.present), `present in row ${row}`).toEqual(byRow.get(row)!.present)
          expect(batch.discounts[i]).toBeCloseTo(expected.discount, 12)
          agents.forEach(({ observationSize }, a) => {
            const numbers = ({ data, columns }: { data: Float32Array; columns: number }) => [
              ...data.subarray(i * columns, (i + 1) * columns),
            ]
            const { observation, action, nextObservation } = rowNumbers
            expect(numbers(batch.observations[a]!)).toEqual(numbered(observationSize, observation, row, a))
            expect(numbers(batch.actions[a]!)).toEqual(numbered(2, action, row, a))
            expect(numbers(batch.nextObservations[a]!)).toEqual(
              numbered(observationSize, nextObservation, expected.last, a),
            )
            for (const { extras } of [batch.observations[a]!, batch.nextObservations[a]!]) {
              expect(numbers(extras![0]!)).toEqual(numbered(2, playedMemory, row, a))
              expect(extras![1]!.data[i]).toBe(byRow.get(row)!.subPolicies[a])
            }
          })
        })
      }),
      { numRuns: 60 },
    )
  })

  it('over one step has the bits of a single row', () => {
    const each = { games: 3, capacity: 50, count: 40, seed: 5, chance: 0.1 }
    const { batch, plain } = played(each, { steps: 1 })
    const byRow = new Map(plain.rows().map(kept => [kept.row, kept]))
    rowsOf(batch).forEach((row, i) => {
      const { rewards, terminated } = byRow.get(row)!
      expect([...batch.rewards.data.subarray(3 * i, 3 * i + 3)]).toEqual(rewards)
      expect([...batch.terminated.data.subarray(3 * i, 3 * i + 3)]).toEqual(terminated)
      expect(batch.discounts[i]).toBe(gamma)
    })
  })

  it('knows the way to it and to what comes after, within its episode', () => {
    fc.assert(
      fc.property(shape, each => {
        const { steps, memorySteps } = each
        const remembers = [true, false, true]
        const { plain, batch } = played(each, { steps, remembers, memorySteps })
        expectWays(batch, plain, steps, memorySteps, remembers)
      }),
      { numRuns: 60 },
    )
  })

  it.each([1, 3])('knows the way on the other backend too, over %i steps', async steps => {
    const tfjs = await createTfjsBackend({ carrier: 'cpu' })
    const each = { games: 2, capacity: 40, count: 30, seed: 3, chance: 0.1 }
    const remembers = [true, true, true]
    const { plain, batch } = played(each, { steps, remembers, memorySteps: 4 }, tfjs)
    expectWays(batch, plain, steps, 4, remembers)
    tfjs.dispose()
  })

  it('is drawn by the sub-policy that acted: every such row, and no other', () => {
    fc.assert(
      fc.property(shape, fc.constantFrom(0, 1), (each, priority) => {
        const subPolicies = agents.map(() => 3)
        const { replay, plain } = played(each, { subPolicies, priority })
        agents.forEach((_, agent) => {
          for (let k = 0; k < 3; k++) {
            const own = plain.rows().filter(({ subPolicies }) => subPolicies[agent] === k)
            // What was drawn before rows were inserted keeps up with them; what is made now reads what is there.
            const batch = replay.createBatch(400)
            replay.draw(agent, k).sample(createRandom(each.seed), batch)
            const expected = own.length > 0 ? own : plain.rows()
            const drawn = new Set(rowsOf(batch))
            for (const row of drawn) expect(expected.map(kept => kept.row)).toContain(row)
            if (expected.length < 30) expect(drawn.size).toBe(expected.length)
            expect([...batch.weights].every(weight => weight === 1)).toBe(true)
          }
        })
      }),
      { numRuns: 15 },
    )
  })

  it('stays the sub-policy’s own while rows come and go', () => {
    fc.assert(
      fc.property(shape, fc.constantFrom(0, 0.7), (each, priority) => {
        const { games, capacity, count, seed, chance } = each
        const make = () =>
          createJointReplay(backend, agents, {
            capacity,
            games,
            priority,
            extras: agents.map(() => playedExtras),
            subPolicies: [3, 1, 1],
          })
        const replay = make()
        const draws = [0, 1, 2].map(k => replay.draw(0, k))
        const play = playedSteps({ agents, games, subPolicies: 3, seed, chance })
        for (let i = 0; i < count; i++) replay.insert(play.next().value)
        // One that was filled at once, and one that was restored, draw the same.
        const restored = make()
        const early = [0, 1, 2].map(k => restored.draw(0, k))
        restored.restore(replay.save())
        const late = [0, 1, 2].map(k => restored.draw(0, k))
        const drawn = [draws, early, late].map(each =>
          each.map(draw => {
            const batch = replay.createBatch(20)
            draw.sample(createRandom(seed), batch)
            return rowsOf(batch)
          }),
        )
        expect(drawn[1]).toEqual(drawn[0])
        expect(drawn[2]).toEqual(drawn[0])
      }),
      { numRuns: 30 },
    )
  })

  it('of a sub-policy needs to know which: its number is the column subPolicy', () => {
    const make = (extras: Column[]) =>
      createJointReplay(backend, agents, { capacity: 10, extras: agents.map(() => extras), subPolicies: [2, 2, 2] })
    expect(() => make([]).draw(1, 0)).toThrow(
      "replay: expected a column 'subPolicy' of one number for agent 1, got none",
    )
    expect(() => make([{ name: 'subPolicy', size: 4 }]).draw(1, 0)).toThrow('got 4')
  })
})

/** Every `past` of a batch is what the lists say. */
function expectWays(
  batch: Batch,
  plain: ReturnType<typeof createPlainReplay>,
  steps: number,
  memorySteps: number,
  remembers: readonly boolean[],
): void {
  const byRow = new Map(plain.rows().map(kept => [kept.row, kept]))
  rowsOf(batch).forEach((row, i) => {
    const { last } = plain.over(row, steps, gamma)
    agents.forEach(({ observationSize }, a) => {
      const [now, next] = [batch.observations[a]!, batch.nextObservations[a]!]
      expect([now.past !== undefined, next.past !== undefined]).toEqual([remembers[a], remembers[a]])
      if (!remembers[a]) return
      const [way, nextWay] = [wayOf(now, batch.rows, i), wayOf(next, batch.rows, i)]
      const { rows, restarted } = plain.window(row, memorySteps)
      expect(way.restarted).toEqual(restarted)
      expect(way.observations).toEqual(rows.map(r => numbered(observationSize, rowNumbers.observation, r, a)))
      const after = plain.window(last, memorySteps)
      expect(nextWay.restarted).toEqual([...after.restarted, 0])
      expect(nextWay.observations).toEqual([
        ...after.rows.map(r => numbered(observationSize, rowNumbers.observation, r, a)),
        numbered(observationSize, rowNumbers.nextObservation, last, a),
      ])
      // What was carried at the oldest step stands there.
      for (const [{ memory, subPolicy }, oldest] of [
        [way, rows[0]!],
        [nextWay, after.rows[0]!],
      ] as const) {
        expect(memory).toEqual(numbered(2, playedMemory, oldest, a))
        expect(subPolicy).toBe(byRow.get(row)!.subPolicies[a])
      }
    })
  })
}

function wayOf({ past }: Observations, rows: number, i: number) {
  const { columns, data } = past!.observations
  const steps = past!.observations.rows / rows
  const at = Array.from({ length: steps }, (_, step) => step * rows + i)
  return {
    observations: at.map(r => [...data.subarray(r * columns, (r + 1) * columns)]),
    restarted: at.map(r => past!.restarted[r]),
    memory: [...past!.extras[0]!.data.subarray(2 * i, 2 * i + 2)],
    subPolicy: past!.extras[1]!.data[i],
  }
}

function numbered(
  columns: number,
  value: (row: number, agent: number, c: number) => number,
  row: number,
  agent: number,
) {
  return Array.from({ length: columns }, (_, c) => value(row, agent, c))
}

/** Draws 0, 1, 2, ... */
function inOrder(): Random {
  let next = 0
  return { ...createRandom(0), integer: () => next++ }
}

/** Which rows a batch holds. */
function rowsOf({ observations: [first], rows }: Batch): number[] {
  return Array.from({ length: rows }, (_, i) => first!.data[i * first!.columns]!)
}

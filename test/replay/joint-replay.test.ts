// The replay buffer: what goes in comes out, row by row, for all agents together.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCheckpoint, writeCheckpoint } from '../../src/experiment/checkpoint.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom, type Random } from '../../src/random.ts'
import { createBatch, createJointReplay } from '../../src/replay/joint-replay.ts'
import type { AgentSpec, Batch } from '../../src/types.ts'
import { agentsOf, numberedSteps, rowNumbers } from '../support/joint-steps.ts'
import { tempFolder } from '../support/temp-folder.ts'

describe('the joint replay buffer', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const filled = (agents: readonly AgentSpec[], games: number, steps: number, capacity: number) => {
    const replay = createJointReplay(backend, agents, { capacity, games })
    for (const step of numberedSteps(agents, games, steps)) replay.insert(step)
    return replay
  }

  it('gives back whole rows: one index set for all agents', () => {
    const shape = fc.record({
      sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
      games: fc.integer({ min: 1, max: 5 }),
      steps: fc.integer({ min: 1, max: 30 }),
      capacity: fc.integer({ min: 1, max: 60 }),
      rows: fc.integer({ min: 1, max: 40 }),
      seed: fc.nat(),
    })
    fc.assert(
      fc.property(shape, ({ sizes, games, steps, capacity, rows, seed }) => {
        const agents = agentsOf(sizes)
        const replay = filled(agents, games, steps, capacity)
        const inserted = steps * games
        expect(replay.size).toBe(Math.min(inserted, capacity))
        const batch = createBatch(backend, agents, rows)
        replay.draw(null).sample(createRandom(seed), batch)
        for (const row of rowsOf(batch, agents)) {
          expect(row).toBeGreaterThanOrEqual(Math.max(0, inserted - capacity))
          expect(row).toBeLessThan(inserted)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('keeps rows in the order step * games + game', () => {
    const agents = agentsOf([1, 2])
    const replay = filled(agents, 3, 4, 100)
    const batch = createBatch(backend, agents, 12)
    replay.draw(null).sample(inOrder(), batch)
    expect(rowsOf(batch, agents)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  })

  it('overwrites the oldest rows when it is full, in the middle of a joint step too', () => {
    const agents = agentsOf([1])
    const replay = filled(agents, 4, 3, 5)
    const batch = createBatch(backend, agents, 5)
    replay.draw(null).sample(inOrder(), batch)
    expect(replay.size).toBe(5)
    expect(rowsOf(batch, agents)).toEqual([10, 11, 7, 8, 9])
  })

  it('crosses the boundaries of its memory blocks without losing a row', () => {
    const agents = agentsOf([1])
    const blockRows = 16_384
    const replay = filled(agents, 8, (2 * blockRows + 80) / 8, 2 * blockRows + 40)
    expect(replay.size).toBe(2 * blockRows + 40)
    const batch = createBatch(backend, agents, replay.size)
    replay.draw(null).sample(inOrder(), batch)
    const rows = rowsOf(batch, agents)
    for (const at of [0, 39, 40, blockRows - 1, blockRows, 2 * blockRows - 1, 2 * blockRows, 2 * blockRows + 39])
      expect(rows[at], `row ${at}`).toBe(at < 40 ? at + 2 * blockRows + 40 : at)
  })

  it('draws every row equally often, with replacement', () => {
    const agents = agentsOf([1])
    const replay = filled(agents, 1, 10, 10)
    const batch = createBatch(backend, agents, 20_000)
    replay.draw(null).sample(createRandom(1), batch)
    const counts = new Array<number>(10).fill(0)
    for (const row of rowsOf(batch, agents)) counts[row]!++
    const chiSquare = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0)
    expect(chiSquare).toBeLessThan(27.9) // 99.9 % of chi-square with 9 degrees of freedom
  })

  it('draws the same rows for the same stream, into batches of any size', () => {
    const agents = agentsOf([2, 1])
    const replay = filled(agents, 2, 20, 100)
    const drawn = (rows: number) => {
      const batch = createBatch(backend, agents, rows)
      replay.draw(null).sample(createRandom(9), batch)
      return rowsOf(batch, agents)
    }
    const thirty = drawn(30)
    expect(drawn(30)).toEqual(thirty)
    expect(drawn(7)).toEqual(thirty.slice(0, 7))
    expect(drawn(40).slice(0, 30)).toEqual(thirty)
  })

  it('says how much memory it takes', () => {
    // Two agents: observations 3 + 2, actions 2 + 2, then per agent reward, present, terminated, and truncated.
    const replay = createJointReplay(backend, agentsOf([3, 2]), { capacity: 20_000 })
    expect(replay.bytesPerTransition).toBe(4 * (5 + 4 + 2 + 2 + 2 + 1))
    const { usual, most } = replay.storeBytesWhenFull
    expect(replay.bytesWhenFull).toBe(usual)
    // Beside the rows four bytes each for where they lie, and parts of blocks that are empty.
    expect(usual / 20_000).toBeGreaterThanOrEqual(replay.bytesPerTransition + 4)
    expect(usual / 20_000).toBeLessThan(1.25 * replay.bytesPerTransition + 4)
    // At most, what is seen next comes on top: 5 numbers.
    expect(most / 20_000).toBeGreaterThanOrEqual(replay.bytesPerTransition + 4 * 5 + 4)
    expect(most / 20_000).toBeLessThan(1.25 * (replay.bytesPerTransition + 4 * 5) + 4)
    expect(replay.capacity).toBe(20_000)
  })

  it('counts extra columns, and what draws keep beside the transitions', () => {
    const agents = agentsOf([3, 2])
    const subPolicy = { name: 'subPolicy', size: 1 }
    const config = {
      capacity: 20_000,
      extras: [[{ name: 'memory', size: 4 }, subPolicy], [subPolicy]],
      subPolicies: [2, 1],
    }
    const uniform = createJointReplay(backend, agents, config)
    expect(uniform.bytesPerTransition).toBe(4 * (16 + 5 + 1))
    for (const k of [0, 1]) uniform.draw(0, k)
    uniform.draw(1)
    // An index list may hold every row, in four bytes each.
    expect(uniform.bytesWhenFull - uniform.storeBytesWhenFull.usual).toBe(2 * 20_000 * 4)
    const prioritised = createJointReplay(backend, agents, { ...config, priority: 0.6 })
    prioritised.draw(null)
    // A tree over 2^15 leaves, in eight bytes each.
    expect(prioritised.bytesWhenFull - prioritised.storeBytesWhenFull.usual).toBe(2 * 32_768 * 8)
  })

  it('refuses steps of another number of games, or with other extra columns', () => {
    const agents = agentsOf([1, 2])
    const [step] = numberedSteps(agents, 3, 1)
    const replay = (config: object) => createJointReplay(backend, agents, { capacity: 10, ...config })
    expect(() => replay({ games: 2 }).insert(step!)).toThrow('expected joint steps of 2 games (config.games), got 3')
    expect(() => replay({ games: 3, extras: [[], [{ name: 'memory', size: 2 }]] }).insert(step!)).toThrow(
      'replay: expected columns [memory 2] of agent_1 (config.extras), got []',
    )
  })

  it('refuses to be restored from transitions of another shape', () => {
    const other = filled(agentsOf([4]), 1, 3, 10)
    const replay = filled(agentsOf([3]), 1, 5, 10)
    const before = structuredClone(replay.save())
    expect(() => replay.restore(other.save())).toThrow(
      'replay: expected rows of 12 numbers from row 0 on, got rows of 14 from row 0 on: other settings',
    )
    expect(() => replay.restore({ inserted: 3, blocks: [new Float32Array(35)] })).toThrow(
      'replay: expected 36 numbers in block 0, got 35',
    )
    expect(replay.save()).toEqual(before)
  })

  it('is restored from blocks, slot by slot, as an older version saved them', () => {
    const agents = agentsOf([3])
    const whole = filled(agents, 1, 25, 10)
    const { pieces } = whole.rows()
    const rows = [...pieces].flatMap(piece => [...piece])
    // Rows 15 to 24 in slots 5 to 9, then 0 to 4.
    const [old, turned] = [rows.slice(0, 5 * 12), rows.slice(5 * 12)]
    const replay = filled(agents, 1, 3, 10)
    replay.restore({ inserted: 25, blocks: [Float32Array.from([...turned, ...old])] })
    expect(replay.save()).toEqual(whole.save())
  })

  it('refuses a draw while it is empty', () => {
    const agents = agentsOf([1])
    const replay = createJointReplay(backend, agents, { capacity: 10 })
    expect(replay.size).toBe(0)
    expect(() => replay.draw(null).sample(createRandom(1), createBatch(backend, agents, 2))).toThrow(RangeError)
    expect(() => replay.draw(null).sample(createRandom(1), createBatch(backend, agents, 2))).toThrow('insert first')
  })

  it.each([
    { name: 'half full', steps: 10, capacity: 100 },
    { name: 'full and turning', steps: 40, capacity: 33 },
    { name: 'empty', steps: 0, capacity: 33 },
  ])('restored when $name, goes on with the same bits', ({ steps, capacity }) => {
    const agents = agentsOf([2, 3])
    const replay = filled(agents, 2, steps, capacity)
    const file = `${tempFolder()}/replay`
    writeCheckpoint(file, replay.save())
    const restored = createJointReplay(backend, agents, { capacity, games: 2 })
    restored.restore(readCheckpoint(file))
    expect(restored.size).toBe(replay.size)
    for (const step of numberedSteps(agents, 2, 11, steps)) {
      replay.insert(step)
      restored.insert(step)
    }
    const [expected, actual] = [replay, restored].map(buffer => {
      const batch = createBatch(backend, agents, 50)
      buffer.draw(null).sample(createRandom(3), batch)
      return rowsOf(batch, agents)
    })
    expect(actual).toEqual(expected)
    expect(restored.save()).toEqual(replay.save())
  })
})

/** Draws 0, 1, 2, ... */
function inOrder(): Random {
  let next = 0
  return { ...createRandom(0), integer: () => next++ }
}

/** The rows of a batch, having checked that every number of every agent belongs to them. */
function rowsOf(batch: Batch, agents: readonly AgentSpec[]): number[] {
  return Array.from({ length: batch.rows }, (_, i) => {
    const row = batch.observations[0]!.data[i * agents[0]!.observationSize]!
    agents.forEach((spec, agent) => {
      const numbers = (matrix: { data: Float32Array; columns: number }) => [
        ...matrix.data.subarray(i * matrix.columns, (i + 1) * matrix.columns),
      ]
      const { observation, action, nextObservation, reward, present, terminated } = rowNumbers
      const expected = (value: (row: number, agent: number, c: number) => number, columns: number) =>
        Array.from({ length: columns }, (_, c) => value(row, agent, c))
      const at = i * agents.length + agent
      same(numbers(batch.observations[agent]!), expected(observation, spec.observationSize))
      same(numbers(batch.actions[agent]!), expected(action, 2))
      same(numbers(batch.nextObservations[agent]!), expected(nextObservation, spec.observationSize))
      same(
        [batch.rewards.data[at]!, batch.present.data[at]!, batch.terminated.data[at]!],
        [reward(row, agent), present(row, agent), terminated(row, agent)],
      )
    })
    return row
  })
}

/** Like toEqual, but fast enough for a hundred thousand rows. */
function same(actual: readonly number[], expected: readonly number[]): void {
  if (actual.length !== expected.length || actual.some((value, i) => value !== expected[i]))
    expect(actual).toEqual(expected)
}

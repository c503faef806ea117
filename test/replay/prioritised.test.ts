// Prioritised draws: how often a row comes, what it weighs, and that priorities follow what was learnt.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import type { Draw } from '../../src/replay/draw.ts'
import { createJointReplay, type JointReplay, type JointReplayConfig } from '../../src/replay/joint-replay.ts'
import type { Batch, JointStep } from '../../src/types.ts'
import { agentsOf, numberedSteps } from '../support/joint-steps.ts'
import { playedExtras, playedSteps } from '../support/plain-replay.ts'

const agents = agentsOf([1])

describe('a prioritised draw', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend({ threads: 1 })
  })
  afterAll(() => backend.dispose())

  const filled = (count: number, config: Partial<JointReplayConfig> = {}) => {
    const replay = createJointReplay(backend, agents, { capacity: 100, priority: 1, ...config })
    const draw = replay.draw(null)
    for (const step of numberedSteps(agents, config.games ?? 1, count)) replay.insert(step)
    return { replay, draw }
  }

  it('takes rows in proportion to |TD error| + 1e-6 to the power of the exponent', () => {
    const tdErrors = [0, 0.01, 0.5, 1, 2, 4, 0.25, 3]
    for (const priority of [1, 0.5]) {
      const { replay, draw } = filled(tdErrors.length, { priority })
      teach(replay, draw, row => tdErrors[row]!)
      const batch = replay.createBatch(50_000)
      draw.sample(createRandom(1), batch)
      const counts = new Array<number>(tdErrors.length).fill(0)
      for (const row of rowsOf(batch)) counts[row]!++
      const priorities = tdErrors.map(error => (error + 1e-6) ** priority)
      const sum = priorities.reduce((a, b) => a + b)
      // One row from each of equal parts of the sum: no count is further off than the two parts at its ends.
      counts.forEach((count, row) => {
        expect(Math.abs(count - (50_000 * priorities[row]!) / sum), `row ${row}`).toBeLessThanOrEqual(2)
      })
    }
  })

  it('weighs rows by (N P)^-importance over the largest of the batch', () => {
    const tdErrors = [0.2, 1, 3, 0.7, 5]
    let beta = 0.4
    const { replay, draw } = filled(5, { priority: 0.6, importance: () => beta })
    teach(replay, draw, row => tdErrors[row]!)
    for (beta of [0, 0.4, 1]) {
      const batch = replay.createBatch(30)
      draw.sample(createRandom(2), batch)
      const priorities = tdErrors.map(error => (error + 1e-6) ** 0.6)
      const sum = priorities.reduce((a, b) => a + b)
      const raw = rowsOf(batch).map(row => ((5 * priorities[row]!) / sum) ** -beta)
      const largest = Math.max(...raw)
      raw.forEach((weight, i) => void expect(batch.weights[i]).toBeCloseTo(weight / largest, 6))
    }
  })

  it('with exponent 0 is uniform, to the bits of the uniform draw', () => {
    const batches = [{}, { priority: 0, importance: () => 0.7 }].map(config => {
      const { replay, draw } = filled(40, { priority: 0, ...config })
      const batch = replay.createBatch(50)
      draw.sample(createRandom(4), batch)
      return { rows: rowsOf(batch), weights: [...batch.weights] }
    })
    expect(batches[1]).toEqual(batches[0])
    expect(new Set(batches[0]!.weights)).toEqual(new Set([1]))
  })

  it('gives new rows the largest priority so far, those that overwrite others too', () => {
    const { replay, draw } = filled(10, { capacity: 12 })
    teach(replay, draw, row => (row === 3 ? 50 : 0))
    for (const step of numberedSteps(agents, 1, 6, 10)) replay.insert(step)
    // Kept are rows 4 ... 15; row 3, which set the mark, is gone, and 10 ... 15 are new.
    const batch = replay.createBatch(6000)
    draw.sample(createRandom(5), batch)
    const counts = new Map<number, number>()
    for (const row of rowsOf(batch)) counts.set(row, (counts.get(row) ?? 0) + 1)
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([10, 11, 12, 13, 14, 15])
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThanOrEqual(2)
  })

  it('among a sub-policy’s rows alone keeps to them whatever is learnt', () => {
    const three = agentsOf([1, 1, 1])
    const replay = createJointReplay(backend, three, {
      capacity: 60,
      games: 3,
      priority: 1,
      extras: three.map(() => playedExtras),
      subPolicies: [2, 1, 1],
    })
    const draws = [0, 1].map(k => replay.draw(0, k))
    const play = playedSteps({ agents: three, games: 3, subPolicies: 2, seed: 8, chance: 0.2 })
    const random = createRandom(6)
    const batch = replay.createBatch(16)
    for (let i = 0; i < 60; i++) {
      replay.insert(play.next().value)
      if (i < 10) continue
      draws.forEach((draw, k) => {
        draw.sample(random, batch)
        expect(new Set(batch.observations[0]!.extras![1]!.data)).toEqual(new Set([k]))
        batch.tdErrors.forEach((_, row) => void (batch.tdErrors[row] = random.uniform()))
        draw.learnt(batch)
      })
    }
  })

  it('of a sub-policy that has not acted yet takes any row, with full weight', () => {
    const replay = createJointReplay(backend, agents, {
      capacity: 60,
      priority: 1,
      extras: [[{ name: 'subPolicy', size: 1 }]],
      subPolicies: [2],
    })
    const draw = replay.draw(0, 1)
    const [step] = numberedSteps(agents, 1, 1) as [JointStep]
    for (let i = 0; i < 5; i++)
      replay.insert({ ...step, extras: [[{ name: 'subPolicy', rows: 1, columns: 1, data: Float32Array.of(0) }]] })
    const batch = replay.createBatch(8)
    draw.sample(createRandom(1), batch)
    batch.tdErrors.fill(3)
    draw.learnt(batch)
    expect([...batch.weights]).toEqual(new Array(8).fill(1))
    replay.insert({ ...step, extras: [[{ name: 'subPolicy', rows: 1, columns: 1, data: Float32Array.of(1) }]] })
    draw.sample(createRandom(1), batch)
    expect(new Set(batch.observations[0]!.extras![0]!.data)).toEqual(new Set([1]))
  })

  it('restored with its buffer goes on with the same bits, at any moment', () => {
    const acts = fc.array(fc.constantFrom('insert', 'sample', 'learnt', 'save'), { maxLength: 40 })
    const shape = fc.record({ acts, games: fc.integer({ min: 1, max: 4 }), capacity: fc.integer({ min: 1, max: 30 }) })
    fc.assert(
      fc.property(shape, ({ acts, games, capacity }) => {
        const make = () => {
          const replay = createJointReplay(backend, agents, { capacity, games, priority: 0.7, importance: () => 0.5 })
          return { replay, draw: replay.draw(null), random: createRandom(9), batch: replay.createBatch(8) }
        }
        const whole = make()
        let parts = make()
        let sampled = false
        const steps = numberedSteps(agents, games, acts.length + 1)
        const perform = ({ replay, draw, random, batch }: typeof whole, act: string, at: number) => {
          if (act === 'insert' || replay.size === 0) return replay.insert(steps[at]!)
          if (act === 'sample') {
            sampled = true
            return draw.sample(random, batch)
          }
          batch.tdErrors.forEach((_, row) => void (batch.tdErrors[row] = batch.observations[0]!.data[row]! / 7))
          draw.learnt(batch)
        }
        acts.forEach((act, at) => {
          if (act === 'save') {
            const next = make()
            next.replay.restore(structuredClone({ ...(parts.replay.save() as object) }))
            next.draw.restore(structuredClone({ ...(parts.draw.save() as object) }))
            next.random.restore(parts.random.save())
            if (sampled) next.draw.again(next.batch)
            next.batch.tdErrors.set(parts.batch.tdErrors)
            // Rows drawn before others were inserted may be others by now: what was learnt is asked of the same batch.
            next.batch.observations[0]!.data.set(parts.batch.observations[0]!.data)
            parts = next
          } else {
            perform(whole, act, at)
            perform(parts, act, at)
          }
        })
        expect(parts.draw.save()).toEqual(whole.draw.save())
        expect([...parts.batch.observations[0]!.data]).toEqual([...whole.batch.observations[0]!.data])
        if (whole.replay.size === 0) return
        for (const { draw, batch, random } of [whole, parts]) draw.sample(random, batch)
        expect(rowsOf(parts.batch)).toEqual(rowsOf(whole.batch))
        expect(parts.batch.weights).toEqual(whole.batch.weights)
      }),
      { numRuns: 60 },
    )
  })
})

/** Draws every row until each was learnt from, with its own TD error. */
function teach(replay: JointReplay, draw: Draw, tdErrors: (row: number) => number): void {
  const left = new Set(Array.from({ length: replay.size }, (_, row) => row))
  const batch = replay.createBatch(replay.size)
  // As long as all rows are equal, the parts of the sum are the rows.
  draw.sample(createRandom(3), batch)
  rowsOf(batch).forEach((row, i) => {
    batch.tdErrors[i] = tdErrors(row)
    left.delete(row)
  })
  expect(left.size).toBe(0)
  draw.learnt(batch)
}

function rowsOf({ observations: [first], rows }: Batch): number[] {
  return Array.from({ length: rows }, (_, i) => first!.data[i * first!.columns]!)
}

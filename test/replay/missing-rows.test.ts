// A replay buffer restored without some of its rows: whatever is missing, nothing reaches across a gap, and each row keeps its priority.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createJointStepLayout } from '../../src/envs/joint-step.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import type { Random } from '../../src/random.ts'
import { createJointReplay } from '../../src/replay/joint-replay.ts'
import { rowLayout } from '../../src/replay/row-layout.ts'
import { createTransitions } from '../../src/replay/transitions.ts'
import type { JointStep, Saved, SavedRows } from '../../src/types.ts'
import { agentsOf } from '../support/joint-steps.ts'

const agents = agentsOf([1])
const gamma = 0.5

/** One endless episode for each game; row n shows n and rewards n. */
function stepsOf(games: number, count: number, first = 0): JointStep[] {
  const allocate = createJointStepLayout(agents, games)
  return Array.from({ length: count }, (_, i) => {
    const step = allocate(first + i + 1)
    for (let game = 0; game < games; game++) {
      const row = (first + i) * games + game
      step.observations[0]!.data[game] = row
      step.nextObservations[0]!.data[game] = row + games
      step.rewards.data[game] = row
      step.present[game] = 1
    }
    return step
  })
}

/** What was saved, as if these rows could not be read. */
function without(saved: Saved, missing: readonly (readonly [number, number])[]): Saved {
  const { rows } = saved as { rows: SavedRows }
  const all = [...rows.pieces].flatMap(piece =>
    Array.from({ length: piece.length / rows.columns }, (_, i) =>
      piece.slice(i * rows.columns, (i + 1) * rows.columns),
    ),
  )
  const ranges = missing.map(([first, end]) => ({ first, end }))
  const pieces = all.filter((_, i) => !ranges.some(({ first, end }) => rows.first + i >= first && rows.first + i < end))
  return { rows: { ...rows, pieces, missing: ranges } }
}

/** Rows of a buffer of `total` inserted ones, and which of them are missing, in rising ranges that do not touch. */
const damaged = fc
  .record({
    games: fc.integer({ min: 1, max: 4 }),
    capacity: fc.integer({ min: 4, max: 60 }),
    count: fc.integer({ min: 1, max: 25 }),
    steps: fc.integer({ min: 1, max: 5 }),
    cuts: fc.uniqueArray(fc.nat({ max: 100 }), { minLength: 2, maxLength: 8 }),
  })
  .map(({ games, capacity, count, steps, cuts }) => {
    const end = games * count
    const first = Math.max(0, end - capacity)
    const places = [...new Set(cuts.map(cut => first + Math.round((cut / 100) * (end - first))))].sort((a, b) => a - b)
    const missing = places.flatMap((from, i) =>
      i % 2 === 0 && i + 1 < places.length ? [[from, places[i + 1]!] as const] : [],
    )
    return { games, capacity, count, steps, first, end, missing }
  })
  .filter(({ missing }) => missing.length > 0)

describe('a replay buffer without some of its rows', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend({ threads: 1 })
  })
  afterAll(() => backend.dispose())

  it('sums rewards only over transitions that followed one another, over as many as there are', () => {
    fc.assert(
      fc.property(damaged, ({ games, capacity, count, steps, first, end, missing }) => {
        const create = () => createJointReplay(backend, agents, { capacity, games, gamma, steps })
        const whole = create()
        for (const step of stepsOf(games, count)) whole.insert(step)
        const replay = create()
        replay.restore(without(whole.save(), missing))
        const isMissing = (row: number) => missing.some(([from, to]) => row >= from && row < to)
        const left = Array.from({ length: end - first }, (_, i) => first + i).filter(row => !isMissing(row))
        expect(replay.size).toBe(left.length)
        // It goes on: rows come, and follow those that were there.
        for (const step of stepsOf(games, 1, count)) replay.insert(step)
        const batch = replay.createBatch(replay.size)
        replay.draw(null).sample(inOrder(), batch)
        for (let i = 0; i < replay.size; i++) {
          const row = batch.observations[0]!.data[i]!
          const taken = Math.log(batch.discounts[i]!) / Math.log(gamma)
          const walked = Array.from({ length: taken }, (_, m) => row + m * games)
          expect(walked.filter(isMissing)).toEqual([])
          expect(batch.rewards.data[i]).toBeCloseTo(
            walked.reduce((sum, at, m) => sum + gamma ** m * at, 0),
            3,
          )
          expect(batch.nextObservations[0]!.data[i]).toBe(row + taken * games)
          const last = row + (taken - 1) * games
          const gapNext = Array.from({ length: games }, (_, j) => last + 1 + j).some(isMissing)
          expect(taken === steps || last + games >= end + games || gapNext).toBe(true)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('knows no step before one that came after a gap, and never takes it for the first of an episode', () => {
    fc.assert(
      fc.property(damaged, ({ games, capacity, count, missing }) => {
        const create = () => createTransitions(backend, agents, rowLayout(agents), capacity, games)
        const whole = create()
        for (const step of stepsOf(games, count)) whole.insert(step)
        const restored = create()
        restored.restore(without(whole.save(), missing))
        // The same when it was saved and read back once more.
        const again = create()
        again.restore(restored.save())
        for (const transitions of [restored, again]) {
          const rowAt = (slot: number) => transitions.dataOf(slot)[transitions.offsetOf(slot)]!
          for (let slot = 0; slot < transitions.size; slot++) {
            if (transitions.begins(slot) === null) continue
            expect(transitions.begins(slot)).toBe(false)
            expect(rowAt(transitions.preceding(slot))).toBe(rowAt(slot) - games)
          }
        }
      }),
      { numRuns: 150 },
    )
  })

  it('keeps the priority of each row that is left, and finds the rows of a batch under way again', () => {
    fc.assert(
      fc.property(damaged, ({ games, capacity, count, missing }) => {
        const create = () => {
          const replay = createJointReplay(backend, agents, { capacity, games, priority: 1 })
          return { replay, draw: replay.draw(null) }
        }
        const whole = create()
        for (const step of stepsOf(games, count)) whole.replay.insert(step)
        const batch = whole.replay.createBatch(400)
        whole.draw.sample(inOrder(), batch)
        const tdErrors = (row: number) => row + 1
        batch.tdErrors.forEach((_, i) => void (batch.tdErrors[i] = tdErrors(batch.observations[0]!.data[i]!)))
        whole.draw.learnt(batch)
        const restored = create()
        restored.replay.restore(without(whole.replay.save(), missing))
        restored.draw.restore(whole.draw.save())
        if (restored.replay.size === 0) return
        const { choice } = restored.draw.save() as { choice: { leaves: Float64Array } }
        const again = restored.replay.createBatch(400)
        restored.draw.again(again)
        const isMissing = (row: number) => missing.some(([from, to]) => row >= from && row < to)
        const rows = batch.observations[0]!.data
        rows.forEach((row, i) => {
          if (!isMissing(row)) expect(again.observations[0]!.data[i]).toBe(row)
        })
        const all = restored.replay.rows()
        const left = [...all.pieces].flatMap(piece =>
          Array.from({ length: piece.length / all.columns }, (_, i) => piece[i * all.columns]!),
        )
        const learnt = new Set(rows)
        left.forEach((row, slot) => {
          if (learnt.has(row)) expect(choice.leaves[slot]).toBeCloseTo(tdErrors(row), 4)
        })
      }),
      { numRuns: 60 },
    )
  })
})

/** Draws 0, 1, 2 ... and parts in their middle. */
function inOrder(): Random {
  let next = 0
  return { integer: (size: number) => next++ % size, uniform: () => 0.5 } as unknown as Random
}

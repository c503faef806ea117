// A replay buffer whose games take turns: batches are those of the same games side by side, whatever the order of the turns; rows forgotten, gaps, restored ones.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { gamesOfStep } from '../../src/envs/joint-step.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createFetch } from '../../src/replay/fetch.ts'
import { createBatch } from '../../src/replay/joint-replay.ts'
import { rowLayout } from '../../src/replay/row-layout.ts'
import { createRowLinks } from '../../src/replay/row-links.ts'
import { createTransitions, type Transitions } from '../../src/replay/transitions.ts'
import type { JointStep, Saved } from '../../src/types.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { playedExtras, playedSteps } from '../support/plain-replay.ts'

const agents = agentsOf([3, 2])
const extras = agents.map(() => playedExtras)
const games = 4
const backend = await createSimdBackend({ threads: 1 })

function replayOf(capacity: number, inTurns: boolean): Transitions {
  const layout = rowLayout(agents, extras, [], inTurns)
  return createTransitions(backend, agents, layout, capacity, games, undefined, inTurns ? 2 : games)
}

/** What `fetch` makes of each row, by the number that its first observation is. */
function fetched(transitions: Transitions, rows: number): Map<number, unknown> {
  const config = { extras, remembers: [true, true], memorySteps: 3, ends: true, nextActions: true }
  const fetch = createFetch(backend, transitions, {
    steps: 3,
    gamma: 0.9,
    discountPer: 'ownStep',
    memorySteps: 3,
  })
  const all = new Map<number, unknown>()
  const batch = createBatch(backend, agents, 1, config)
  for (let slot = 0; slot < rows; slot++) {
    fetch(Uint32Array.of(slot), batch, null)
    const { observations, nextObservations, nextActions, nextActed, rewards, present, terminated, discounts } = batch
    const seen = [...observations, ...nextObservations].map(({ data, past }) => [
      [...data],
      [...past!.observations.data],
      [...past!.restarted],
      past!.extras.map(({ data }) => [...data]),
    ])
    const others = [rewards, present, terminated, nextActed!, ...nextActions!].map(({ data }) => [...data])
    all.set(observations[0]!.data[0]!, [seen, others, [...discounts]])
  }
  return all
}

/** The steps of games two by two, in stretches of four, those of whoever is next. */
function* inTurns(steps: readonly JointStep[], turns: readonly number[]): Generator<JointStep> {
  const at = [0, 0]
  const take = (half: number) => {
    const from = at[half]!
    at[half] = Math.min(steps.length, from + 4)
    return steps.slice(from, at[half]).map(step => ({ ...gamesOfStep(step, 2 * half, 2 * half + 2), first: 2 * half }))
  }
  for (const turn of turns) yield* take(turn)
  while (at[0]! < steps.length || at[1]! < steps.length) yield* [...take(0), ...take(1)]
}

it('gives the same transitions, over several steps, with the same memories', () => {
  const turns = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 4, maxLength: 20 })
  fc.assert(
    fc.property(turns, fc.integer({ min: 1, max: 1000 }), (order, seed) => {
      const played = playedSteps({ agents, games, subPolicies: 2, seed, chance: 0.1 })
      const steps = Array.from({ length: 24 }, () => played.next().value as JointStep)
      const abreast = replayOf(1000, false)
      for (const step of steps) abreast.insert(step)
      const turning = replayOf(1000, true)
      for (const step of inTurns(steps, order)) turning.insert(step)
      const expected = fetched(abreast, 24 * games)
      expect(fetched(turning, 24 * games)).toEqual(expected)
      const again = replayOf(1000, true)
      again.restore(turning.save() as Saved)
      expect(fetched(again, 24 * games)).toEqual(expected)
    }),
    { numRuns: 20, seed: 3 },
  )
})

it('does not reach over a gap, also when it is restored, and goes on from a full ring', () => {
  const played = playedSteps({ agents, games, subPolicies: 2, seed: 5, chance: 0 })
  const capacity = 3000
  const replay = replayOf(capacity, true)
  const add = (count: number, gapAt = -1) => {
    for (let i = 0; i < count; i++) {
      const step = played.next().value as JointStep
      for (const first of [0, 2]) {
        replay.insert({ ...gamesOfStep(step, first, first + 2), first, ...(i === gapAt ? { afterGap: true } : {}) })
      }
    }
  }
  add(1250, 1200)
  const restored = replayOf(capacity, true)
  restored.restore(replay.save() as Saved)
  for (const { following, preceding } of [replay, restored]) {
    // Rows 4800 ... 4803 come after the gap; the ring begins with row 2000.
    const slot = (row: number) => row % capacity
    expect([0, 1, 2, 3].map(game => following(slot(4796 + game)))).toEqual([-1, -1, -1, -1])
    expect([0, 1, 2, 3].map(game => preceding(slot(4800 + game)))).toEqual([-1, -1, -1, -1])
    expect(following(slot(4700))).toBe(slot(4704))
    expect(preceding(slot(2000))).toBe(-1)
    expect(preceding(slot(2004))).toBe(slot(2000))
    expect(following(slot(4999))).toBe(-1)
  }
})

it('links rows as lists of every game would', () => {
  const writes = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.boolean()), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(writes, fc.integer({ min: 1, max: 20 }), (rows, capacity) => {
      const links = createRowLinks(3, capacity)
      rows.forEach(([game, goesOn], row) => void links.add(row % capacity, game, goesOn))
      const isThere = (row: number) => row >= 0 && row >= rows.length - capacity && row < rows.length
      rows.forEach(([game], row) => {
        if (!isThere(row)) return
        const after = rows.findIndex(([of], later) => later > row && of === game)
        const before = rows.findLastIndex(([of], earlier) => earlier < row && of === game)
        const next = isThere(after) && rows[after]![1] ? after % capacity : -1
        const last = isThere(before) && rows[row]![1] ? before % capacity : -1
        expect([links.after(row % capacity), links.before(row % capacity)]).toEqual([next, last])
        expect(links.isFirst(row % capacity)).toBe(before < 0)
      })
    }),
    { numRuns: 300, seed: 4 },
  )
})

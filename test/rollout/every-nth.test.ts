// Every n-th row: about so many, of every sequence as often, and never none.
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { everyNth } from '../../src/rollout/rows.ts'
import type { Trajectory } from '../../src/rollout/trajectory.ts'

function whole(steps: number, sequences: number): Trajectory {
  const learnable = Uint32Array.from({ length: steps * sequences }, (_, row) => row)
  return { steps, sequences, learnable, learnableSequences: learnable.slice(0, sequences) } as Trajectory
}

it('has each sequence as often as any other, whatever n and their number have in common', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), (n, sequences) => {
      const steps = 5 * n
      const places = everyNth(whole(steps, sequences), false, n)
      const counts = new Array<number>(sequences).fill(0)
      for (const place of places) counts[place % sequences]!++
      expect(counts).toEqual(counts.map(() => 5))
      expect(places.length).toBeGreaterThan(0)
      expect([...places]).toEqual([...places].sort((a, b) => a - b))
    }),
  )
})

it('is all of them for 1, and where so few are none', () => {
  expect([...everyNth(whole(2, 3), false, 1)]).toEqual([0, 1, 2, 3, 4, 5])
  expect([...everyNth(whole(3, 4), true, 2)]).toEqual([0, 2])
  const one = { ...whole(9, 1), learnable: Uint32Array.of(1) }
  expect([...everyNth(one, false, 5)]).toEqual([0])
  // Chunks of two steps of three sequences: the first and the third, later the second.
  const present = new Uint8Array(12).fill(1)
  expect([...everyNth({ ...whole(4, 3), rows: 12, present } as Trajectory, 2, 2)]).toEqual([0, 2, 4])
})

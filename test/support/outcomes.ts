// What came of rows, written down by hand or drawn: for returns, advantages and traces.
import fc from 'fast-check'
import type { Outcomes } from '../../src/rollout/trajectory.ts'

/** Everybody is there and nothing ends unless it is said. */
export const outcomes = (
  steps: number,
  sequences: number,
  given: Partial<Record<keyof Outcomes, readonly number[]>>,
) => {
  const flags = (name: 'present' | 'terminated' | 'truncated', otherwise: number) =>
    Uint8Array.from(given[name] ?? new Array(steps * sequences).fill(otherwise))
  return {
    steps,
    sequences,
    rewards: Float32Array.from(given.rewards ?? []),
    present: flags('present', 1),
    terminated: flags('terminated', 0),
    truncated: flags('truncated', 0),
    ...(given.durations === undefined ? {} : { durations: Uint32Array.from(given.durations) }),
  } satisfies Outcomes
}

const flag = fc.constantFrom(0, 0, 0, 1)

/** Any outcomes of up to 7 steps of up to 3 sequences, with V and V', a discount and a lambda. */
export const scenes = fc
  .record({ steps: fc.integer({ min: 1, max: 7 }), sequences: fc.integer({ min: 1, max: 3 }) })
  .chain(shape => {
    const rows = shape.steps * shape.sequences
    const numbers = fc.array(fc.float({ min: -3, max: 3, noNaN: true }), { minLength: rows, maxLength: rows })
    const flags = fc.array(flag, { minLength: rows, maxLength: rows })
    return fc.record({
      scene: fc
        .record({ rewards: numbers, terminated: flags, truncated: flags, absent: flags })
        .map(({ absent, ...rest }) =>
          outcomes(shape.steps, shape.sequences, { ...rest, present: absent.map(a => 1 - a) }),
        ),
      values: numbers,
      next: numbers,
      gamma: fc.double({ min: 0, max: 1, noNaN: true }),
      lambda: fc.double({ min: 0, max: 1, noNaN: true }),
    })
  })

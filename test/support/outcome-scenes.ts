// Outcomes of rollouts for tests of returns: written by hand, and drawn by chance with ends, cuts and absences.
import fc from 'fast-check'
import type { Outcomes } from '../../src/rollout/trajectory.ts'

/** What is left out: everybody is there, and nothing ends. */
export function outcomes(
  steps: number,
  sequences: number,
  given: Partial<Record<keyof Outcomes, readonly number[]>>,
): Outcomes {
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
  }
}

const flag = fc.constantFrom(0, 0, 0, 1)

/** With what a learner thinks of each row and of what follows it. */
export const outcomeScenes = fc
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

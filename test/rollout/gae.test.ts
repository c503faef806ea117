// Generalised advantages against exact numbers and against their definition, summed the slow way.
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { gae } from '../../src/rollout/gae.ts'
import { discountedReturns, nStepReturns, type TimeLimit } from '../../src/rollout/returns.ts'
import type { Outcomes } from '../../src/rollout/trajectory.ts'
import { expectClose } from '../support/matrices.ts'
import { outcomeScenes, outcomes } from '../support/outcome-scenes.ts'

describe('four steps with an end after the second', () => {
  const rewards = [1, 0, 2, 1]
  const values = [0.5, 0.4, 0.3, 0.2]
  const next = [0.4, 0.35, 0.2, 0.6]
  const config = { gamma: 0.9, lambda: 0.8 }

  it('that is a truncation: bootstrapped, and nothing comes back across it', () => {
    const { advantages, targets } = gae(outcomes(4, 1, { rewards, truncated: [0, 1, 0, 0] }), values, next, config)
    expectClose(advantages, [0.7988, -0.085, 2.8448, 1.34], 1e-15)
    expectClose(targets, [1.2988, 0.315, 3.1448, 1.54], 1e-15)
  })

  it('that is a termination: not bootstrapped either', () => {
    const { advantages } = gae(outcomes(4, 1, { rewards, terminated: [0, 1, 0, 0] }), values, next, config)
    expectClose(advantages, [0.572, -0.4, 2.8448, 1.34], 1e-15)
  })

  it('that is a truncation: taken for a termination, or dropped, as published code has it', () => {
    const cut = outcomes(4, 1, { rewards, truncated: [0, 1, 0, 0] })
    const terminated = gae(cut, values, next, { ...config, timeLimit: 'terminate' })
    expectClose(terminated.advantages, [0.572, -0.4, 2.8448, 1.34], 1e-15)
    const dropped = gae(cut, values, next, { ...config, timeLimit: 'drop' })
    expectClose(dropped.advantages, [0.86, 0, 2.8448, 1.34], 1e-15)
    expectClose(dropped.targets, [1.36, 0.4, 3.1448, 1.54], 1e-15)
    // The rules win over the clock: a termination stays one.
    const both = outcomes(4, 1, { rewards, terminated: [0, 1, 0, 0], truncated: [0, 1, 0, 0] })
    const kept = gae(both, values, next, { ...config, timeLimit: 'drop' })
    expectClose(kept.advantages, [0.572, -0.4, 2.8448, 1.34], 1e-15)
  })

  it('of two steps have two rewards and the value that follows them, or fewer at the end', () => {
    const cut = outcomes(4, 1, { rewards, truncated: [0, 1, 0, 0] })
    expectClose(nStepReturns(cut, 0.9, 2, values, next), [1.2835, 0.315, 3.386, 1.54], 1e-12)
    expectClose(nStepReturns(cut, 0.9, 2, values, next, 'terminate'), [1, 0, 3.386, 1.54], 1e-12)
    expectClose(nStepReturns(cut, 0.9, 2, values, next, 'drop'), [1.36, 0.4, 3.386, 1.54], 1e-12)
  })

  it('that is both counts as a termination', () => {
    const both = outcomes(4, 1, { rewards, terminated: [0, 1, 0, 0], truncated: [0, 1, 0, 0] })
    expectClose(gae(both, values, next, config).advantages, [0.572, -0.4, 2.8448, 1.34], 1e-15)
  })
})

describe('any rollout', () => {
  it('has sum over l of (gamma lambda)^l delta_(t+l), to the end of the episode, of the presence, or of the rollout', () => {
    fc.assert(
      fc.property(outcomeScenes, ({ scene, values, next, gamma, lambda }) => {
        const { advantages, targets } = gae(scene, values, next, { gamma, lambda })
        expectClose(advantages, byDefinition(scene, values, next, gamma, lambda), 1e-12)
        const sums = advantages.map((a, row) => (scene.present[row] === 1 ? a + values[row]! : 0))
        expectClose(targets, sums, 1e-12)
      }),
    )
  })

  it('with lambda 1 has the return of all rewards, where V of the next observation is that of the row that follows', () => {
    fc.assert(
      fc.property(outcomeScenes, ({ scene, values, next, gamma }) => {
        const { sequences, present, terminated, truncated } = scene
        const consistent = next.map((value, row) => {
          const following = row + sequences
          const goesOn = terminated[row] === 0 && truncated[row] === 0 && present[following] === 1
          return goesOn ? values[following]! : value
        })
        const { targets } = gae(scene, values, consistent, { gamma, lambda: 1 })
        expectClose(targets, discountedReturns(scene, gamma, consistent), 1e-11)
      }),
    )
  })

  it('with lambda 0 has one reward and the value that follows', () => {
    fc.assert(
      fc.property(outcomeScenes, ({ scene, values, next, gamma }) => {
        const oneStep = [...scene.present.keys()].map(row =>
          scene.present[row] === 0 ? 0 : scene.rewards[row]! + gamma * (1 - scene.terminated[row]!) * next[row]!,
        )
        expectClose(gae(scene, values, next, { gamma, lambda: 0 }).targets, oneStep, 1e-11)
      }),
    )
  })
})

describe('returns of n steps', () => {
  it('are a reward and what the return of n - 1 steps is from the next row on', () => {
    const limits = fc.constantFrom<TimeLimit>('bootstrap', 'terminate', 'drop')
    fc.assert(
      fc.property(
        outcomeScenes,
        fc.integer({ min: 1, max: 9 }),
        limits,
        ({ scene, values, next, gamma }, count, limit) => {
          const { sequences, present, terminated, truncated, rewards } = scene
          const from = (row: number, n: number): number => {
            const isCut = truncated[row] === 1 && terminated[row] === 0
            if (isCut && limit === 'drop') return values[row]!
            if (terminated[row] === 1 || (isCut && limit === 'terminate')) return rewards[row]!
            const goesOn = !isCut && n > 1 && present[row + sequences] === 1
            return rewards[row]! + gamma * (goesOn ? from(row + sequences, n - 1) : next[row]!)
          }
          const expected = Array.from(present, (there, row) => (there === 1 ? from(row, count) : 0))
          expectClose(nStepReturns(scene, gamma, count, values, next, limit), expected, 1e-11)
        },
      ),
    )
  })
})

function byDefinition(
  { steps, sequences, rewards, present, terminated, truncated }: Outcomes,
  values: readonly number[],
  next: readonly number[],
  gamma: number,
  lambda: number,
): number[] {
  return [...present.keys()].map(row => {
    let sum = 0
    for (let l = 0, at = row; at < steps * sequences && present[at] === 1; l++, at += sequences) {
      const delta = rewards[at]! + gamma * (1 - terminated[at]!) * next[at]! - values[at]!
      sum += (gamma * lambda) ** l * delta
      if (terminated[at] === 1 || truncated[at] === 1) break
    }
    return sum
  })
}

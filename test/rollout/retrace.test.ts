// Retrace against exact numbers, against its definition summed the slow way, and at its fixed point.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gae } from '../../src/rollout/gae.ts'
import { retrace } from '../../src/rollout/retrace.ts'
import type { TimeLimit } from '../../src/rollout/returns.ts'
import { expectClose } from '../support/matrices.ts'
import { outcomes, scenes } from '../support/outcomes.ts'

/** By hand, with the recursion of openai/baselines (acer.py, q_retrace): ratios .5, 2, 1, .25, an end after the third step. */
describe('four steps', () => {
  const rewards = [1, 0, 2, -1]
  const q = [0.4, 1.2, 1, 0.3]
  const nextValues = [1, 1.5, 0.2, 0.8]
  const traces = [0.5, 1, 1, 0.25]
  const config = { gamma: 0.9, lambda: 1 }

  it('have its targets', () => {
    const ended = outcomes(4, 1, { rewards, terminated: [0, 0, 1, 0] })
    expectClose(retrace(ended, { q, nextValues, traces }, config), [2.845, 2.25, 2, -0.28], 1e-14)
  })

  it('where a time limit cuts them: what follows has its value, none, or nothing is learnt', () => {
    const cut = outcomes(4, 1, { rewards, truncated: [0, 0, 1, 0] })
    const by = (timeLimit: TimeLimit) => retrace(cut, { q, nextValues, traces }, { ...config, timeLimit })
    // 2 + 0.9 * 0.2; 0.9 * (1.5 + 1.18); 1 + 0.9 * (1 + 2.412 - 1.2)
    expectClose(by('bootstrap'), [2.9908, 2.412, 2.18, -0.28], 1e-14)
    expectClose(by('terminate'), [2.845, 2.25, 2, -0.28], 1e-14)
    expectClose(by('drop'), [1 + 0.9 * (1 + 1.35 - 1.2), 1.35, 1, -0.28], 1e-14)
    // The rules win over the clock.
    const both = outcomes(4, 1, { rewards, terminated: [0, 0, 1, 0], truncated: [0, 0, 1, 0] })
    expectClose(retrace(both, { q, nextValues, traces }, { ...config, timeLimit: 'drop' }), [2.845, 2.25, 2, -0.28], 1e-14) // biome-ignore format: one line
  })
})

it('an agent that waits discounts by the steps of the game that it waited', () => {
  const scene = outcomes(2, 1, { rewards: [1, 2], durations: [3, 2] })
  const targets = retrace(scene, { q: [0, 5], nextValues: [4, 8], traces: [1, 0.5] }, { gamma: 0.5, lambda: 1 })
  const second = 2 + 0.25 * 8
  expectClose(targets, [1 + 0.125 * (4 + 0.5 * (second - 5)), second], 1e-15)
})

it.each([0, 0.4, 1])('Q of the policy is its fixed point whatever was done, lambda %d', lambda => {
  // States 0 and 1, action 1 switches: r = (0, 1; 2, .5), pi = (.8, .2; .3, .7), gamma .9.
  const r = [0, 1, 2, 0.5]
  const qPi = [3.135165, 4.876923, 5.876923, 3.635165]
  const vPi = [3.483516, 4.307692]
  const pi = [0.8, 0.2, 0.3, 0.7]
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(0, 1), fc.double({ min: 0.05, max: 1, noNaN: true })), { minLength: 1, maxLength: 20 }), done => {
      let state = 0
      const rows = done.map(([action, mu]) => {
        const at = 2 * state + action
        if (action === 1) state = 1 - state
        return { reward: r[at]!, q: qPi[at]!, next: vPi[state]!, ratio: pi[at]! / mu }
      })
      const scene = outcomes(rows.length, 1, { rewards: rows.map(({ reward }) => reward) })
      const known = { q: rows.map(({ q }) => q), nextValues: rows.map(({ next }) => next), traces: rows.map(({ ratio }) => Math.min(1, ratio)) } // biome-ignore format: one line
      expectClose(retrace(scene, known, { gamma: 0.9, lambda }), known.q, 1e-5)
    }),
  ) // biome-ignore format: one line
})

describe('any rollout', () => {
  const limits = fc.constantFrom<TimeLimit>('bootstrap', 'terminate', 'drop')

  it('has Q + sum over l of gamma^l c ... c delta_(t+l), to the end of the episode, of the presence, or of the rollout', () => {
    fc.assert(
      fc.property(scenes, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), limits, ({ scene, values: q, next, gamma, lambda }, stream, limit) => {
        const traces = q.map(() => stream.next().value)
        const { steps, sequences, present, terminated, truncated, rewards } = scene
        const expected = q.map((_, row) => {
          if (present[row] === 0) return 0
          let [sum, weight] = [q[row]!, 1]
          for (let at = row; at < steps * sequences && present[at] === 1; at += sequences) {
            if (at > row) weight *= gamma * lambda * traces[at]!
            const isCut = truncated[at] === 1 && terminated[at] === 0
            if (isCut && limit === 'drop') break
            const goesOn = terminated[at] === 0 && !(isCut && limit === 'terminate')
            sum += weight * (rewards[at]! + (goesOn ? gamma * next[at]! : 0) - q[at]!)
            if (terminated[at] === 1 || isCut) break
          }
          return sum
        })
        const found = retrace(scene, { q, nextValues: next, traces }, { gamma, lambda, timeLimit: limit })
        expectClose(found, expected, 1e-10)
      }),
    ) // biome-ignore format: one line
  })

  it('that was played by the policy itself has the targets of TD(lambda), where Q of what is done next is V of what is seen next', () => {
    fc.assert(
      fc.property(scenes, limits, ({ scene, values, next, gamma, lambda }, timeLimit) => {
        const traces = values.map(() => 1)
        const found = retrace(scene, { q: values, nextValues: next, traces }, { gamma, lambda, timeLimit })
        expectClose(found, gae(scene, values, next, { gamma, lambda, timeLimit }).targets, 1e-10)
      }),
    )
  })

  it('without traces has one reward and the value that follows', () => {
    fc.assert(
      fc.property(scenes, ({ scene, values: q, next, gamma }) => {
        const none = retrace(scene, { q, nextValues: next, traces: q.map(() => 0) }, { gamma, lambda: 1 })
        expect(none).toEqual(retrace(scene, { q, nextValues: next, traces: q.map(() => 1) }, { gamma, lambda: 0 }))
      }),
    )
  })
})

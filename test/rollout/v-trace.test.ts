// V-trace against exact numbers, against its definition summed the slow way, and where its values come to rest.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gae } from '../../src/rollout/gae.ts'
import type { TimeLimit } from '../../src/rollout/returns.ts'
import type { Outcomes } from '../../src/rollout/trajectory.ts'
import { type TraceConfig, vTrace } from '../../src/rollout/v-trace.ts'
import { expectClose } from '../support/matrices.ts'
import { outcomes, scenes } from '../support/outcomes.ts'

const paper = { lambda: 1, valueRatioClip: 1, traceRatioClip: 1, policyRatioClip: 1 } as const
const logOf = (ratios: readonly number[]) => ratios.map(Math.log)
/** What the policy's gradient weighs by, min(clip, rho) A. */
const weighed = ({ advantages, weights }: ReturnType<typeof vTrace>) => advantages.map((a, row) => a * weights[row]!)

// Equation (1) and section 4.2 of Espeholt et al. (2018) in double precision, by numpy.
describe('four steps with an end after the third', () => {
  const rewards = [1, 0, 2, -1]
  const values = [0.5, 1, 1.5, 0.2]
  const next = [1, 1.5, 7, 0.8]
  const scene = outcomes(4, 1, { rewards, terminated: [0, 0, 1, 0] })

  it('have these targets and advantages', () => {
    const traces = vTrace(scene, values, next, logOf([0.5, 2, 1, 0.25]), { ...paper, gamma: 0.9 })
    expectClose(traces.targets, [1.56, 1.8, 2, 0.08], 1e-12)
    expectClose(weighed(traces), [1.06, 0.8, 0.5, -0.12], 1e-12)
    expectClose(traces.ratios, [0.5, 2, 1, 0.25], 1e-12)
  })

  it('have returns for targets where the policy is the one that played', () => {
    const { targets } = vTrace(scene, values, next, [0, 0, 0, 0], { ...paper, gamma: 0.9 })
    expectClose(targets, [2.62, 1.8, 2, -0.28], 1e-12)
  })
})

describe('three steps with a truncation after the second', () => {
  const cut = outcomes(3, 1, { rewards: [1, 2, 4], truncated: [0, 1, 0] })
  const [values, next] = [[1, 2, 3], [2, 8, 5]] // biome-ignore format: a table
  const traces = (timeLimit: TimeLimit, ratios = [0.5, 0.5, 0.5]) =>
    vTrace(cut, values, next, logOf(ratios), { ...paper, gamma: 0.5, timeLimit })

  it('go on with the value of what would have followed, and hand back nothing of the next episode', () => {
    // delta = 2 + .5 8 - 2 = 4, vs = 2 + .5 4; delta = 1 + .5 2 - 1 = 1, vs = 1 + .5 (1 + .5 (4 - 2))
    expectClose(traces('bootstrap').targets, [2, 4, 3 + 0.5 * 3.5], 1e-12)
    expectClose(traces('bootstrap').advantages, [2, 4, 3.5], 1e-12)
  })

  it('are taken for an end, or dropped, as published code has it', () => {
    expectClose(traces('terminate').targets, [1.5, 2, 4.75], 1e-12)
    expectClose(traces('terminate').advantages, [1, 0, 3.5], 1e-12)
    expectClose(traces('drop').targets, [1.5, 2, 4.75], 1e-12)
    expectClose(traces('drop').advantages, [1, 0, 3.5], 1e-12)
  })
})

const clip = fc.oneof(fc.constant(null), fc.double({ min: 0.2, max: 3, noNaN: true }))
const configs: fc.Arbitrary<Omit<TraceConfig, 'gamma' | 'lambda'>> = fc.record({
  timeLimit: fc.constantFrom<TimeLimit>('bootstrap', 'terminate', 'drop'),
  valueRatioClip: clip,
  traceRatioClip: clip,
  policyRatioClip: clip,
})
const many = 21
const logRatios = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: many, maxLength: many })
const durations = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: many, maxLength: many })

describe('any rollout', () => {
  it('has V + sum over t of the discounts, the product of the traces before, and rho_t delta_t', () => {
    fc.assert(
      fc.property(scenes, configs, logRatios, durations, fc.boolean(), (drawn, clips, logs, lasting, counts) => {
        const { values, next, gamma, lambda } = drawn
        const scene = { ...drawn.scene, ...(counts ? { durations: Uint32Array.from(lasting) } : {}) }
        const config = { ...clips, gamma, lambda }
        const traces = vTrace(scene, values, next, logs, config)
        const expected = byDefinition(scene, values, next, logs, config)
        expectClose(traces.targets, expected.map(({ target }) => target), 1e-9) // biome-ignore format: one line
        expectClose(traces.advantages, expected.map(({ advantage }) => advantage), 1e-9) // biome-ignore format: one line
      }),
    )
  })

  it('has generalised advantages where the policy is the one that played, to the bit', () => {
    fc.assert(
      fc.property(scenes, configs, ({ scene, values, next, gamma, lambda }, { timeLimit }) => {
        const config = { ...paper, gamma, lambda, ...(timeLimit === undefined ? {} : { timeLimit }) }
        const { advantages, targets, weights } = vTrace(scene, values, next, new Float64Array(many), config)
        expect({ advantages, targets }).toEqual(gae(scene, values, next, config))
        expect([...weights]).toEqual([...scene.present])
      }),
    )
  })
})

// Two states, two actions: 0 stays, 1 switches. All solved exactly by numpy.
describe('the values of a policy that another one plays for', () => {
  const gamma = 0.9
  const pays = [[0, 1], [2, 0.5]] // biome-ignore format: a table
  const pi = [[0.8, 0.2], [0.3, 0.7]] // biome-ignore format: a table
  const mu = [[0.4, 0.6], [0.5, 0.5]] // biome-ignore format: a table

  /** Where expected updates over all paths of three steps come to rest. */
  const settled = (valueRatioClip: number | null, traceRatioClip: number | null, lambda = 1) => {
    let v = [0, 0]
    for (let round = 0; round < 300; round++) v = [0, 1].map(state => expected(state, v))
    return v
    function expected(first: number, v: readonly number[]): number {
      let sum = 0
      for (let path = 0; path < 8; path++) {
        const states = [first]
        const [rewards, ratios] = [[] as number[], [] as number[]]
        let chance = 1
        for (let step = 0; step < 3; step++) {
          const [state, action] = [states[step]!, (path >> step) & 1]
          rewards.push(pays[state]![action]!)
          ratios.push(pi[state]![action]! / mu[state]![action]!)
          chance *= mu[state]![action]!
          states.push(action === 0 ? state : 1 - state)
        }
        const [values, next] = [states.slice(0, 3), states.slice(1)].map(of => of.map(state => v[state]!))
        const config = { gamma, lambda, valueRatioClip, traceRatioClip, policyRatioClip: 1 }
        sum += chance * vTrace(outcomes(3, 1, { rewards }), values!, next!, logOf(ratios), config).targets[0]!
      }
      return sum
    }
  }

  it.each([
    [0.5, [8.375, 9.125]],
    [1, [5.606061, 6.363636]],
    [1.5, [4.149215, 4.882199]],
    [2, [3.483516, 4.307692]],
    [null, [3.483516, 4.307692]],
  ])('are with rho-bar %s those of the policy min(rho-bar mu, pi), whatever c-bar and lambda', (valueRatioClip, v) => {
    for (const traceRatioClip of [0.3, 1, null]) expectClose(settled(valueRatioClip, traceRatioClip), v, 1e-6)
    expectClose(settled(valueRatioClip, 1, 0.5), v, 1e-6)
  })
})

function byDefinition(
  { steps, sequences, rewards, present, terminated, truncated, durations }: Outcomes,
  values: readonly number[],
  next: readonly number[],
  logs: readonly number[],
  { gamma, lambda, timeLimit, valueRatioClip, traceRatioClip }: TraceConfig,
) {
  const least = (row: number, most: number | null) => Math.min(most ?? Number.POSITIVE_INFINITY, Math.exp(logs[row]!))
  const isCut = (row: number) => truncated[row] === 1 && terminated[row] === 0
  const ends = (row: number) => terminated[row] === 1 || (isCut(row) && timeLimit === 'terminate')
  const discount = (row: number) => (ends(row) ? 0 : gamma ** (durations?.[row] ?? 1))
  const delta = (row: number) => rewards[row]! + discount(row) * next[row]! - values[row]!
  const isDropped = (row: number) => isCut(row) && timeLimit === 'drop'
  /** vs - V */
  const correction = (row: number): number => {
    let [sum, product] = [0, 1]
    for (let at = row; at < steps * sequences && present[at] === 1 && !isDropped(at); at += sequences) {
      sum += product * least(at, valueRatioClip) * delta(at)
      if (ends(at) || truncated[at] === 1) break
      product *= discount(at) * lambda * least(at, traceRatioClip)
    }
    return sum
  }
  return Array.from(present, (there, row) => {
    if (there === 0) return { target: 0, advantage: 0 }
    const later = row + sequences
    const goesOn = !ends(row) && truncated[row] === 0 && later < steps * sequences && present[later] === 1
    const advantage = delta(row) + (goesOn ? discount(row) * lambda * correction(later) : 0)
    return { target: values[row]! + correction(row), advantage: isDropped(row) ? 0 : advantage }
  })
}

// The weight of the entropy: which way it moves, how fast, and that it goes on where it was.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixedWeight, learntWeight } from '../../src/maddpg/entropy-weight.ts'

const aim = 0.5
const config = { learningRate: () => 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }

describe('a learnt weight', () => {
  it('grows while the entropy is below its aim and falls while it is above', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 10, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }).filter(entropy => Math.abs(entropy - aim) > 1e-3),
        (first, entropy) => {
          const weight = learntWeight(first, config)
          let before = weight.value
          for (let step = 0; step < 5; step++) {
            weight.learn(entropy, aim)
            expect(Math.sign(weight.value - before)).toBe(Math.sign(aim - entropy))
            before = weight.value
          }
          expect(weight.value).toBeGreaterThan(0)
        },
      ),
    )
  })

  it('takes a first step of the learning rate in its logarithm, as Adam does', () => {
    const weight = learntWeight(0.2, config)
    weight.learn(0.1, aim)
    expect(Math.log(weight.value / 0.2)).toBeCloseTo(0.01, 6)
  })

  it('agrees with Adam in plain numbers over several steps, the learning rate that of the moment', () => {
    let rate = 0.01
    const weight = learntWeight(1, { ...config, learningRate: () => rate })
    let [logWeight, m, v] = [0, 0, 0]
    for (let t = 1; t <= 5; t++) {
      rate = 0.01 / t
      const gradient = t * 0.2 - aim
      m = 0.9 * m + 0.1 * gradient
      v = 0.999 * v + 0.001 * gradient ** 2
      logWeight -= (rate * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8 / Math.sqrt(1 - 0.999 ** t))
      weight.learn(t * 0.2, aim)
    }
    expect(weight.value).toBeCloseTo(Math.exp(logWeight), 12)
  })

  it('goes on with the same bits once restored', () => {
    const weight = learntWeight(0.3, config)
    weight.learn(0.1, aim)
    weight.learn(0.7, aim)
    const restored = learntWeight(1, config)
    restored.restore(weight.save())
    for (const one of [weight, restored]) one.learn(0.2, aim)
    expect(restored.value).toBe(weight.value)
  })
})

it('a fixed weight stays as it is', () => {
  const weight = fixedWeight(0.4)
  weight.learn(-5, aim)
  expect(weight.value).toBe(0.4)
})

// Stein's directions: particles come to be samples of the posterior, as far as is known of so many; one alone climbs.
import { describe, expect, it } from 'vitest'
import { steinDirections } from '../../src/policy-gradient/stein.ts'

/** Where particles of one number each end that begin evenly in -3 ... 3. */
function settled(count: number, gradient: (theta: number) => number, config: Parameters<typeof steinDirections>[2]) {
  let particles = Array.from({ length: count }, (_, i) => Float64Array.of(count === 1 ? 0 : (6 * i) / (count - 1) - 3))
  let speeds = particles.map(() => 0)
  for (let step = 0; step < 500; step++) {
    const gradients = particles.map(([theta]) => Float64Array.of(gradient(theta!)))
    const { directions } = steinDirections(particles, gradients, config)
    speeds = speeds.map((speed, i) => 0.9 * speed + 0.5 * directions[i]![0]!)
    particles = particles.map(([theta], i) => Float64Array.of(theta! + speeds[i]!))
  }
  const values = particles.map(([theta]) => theta!)
  const mean = values.reduce((sum, theta) => sum + theta, 0) / count
  return { values, mean, variance: values.reduce((sum, theta) => sum + (theta - mean) ** 2, 0) / count }
}

describe('particles', () => {
  it('are samples of a Gaussian posterior: N(1.778, 0.444), a little narrower with so few', () => {
    // J = -(theta - 2)^2 / 2, prior N(0, 4), alpha 0.5.
    const { mean, variance } = settled(50, theta => 2 - theta, { temperature: 0.5, priorDeviation: 2 })
    expect(mean).toBeCloseTo(1.7778, 3)
    expect(variance).toBeCloseTo(0.4156, 2)
  })

  it('go to the mode where one is alone', () => {
    const { mean } = settled(1, theta => 2 - theta, { temperature: 0.5, priorDeviation: 2 })
    expect(mean).toBeCloseTo(16 / 9, 6)
  })

  it('are samples of the posterior of a bandit with two arms: E theta 2.857, variance 1.457, E pi 0.913', () => {
    // theta is the logit of the arm that pays 1: J = pi, dJ = pi (1 - pi); alpha 0.1, prior N(0, 4).
    const pi = (theta: number) => 1 / (1 + Math.exp(-theta))
    const slope = (theta: number) => pi(theta) * (1 - pi(theta))
    const { values, mean, variance } = settled(50, slope, { temperature: 0.1, priorDeviation: 2 })
    expect(Math.abs(mean - 2.8568)).toBeLessThan(0.05)
    expect(Math.abs(variance / 1.4565 - 1)).toBeLessThan(0.12)
    expect(Math.abs(values.reduce((sum, theta) => sum + pi(theta), 0) / 50 - 0.91321)).toBeLessThan(0.01)
  })

  it('are driven together by a gradient that one of them has, and apart by the kernel alone', () => {
    const particles = [Float64Array.of(0, 0), Float64Array.of(1, 0)]
    const none = [new Float64Array(2), new Float64Array(2)]
    const apart = steinDirections(particles, none, { temperature: 1, priorDeviation: null })
    expect(apart.directions[0]![0]).toBeLessThan(0)
    expect(apart.directions[1]![0]).toBeCloseTo(-apart.directions[0]![0]!, 12)
    expect(apart.directions[0]![1]).toBe(0)
    // Of the four squared distances 0, 0, 1, 1 the median is 0.5: k = exp(-log(3) / 0.5) = 1/9.
    expect(apart.similarity).toBeCloseTo(1 / 9, 12)
    const driven = steinDirections(particles, [Float64Array.of(0, 1), new Float64Array(2)], {
      temperature: 1e-9,
      priorDeviation: null,
    })
    expect(driven.directions.map(direction => direction[1])).toEqual([0.5, expect.closeTo(1 / 18, 12)])
  })
})

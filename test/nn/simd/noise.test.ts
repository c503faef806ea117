// The counter-based noise of the kernels: its definition bit for bit, and whether that definition is good noise.
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { instantiateKernels, type Kernels } from '../../../src/nn/simd/kernels.ts'
import { createNoise, createRandom } from '../../../src/random.ts'
import { expectSameBits } from '../../support/matrices.ts'
import { plainUniform } from '../../support/plain-noise.ts'

let kernels: Kernels
let numbers: Float32Array
beforeAll(async () => {
  const memory = new WebAssembly.Memory({ initial: 512, maximum: 65536, shared: true })
  kernels = await instantiateKernels(memory)
  numbers = new Float32Array(memory.buffer)
})

describe('the noise', () => {
  const draw = (key: { low: number; high: number }, count: number, from = 0) => {
    kernels.uniforms(1 << 20, from, count, key.low, key.high)
    return numbers.slice(1 << 18, (1 << 18) + count)
  }

  it('is the plain definition, bit for bit', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(0xffffffff), fc.nat(0x7fffff00), (low, high, from) => {
        const expected = Float32Array.from({ length: 9 }, (_, i) => plainUniform({ low, high }, from + i))
        expectSameBits(draw({ low, high }, 9, from), expected)
      }),
    )
    // A golden value, so that the definition does not drift: computed once by plainUniform.
    expect(plainUniform({ low: 1, high: 2 }, 3)).toBe(0.6081599593162537)
  })

  it('is strictly inside (0, 1), evenly spread, in every stretch of its range', () => {
    const count = 1 << 20
    const key = createNoise(1, 'uniform').next()
    const values = draw(key, count)
    const bins = new Uint32Array(256)
    let [least, most] = [1, 0]
    for (const u of values) {
      bins[Math.floor(u * 256)]!++
      least = Math.min(least, u)
      most = Math.max(most, u)
    }
    expect(least).toBeGreaterThan(0)
    expect(most).toBeLessThan(1)
    // The extremes of the formula in float32: 2^-24 and 1 - 2^-24.
    expect(Math.fround(0.5 / 2 ** 23)).toBe(2 ** -24)
    expect(Math.fround((2 ** 23 - 0.5) / 2 ** 23)).toBe(1 - 2 ** -24)
    const expected = count / 256
    const chi = bins.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
    // 255 degrees of freedom: mean 255, standard deviation 22.6; six of them on either side.
    expect(chi).toBeGreaterThan(255 - 6 * 22.6)
    expect(chi).toBeLessThan(255 + 6 * 22.6)
    // Its low bits as well: the last 8 of the 23.
    const low = new Uint32Array(256)
    for (const u of values) low[Math.floor(u * 2 ** 23) & 255]!++
    const chiLow = low.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
    expect(Math.abs(chiLow - 255)).toBeLessThan(6 * 22.6)
  })

  it('does not correlate: neighbouring elements, rows of five, neighbouring keys and rounds', () => {
    const count = 1 << 16
    const noise = createNoise(2, 'correlation')
    const key = noise.next()
    const base = draw(key, count)
    const others = [
      ...[1, 2, 4, 5, 18, 1024, 4096].map(lag => draw(key, count, lag)),
      ...[1, 2, -1, 0x10000, 0x80000000].map(d => draw({ low: (key.low + d) | 0, high: key.high }, count)),
      ...[1, 2, -1, 0x10000, 0x80000000].map(d => draw({ low: key.low, high: (key.high + d) | 0 }, count)),
      // The multiplier itself: a key that shifts the elements by one before the rounds.
      draw({ low: (key.low + 0x9e3779b9) | 0, high: key.high + 1 }, count),
      draw(noise.next(), count),
      draw(createNoise(3, 'correlation').next(), count),
    ]
    for (const other of others) {
      let sum = 0
      for (let i = 0; i < count; i++) sum += (base[i]! - 0.5) * (other[i]! - 0.5)
      // Of independent numbers: mean 0, standard deviation 1 / 12 / sqrt(count); five of them.
      expect(Math.abs(12 * sum) / count).toBeLessThan(5 / Math.sqrt(count))
    }
  })

  it('flips each output bit half the time, whichever bit of element or key flips', () => {
    const samples = 4000
    const random = createRandom(5)
    for (let bit = 0; bit < 32; bit++) {
      for (const word of ['element', 'low', 'high'] as const) {
        const flips = new Uint32Array(23)
        for (let s = 0; s < samples; s++) {
          const at = { element: random.bits() | 0, low: random.bits() | 0, high: random.bits() | 0 }
          const other = { ...at, [word]: at[word] ^ (1 << bit) }
          const difference = (plainUniform(at, at.element) * 2 ** 23) ^ (plainUniform(other, other.element) * 2 ** 23)
          for (let b = 0; b < 23; b++) flips[b]! += (difference >>> b) & 1
        }
        // Six standard deviations of a fair coin.
        for (const n of flips) expect(Math.abs(n / samples - 0.5)).toBeLessThan((6 * 0.5) / Math.sqrt(samples))
      }
    }
  })
})

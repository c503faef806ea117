// Every random number of a run comes from a stream named here: the same seed and name give the same numbers, whatever
// else is drawn elsewhere.
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'
import { cos, log } from './elementary.ts'
import type { Saved, Stateful } from './types.ts'

/** A stream of random numbers with a state that can be saved (xoroshiro128+, Blackman and Vigna 2018). */
export interface Random extends Stateful {
  /** A double in [0, 1), 53 random bits. */
  uniform(): number
  /** A double in [low, high). */
  between(low: number, high: number): number
  /** A whole number in 0 ... count - 1, without bias. */
  integer(count: number): number
  /** 32 random bits, 0 ... 2^32 - 1. */
  bits(): number
}

/** The stream that belongs to a seed and a path of names: `createRandom(1, 'game', 3)`. */
export function createRandom(seed: number, ...path: readonly (string | number)[]): Random {
  let generator = xoroshiro128plusFromState(hashWords(seed, path))
  // The top 27 and 26 bits of two draws: the lowest bit of xoroshiro128+ is its weakest.
  const uniform = () => ((generator.next() >>> 5) * 67108864 + (generator.next() >>> 6)) / 9007199254740992
  // Most streams are asked for one and the same count: what follows from it is worked out when it changes.
  let counted = 1
  let limit = 4294967296
  return {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    bits: () => generator.next() >>> 0,
    integer(count) {
      if (count !== counted) {
        counted = count
        limit = 4294967296 - (4294967296 % count)
      }
      let draw = generator.next() >>> 0
      while (draw >= limit) draw = generator.next() >>> 0
      const whole = count >>> 0
      // The remainder of unsigned words is an instruction, that of doubles a function.
      return whole === count ? draw % whole : draw % count
    },
    save: () => Int32Array.from(generator.getState()),
    restore(saved) {
      generator = xoroshiro128plusFromState([...(saved as Int32Array)])
    },
  }
}

/** Names one draw of a whole matrix of noise. Element e of the draw is a function of this key and e alone. */
export interface NoiseKey {
  readonly low: number
  readonly high: number
}

/** Counter-based noise: the n-th matrix drawn from a stream is f(seed, path, n, element), in whatever order it is filled. */
export interface Noise extends Stateful {
  /** The key of the next draw. */
  next(): NoiseKey
}

/** The noise stream that belongs to a seed and a path of names. */
export function createNoise(seed: number, ...path: readonly (string | number)[]): Noise {
  const [low, high] = hashWords(seed, path) as [number, number]
  let round = 0
  return {
    next() {
      const key = { low: mix(low + Math.imul(round, 0x9e3779b9)), high: mix(high ^ round) }
      round++
      return key
    },
    save: () => round,
    restore(saved: Saved) {
      round = saved as number
    },
  }
}

/**
 * The uniform number of an element, strictly inside (0, 1): (k + 0.5) / 2^23, k the upper 23 bits of
 * mix(mix(element * 0x9e3779b9 + low) + high) modulo 2^32. The kernels compute the same bits.
 */
export function noiseUniform({ low, high }: NoiseKey, element: number): number {
  const bits = mix(mix(Math.imul(element, 0x9e3779b9) + low) + high)
  return ((bits >>> 9) + 0.5) / 8388608
}

/** The key of a further draw that belongs to one: where several numbers per element are needed. Distinct for every index from 0. */
export function derivedKey({ low, high }: NoiseKey, index: number): NoiseKey {
  return { low: mix(low + Math.imul(index + 1, 0x9e3779b9)), high: mix(high ^ (index + 1)) }
}

/** A standard normal number, from the noise of two elements (Box and Muller 1958). */
export function noiseNormal(noise: NoiseKey, first: number, second: number): number {
  return Math.sqrt(-2 * log(noiseUniform(noise, first))) * cos(2 * Math.PI * noiseUniform(noise, second))
}

/** 128 bits from a seed and a path: FNV-1a over the characters, four times with different starts, then mixed. */
function hashWords(seed: number, path: readonly (string | number)[]): number[] {
  const text = [seed, ...path].join('/')
  const words = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35].map(start => {
    let hash = start
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
    return hash
  })
  let carried = 0
  return words.map(word => (carried = mix(word ^ carried) | 0))
}

/** Avalanche of 32 bits ("lowbias32", Wellons 2018): every input bit flips every output bit with probability near one half. */
export function mix(word: number): number {
  let x = word >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}

// Strategy sobol: a low-discrepancy sequence (Sobol 1967), so that few trials cover the space evenly; scrambled by the seed.
import { ConfigError } from '../errors.ts'
import { createRandom, mix } from '../random.ts'
import { directionNumbers } from './direction-numbers.ts'
import type { Space, SpacePoint } from './space.ts'
import type { Strategy } from './strategy.ts'

/** Dimensions that there are direction numbers for. */
const most = directionNumbers.length + 1

/** @throws ConfigError where the space has more dimensions than there are direction numbers */
export function sobolStrategy({ dimensions }: Space, seed: number, scramble: boolean): Strategy {
  if (dimensions.length > most) {
    throw new ConfigError(
      'space',
      `strategy sobol has at most ${most} dimensions, got ${dimensions.length}; use random`,
    )
  }
  const sequence = sobolSequence(dimensions.length, scramble ? seed : null)
  return { size: 2 ** 32, learns: false, suggest: trial => sequence(trial) }
}

/**
 * Points of the Sobol sequence in Gray-code order (Antonov and Saleev 1979), [dimensions] in [0, 1) with 32 bits. With a seed every
 * dimension gets Owen's nested uniform scramble by a hash (Burley 2020, "Practical hash-based Owen scrambling", listing 1): each bit is
 * flipped by a function of all bits above it, so the stratification stays.
 */
export function sobolSequence(dimensions: number, seed: number | null): (index: number) => SpacePoint {
  const directions = Array.from({ length: dimensions }, (_, dimension) => directionsOf(dimension))
  const keys =
    seed === null ? null : directions.map((_, dimension) => createRandom(seed, 'sweep', 'sobol', dimension).bits())
  return index => {
    const gray = (index ^ (index >>> 1)) >>> 0
    return directions.map((numbers, dimension) => {
      let bits = 0
      for (let bit = 0; bit < 32; bit++) if ((gray >>> bit) & 1) bits ^= numbers[bit]!
      return (keys === null ? bits >>> 0 : scrambled(bits, keys[dimension]!)) / 2 ** 32
    })
  }
}

/** [32] direction numbers as binary fractions: bit b of the index flips number b. The first dimension is van der Corput's. */
function directionsOf(dimension: number): number[] {
  if (dimension === 0) return Array.from({ length: 32 }, (_, bit) => (1 << (31 - bit)) >>> 0)
  const [a, first] = directionNumbers[dimension - 1]!
  const degree = first.length
  const numbers = first.map((m, bit) => (m << (31 - bit)) >>> 0)
  for (let bit = degree; bit < 32; bit++) {
    let next = numbers[bit - degree]! ^ (numbers[bit - degree]! >>> degree)
    for (let k = 1; k < degree; k++) if ((a >>> (degree - 1 - k)) & 1) next ^= numbers[bit - k]!
    numbers.push(next >>> 0)
  }
  return numbers
}

/** Owen's scramble: in reversed bits, a permutation of Laine and Karras in which low bits influence high ones only. */
function scrambled(bits: number, key: number): number {
  let x = reversed(bits)
  x = (x + mix(key)) | 0
  x ^= Math.imul(x, 0x6c50b47c)
  x ^= Math.imul(x, 0xb82f1e52)
  x ^= Math.imul(x, 0xc7afe638)
  x ^= Math.imul(x, 0x8d22f6e6)
  return reversed(x)
}

function reversed(bits: number): number {
  let from = bits >>> 0
  let to = 0
  for (let bit = 0; bit < 32; bit++, from >>>= 1) to = (to << 1) | (from & 1)
  return to >>> 0
}

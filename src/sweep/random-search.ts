// Strategy random: independent points, uniform in the space (Bergstra and Bengio 2012).
import { createRandom } from '../random.ts'
import type { Space } from './space.ts'
import type { Strategy } from './strategy.ts'

export function randomStrategy({ dimensions }: Space, seed: number): Strategy {
  return {
    size: Number.POSITIVE_INFINITY,
    learns: false,
    suggest(trial) {
      const random = createRandom(seed, 'sweep', 'random', trial)
      return dimensions.map(() => random.uniform())
    },
  }
}

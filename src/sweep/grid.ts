// Strategy grid: every combination of the listed values, the last setting changing fastest.
import { ConfigError } from '../errors.ts'
import type { Space } from './space.ts'
import type { Strategy } from './strategy.ts'

/** @throws ConfigError where a range does not say how many points it has */
export function gridStrategy({ dimensions }: Space): Strategy {
  const lists = dimensions.map(({ key, grid }) => {
    if (grid !== null) return grid
    throw new ConfigError(
      `space.${key}`,
      'a grid needs to know how many points a range has; add points: 5, or list them',
    )
  })
  const size = lists.reduce((count, list) => count * list.length, 1)
  return {
    size,
    learns: false,
    suggest(trial) {
      let rest = trial
      return lists
        .toReversed()
        .map(list => {
          const place = list[rest % list.length]!
          rest = Math.floor(rest / list.length)
          return place
        })
        .toReversed()
    },
  }
}

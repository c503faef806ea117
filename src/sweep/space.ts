// The search space: dimensions in the order of the file; a point of the unit cube is a choice of settings.
import { ConfigError } from '../errors.ts'
import { type Dimension, dimensionOf } from './dimension.ts'

/** [dimensions], each from 0 to 1. */
export type SpacePoint = readonly number[]

/** Settings by `section.key`. */
export type SettingsChoice = Readonly<Record<string, unknown>>

export interface Space {
  readonly dimensions: readonly Dimension[]
  /** The settings at a point. */
  at(point: SpacePoint): SettingsChoice
}

/** Reads a space. @throws ConfigError with the path of the first wrong dimension */
export function spaceOf(given: Readonly<Record<string, unknown>>): Space {
  const dimensions = Object.entries(given).map(([key, values]) => {
    if (!/^[^.]+\../.test(key)) {
      throw new ConfigError(`space.${key}`, `expected a setting like learner.gamma, got '${key}'`)
    }
    return dimensionOf(key, values)
  })
  if (dimensions.length === 0) throw new ConfigError('space', 'expected at least one setting, got none')
  return {
    dimensions,
    at: point => Object.fromEntries(dimensions.map(({ key, at }, index) => [key, at(point[index]!)])),
  }
}

/** Most points that are looked at before a sweep begins. */
const most = 256

/**
 * Points at which settings are most likely to be refused: all corners of the space, or, where those are too many, every extreme of every
 * dimension beside the first of the others.
 */
export function cornersOf({ dimensions }: Space): SpacePoint[] {
  const all = dimensions.reduce((product, { corners }) => product * corners.length, 1)
  if (all > most) {
    const first = dimensions.map(({ corners }) => corners[0]!)
    return dimensions.flatMap(({ corners }, index) => corners.map(place => first.with(index, place)))
  }
  return product(dimensions.map(({ corners }) => corners))
}

/** Every combination, the last dimension changing fastest. */
export function product(lists: readonly (readonly number[])[]): SpacePoint[] {
  return lists.reduce<SpacePoint[]>(
    (points, list) => points.flatMap(point => list.map(place => [...point, place])),
    [[]],
  )
}

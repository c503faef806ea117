// The row between two frames' rows: things move along, angles turn the short way, and what is yes or no changes at once.
import type { PictureSchema } from '../envs/frame.ts'

/** `part` 0 is `from`, 1 is `to`. */
export type Blend = (from: Float32Array, to: Float32Array, part: number) => Float32Array

export function blendOf(schema: PictureSchema): Blend {
  const circles = circlesOf(schema)
  return (from, to, part) =>
    from.map((value, i) => {
      const circle = circles[i]!
      if (Number.isNaN(circle)) return value
      const way = to[i]! - value
      if (circle === Number.POSITIVE_INFINITY) return value + part * way
      return shortWay(value + part * shortWay(way, circle), circle)
    })
}

/** Per number of a row, the length of the circle that it lives on: infinite on a line, NaN where nothing is between. */
export function circlesOf({ arena, fields, size }: PictureSchema): Float64Array<ArrayBuffer> {
  const around = arena?.edge === 'wrap' ? 2 * arena.half : Number.POSITIVE_INFINITY
  const circles = new Float64Array(size).fill(Number.POSITIVE_INFINITY)
  for (const { name, offset, size } of fields) {
    if (name === 'position') circles.fill(around, offset, offset + size)
    else if (name === 'heading') circles.fill(2 * Math.PI, offset, offset + size)
    else if (name !== 'velocity') circles.fill(Number.NaN, offset, offset + size)
  }
  return circles
}

/** The same place on a circle, as -length / 2 ... length / 2. */
export function shortWay(difference: number, length: number): number {
  return difference - length * Math.round(difference / length)
}

// What a drawing shows at its moments: who is where, in pixels, and where nothing moved from one moment to the next.
import type { PictureSchema } from '../envs/frame.ts'
import { blendOf } from '../picture/blend.ts'
import { aim, type Camera, type Point } from '../picture/camera.ts'
import { actorColors, type Theme } from '../picture/colors.ts'
import { type Reading, readingOf } from '../picture/reading.ts'
import type { Timing } from './motion.ts'
import { type Take, trailFrames } from './take.ts'

export interface Scene {
  readonly schema: PictureSchema
  readonly camera: Camera
  readonly theme: Theme
  /** Per entity. */
  readonly colors: readonly string[]
  readonly reading: Reading
  /** One row for a picture, one per frame for an animation. */
  readonly rows: readonly Float32Array[]
  readonly timing: Timing
  /** [agents] What each did, in a picture of one moment of a grid. */
  readonly words: readonly (string | null)[]
  /** Per moment, the place of an entity in world units. */
  places(entity: number): (Point | null)[]
  /** The way that led to the one moment of a picture, its last place included; all moments of an animation. In pixels. */
  way(entity: number): { readonly places: (Point | null)[]; readonly breaks: boolean[] }
}

/** One moment: a frame, or where its number is no whole one, between two. */
export function momentOf(take: Take, at: number, pixels: number, theme: Theme): Scene {
  const { frames, schema } = take
  const reached = Math.min(Math.floor(at), frames.length - 1)
  const next = frames[reached + 1]
  const row =
    next === undefined || next.anew || at === reached
      ? frames[reached]!.row
      : blendOf(schema)(frames[reached]!.row, next.row, at - reached)
  const been = frames.slice(Math.max(0, reached - trailFrames), reached + 1)
  const past = { rows: [...been.map(frame => frame.row), row], anew: [...been.map(frame => frame.anew), false] }
  const words = schema.grid === undefined ? [] : (frames[reached]!.words ?? [])
  return sceneOf(take, pixels, theme, [row], past, { steps: 0, seconds: 0 }, words)
}

/** All frames, one after the other, and at the end the last one for a while. */
export function motionOf(take: Take, pixels: number, theme: Theme, stepSeconds: number): Scene {
  const rows = take.frames.map(frame => frame.row)
  const held = Math.max(1, Math.round(1.2 / stepSeconds))
  const steps = rows.length - 1 + held
  const anew = take.frames.map(frame => frame.anew)
  const padded = [...rows, ...Array.from({ length: held }, () => rows.at(-1)!)]
  return sceneOf(take, pixels, theme, padded, { rows, anew }, { steps, seconds: steps * stepSeconds })
}

function sceneOf(
  { schema }: Take,
  pixels: number,
  theme: Theme,
  rows: readonly Float32Array[],
  past: { readonly rows: readonly Float32Array[]; readonly anew: readonly boolean[] },
  timing: Timing,
  words: Scene['words'] = [],
): Scene {
  const camera = aim(pixels, schema.extent)
  const reading = readingOf(schema)
  // Over an edge that wraps nothing slides back through the arena.
  const longest = schema.arena?.edge === 'wrap' ? schema.arena.half : Number.POSITIVE_INFINITY
  const onCanvas = (place: Point | null) => place && { x: camera.x(place.x), y: camera.y(place.y) }
  return {
    schema,
    camera,
    theme,
    colors: actorColors(schema, theme),
    reading,
    rows,
    timing,
    words,
    places: entity => rows.map(row => reading.place(row, entity)),
    way(entity) {
      const places = past.rows.map(row => reading.place(row, entity))
      const breaks = places.map((place, i) => {
        const before = places[i - 1]
        return past.anew[i]! || (!!place && !!before && Math.hypot(place.x - before.x, place.y - before.y) > longest)
      })
      return { places: places.map(onCanvas), breaks }
    },
  }
}

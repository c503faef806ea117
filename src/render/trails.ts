// Trails: a line that fades and thins out into the past, drawn as several lines of different lengths.
import type { Point } from '../picture/camera.ts'
import { type Markup, tag } from '../picture/markup.ts'
import { animated, type Timing } from './motion.ts'
import { round } from './strokes.ts'
import { trailFrames } from './take.ts'

/** How far each line reaches back, as a part of the trail; where all lie on each other the trail is strongest. */
const layers = [
  { reach: 1, width: 1.2, opacity: 0.06 },
  { reach: 0.84, width: 1.7, opacity: 0.07 },
  { reach: 0.68, width: 2.1, opacity: 0.08 },
  { reach: 0.52, width: 2.5, opacity: 0.1 },
  { reach: 0.36, width: 2.9, opacity: 0.11 },
  { reach: 0.22, width: 3.3, opacity: 0.12 },
  { reach: 0.1, width: 3.7, opacity: 0.14 },
] as const

/** The trail that leads to the last place. `places` in pixels, oldest first; `breaks[i]`: nothing moved from i - 1 to i. */
export function trail(places: readonly (Point | null)[], breaks: readonly boolean[], color: string): Markup[] {
  return layers.map(({ reach, width, opacity }) => {
    const from = Math.max(0, places.length - 1 - Math.round(reach * trailFrames))
    const { path } = way(places.slice(from), breaks.slice(from))
    return tag('path', { d: path, ...look(color, width, opacity) })
  })
}

/** The same along a way, moving with the agent: dashes as long as the trail, pushed along the line. */
export function movingTrail(
  places: readonly (Point | null)[],
  breaks: readonly boolean[],
  timing: Timing,
  color: string,
): Markup[] {
  const { path, lengths } = way(places, breaks)
  const total = Math.ceil(lengths.at(-1)! + 1)
  if (total === 1) return []
  // While the drawing holds its last moment, the trail does too.
  const moments = Array.from({ length: timing.steps + 1 }, (_, i) => Math.min(i, places.length - 1))
  let begin = 0
  const begins = breaks.map((breaks, i) => (begin = breaks ? i : begin))
  return layers.map(({ reach, width, opacity }) => {
    const tails = moments.map(i => lengths[Math.max(begins[i]!, i - Math.round(reach * trailFrames))]!)
    return tag(
      'path',
      { d: path, ...look(color, width, opacity), 'stroke-dasharray': `0 ${total}` },
      animated(
        'stroke-dasharray',
        moments.map((i, n) => `${round(lengths[i]! - tails[n]!)} ${total}`),
        timing,
      ),
      animated(
        'stroke-dashoffset',
        tails.map(tail => String(-round(tail))),
        timing,
      ),
    )
  })
}

function look(stroke: string, width: number, opacity: number): Parameters<typeof tag>[1] {
  return { fill: 'none', stroke, 'stroke-width': width, 'stroke-opacity': opacity, 'stroke-linejoin': 'round' }
}

/** The line through the places, with gaps where nobody was or went, and how long it is up to each of them. */
function way(
  places: readonly (Point | null)[],
  breaks: readonly boolean[],
): { readonly path: string; readonly lengths: readonly number[] } {
  let path = ''
  let before: Point | null = null
  let length = 0
  const lengths = places.map((place, i) => {
    const goesOn = place !== null && before !== null && breaks[i] !== true
    if (place !== null) path += `${goesOn ? 'L' : 'M'}${round(place.x)} ${round(place.y)}`
    if (goesOn) length += Math.hypot(place!.x - before!.x, place!.y - before!.y)
    before = place
    return length
  })
  return { path, lengths }
}

// Values over time: where one drawing shows many moments, what changes is animated within the SVG (SMIL), and what does not is said once.
import type { Point } from '../picture/camera.ts'
import { type Child, type Markup, tag } from '../picture/markup.ts'
import type { StrokeAttributes } from './strokes.ts'
import { round } from './strokes.ts'

/** The moments of a drawing: `steps` equal intervals in `seconds`, over and over. A drawing of one moment has none. */
export interface Timing {
  readonly steps: number
  readonly seconds: number
}

/** An attribute's value at each moment, as an animation; null where it never changes. */
export function animated(
  attribute: string,
  values: readonly (string | number)[],
  { steps, seconds }: Timing,
  jumps = false,
): Markup | null {
  if (values.every(value => value === values[0])) return null
  // What changes at once holds from its moment to the next: one value fewer than there are moments.
  const shown = jumps ? values.slice(0, steps) : values
  return tag('animate', {
    attributeName: attribute,
    values: shown.join(';'),
    dur: `${round(seconds)}s`,
    calcMode: jumps ? 'discrete' : null,
    repeatCount: 'indefinite',
  })
}

/** Children at a place that may move; `breaks[i]`: nothing moved from moment i - 1 to moment i. Hidden while there is no place. */
export function movingGroup(
  places: readonly (Point | null)[],
  breaks: readonly boolean[],
  timing: Timing,
  look: StrokeAttributes,
  ...children: readonly Child[]
): Markup | null {
  const somewhere = places.find(place => place !== null)
  if (somewhere === undefined) return null
  const filled = fill(places)
  const still = filled.every(({ x, y }) => x === somewhere.x && y === somewhere.y)
  return tag(
    'g',
    { ...look, transform: `translate(${round(filled[0]!.x)} ${round(filled[0]!.y)})` },
    still ? null : translation(filled, breaks, timing),
    visibility(
      places.map(place => place !== null),
      timing,
    ),
    ...children,
  )
}

/** Shown at some moments only: an animation, or null where it is always shown. */
export function visibility(shown: readonly boolean[], timing: Timing): Markup | null {
  if (shown.every(Boolean)) return null
  return animated(
    'visibility',
    shown.map(is => (is ? 'visible' : 'hidden')),
    timing,
    true,
  )
}

function translation(places: readonly Point[], breaks: readonly boolean[], { steps, seconds }: Timing): Markup {
  const values: string[] = []
  const times: number[] = []
  const text = ({ x, y }: Point) => `${round(x)} ${round(y)}`
  places.forEach((place, i) => {
    // A jump: what was stays until the moment, and from it on is elsewhere.
    if (breaks[i] === true && i > 0) {
      values.push(text(places[i - 1]!))
      times.push(i)
    }
    values.push(text(place))
    times.push(i)
  })
  return tag('animateTransform', {
    attributeName: 'transform',
    type: 'translate',
    values: values.join(';'),
    keyTimes: times.length > places.length ? times.map(time => Math.round((1e4 * time) / steps) / 1e4).join(';') : null,
    dur: `${round(seconds)}s`,
    repeatCount: 'indefinite',
  })
}

/** Where there is no place, the one before; at the begin, the one that follows. */
function fill(places: readonly (Point | null)[]): Point[] {
  let last = places.find(place => place !== null)!
  return places.map(place => (last = place ?? last))
}

/** A group's attributes and animation for an angle in radians, counterclockwise, that turns the short way; null: unknown. */
export function turning(angles: readonly (number | null)[], timing: Timing): [StrokeAttributes, Markup | null] {
  let last = angles.find(angle => angle !== null) ?? 0
  const degrees = angles.map(angle => {
    const turn = 2 * Math.PI
    const way = angle === null ? 0 : angle - last
    last += way - turn * Math.round(way / turn)
    return round((-last * 180) / Math.PI)
  })
  const transform = `rotate(${degrees[0]})`
  if (degrees.every(angle => angle === degrees[0])) return [{ transform }, null]
  const animation = tag('animateTransform', {
    attributeName: 'transform',
    type: 'rotate',
    values: degrees.join(';'),
    dur: `${round(timing.seconds)}s`,
    repeatCount: 'indefinite',
  })
  return [{ transform }, animation]
}

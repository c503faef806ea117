// Trails of agents: lines that fade and thin out into the past, all of one age and colour in one stroke.
import type { Camera } from '../../src/picture/camera.ts'
import type { Reading } from '../../src/picture/reading.ts'
import { type Picture, TRAIL } from '../time/motion.ts'

/** Of more actors than this trails are short and have corners: they would hide each other, and curves take their time. */
const CROWD = 300
const SHORT = 4

/** Curves through the places between the frames, so that no corner shows. `longest`: a way beyond it goes over an edge that wraps. */
export function drawTrails(
  context: CanvasRenderingContext2D,
  camera: Camera,
  { trail, row }: Picture,
  reading: Reading,
  actors: readonly number[],
  longest: number,
  colors: readonly string[],
): void {
  const crowd = actors.length > CROWD
  const frames = crowd ? trail.slice(-SHORT) : trail
  const rows = [...frames.map(frame => frame.row), row]
  const last = rows.length - 1
  const longestTrail = crowd ? SHORT : TRAIL + 1
  if (last < 1) return
  // [rows, actors, 2] in pixels; NaN: not there.
  const places = new Float64Array(rows.length * actors.length * 2)
  rows.forEach((row, n) => {
    actors.forEach((entity, i) => {
      const at = 2 * (n * actors.length + i)
      const place = reading.place(row, entity)
      places[at] = place ? camera.x(place.x) : Number.NaN
      places[at + 1] = place ? camera.y(place.y) : Number.NaN
    })
  })
  const apart = longest * camera.scale // infinite: no edge wraps
  for (const color of new Set(actors.map(entity => colors[entity]!))) {
    const members = [...actors.keys()].filter(i => colors[actors[i]!] === color)
    context.strokeStyle = color
    for (let n = 1; n <= last; n++) {
      // Counted from now: a short trail is a strong one.
      const age = 1 - (last - n) / longestTrail
      context.globalAlpha = 0.55 * age ** 1.5
      context.lineWidth = crowd ? 1 : 1 + 3 * age
      context.beginPath()
      for (const i of members) segment(context, places, actors.length, i, n, last, apart, crowd)
      context.stroke()
    }
  }
  context.globalAlpha = 1
}

/** From halfway before the n-th place to halfway after it. */
function segment(
  context: CanvasRenderingContext2D,
  places: Float64Array,
  actors: number,
  i: number,
  n: number,
  last: number,
  apart: number,
  straight: boolean,
): void {
  const at = 2 * (n * actors + i)
  const [x, y] = [places[at]!, places[at + 1]!]
  const [beforeX, beforeY] = [places[at - 2 * actors]!, places[at - 2 * actors + 1]!]
  // Also false where somebody was not there.
  if (!(Math.hypot(x - beforeX, y - beforeY) <= apart)) return
  if (straight) {
    context.moveTo(beforeX, beforeY)
    context.lineTo(x, y)
    return
  }
  context.moveTo((beforeX + x) / 2, (beforeY + y) / 2)
  if (n < last) {
    const [afterX, afterY] = [places[at + 2 * actors]!, places[at + 2 * actors + 1]!]
    if (Math.hypot(x - afterX, y - afterY) <= apart) {
      context.quadraticCurveTo(x, y, (x + afterX) / 2, (y + afterY) / 2)
      return
    }
  }
  context.lineTo(x, y)
}

// Where an agent has been: a line that fades and thins out into the past.
import type { Camera, Point } from '../src/picture/camera.ts'
import { runsOf } from '../src/picture/layout.ts'

/** Curves through the places between the frames, so that nothing overlaps and no corner shows. `points` ends now. */
export function drawTrail(
  context: CanvasRenderingContext2D,
  camera: Camera,
  points: readonly (Point | null)[],
  longest: number,
  color: string,
): void {
  // The newest places are the strongest, also in a trail that was cut: ages count from now.
  const ages = new Map(points.map((point, i) => [point, i / (points.length - 1)]))
  for (const run of runsOf(points, longest)) {
    for (let i = 1; i < run.length; i++) {
      const last = i === run.length - 1
      const corner = onCanvas(run[i]!, camera)
      const from = between(onCanvas(run[i - 1]!, camera), corner)
      const to = last ? corner : between(corner, onCanvas(run[i + 1]!, camera))
      const [before, age] = [ages.get(run[i - 1]!)!, ages.get(run[i]!)!]
      const after = last ? age : ages.get(run[i + 1]!)!
      const fade = context.createLinearGradient(from.x, from.y, to.x, to.y)
      fade.addColorStop(0, faded(color, (before + age) / 2))
      fade.addColorStop(1, faded(color, (age + after) / 2))
      context.strokeStyle = fade
      context.lineWidth = 1 + 3 * age
      context.beginPath()
      context.moveTo(from.x, from.y)
      context.quadraticCurveTo(corner.x, corner.y, to.x, to.y)
      context.stroke()
    }
  }
}

/** A colour as #rrggbb at an age from 0, long ago, to 1, now. */
function faded(color: string, age: number): string {
  const opacity = Math.round(255 * 0.55 * age ** 1.5)
  return color + opacity.toString(16).padStart(2, '0')
}

function onCanvas({ x, y }: Point, camera: Camera): Point {
  return { x: camera.x(x), y: camera.y(y) }
}

function between(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }
}

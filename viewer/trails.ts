// Where an agent has been: a line that fades and thins out into the past.
import type { Camera, Point } from './camera.ts'

/** What belongs together: a trail is cut where its agent was not there, and where it went over an edge that wraps. */
export function runsOf(points: readonly (Point | null)[], longest: number): Point[][] {
  const runs: Point[][] = [[]]
  let last: Point | null = null
  for (const point of points) {
    const jumps = last !== null && point !== null && Math.hypot(point.x - last.x, point.y - last.y) > longest
    if (point === null || jumps) runs.push([])
    if (point !== null) runs.at(-1)!.push(point)
    last = point
  }
  return runs.filter(run => run.length > 1)
}

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
  context.strokeStyle = color
  for (const run of runsOf(points, longest)) {
    for (let i = 1; i < run.length; i++) {
      const age = ages.get(run[i]!)!
      const corner = onCanvas(run[i]!, camera)
      const from = between(onCanvas(run[i - 1]!, camera), corner)
      const to = i === run.length - 1 ? corner : between(corner, onCanvas(run[i + 1]!, camera))
      context.globalAlpha = 0.55 * age ** 1.5
      context.lineWidth = 1 + 3 * age
      context.beginPath()
      context.moveTo(from.x, from.y)
      context.quadraticCurveTo(corner.x, corner.y, to.x, to.y)
      context.stroke()
    }
  }
  context.globalAlpha = 1
}

function onCanvas({ x, y }: Point, camera: Camera): Point {
  return { x: camera.x(x), y: camera.y(y) }
}

function between(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }
}

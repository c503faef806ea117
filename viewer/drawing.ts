// The game on a canvas, to scale under a fixed camera, y up: scenery, landmarks, goals, fading trails, agents, their words.

import { aim, type Point } from '../src/picture/camera.ts'
import { actorColors, landmarkColor, type Theme } from '../src/picture/colors.ts'
import { ringRadius, ringsOf } from '../src/picture/layout.ts'
import { readingOf } from '../src/picture/reading.ts'
import type { FrameSchema } from '../src/stream/protocol.ts'
import { drawAgent, drawHeading, drawLandmark, drawLandmarkName, drawScripted, drawVelocity } from './figures.ts'
import { drawRings, drawWays } from './goals.ts'
import type { Picture } from './motion.ts'
import { drawScenery } from './scenery.ts'
import { drawUtterance } from './speech.ts'
import { drawTrail } from './trails.ts'

/** Draws one picture, or the empty stage. The canvas is `pixels` wide and high; `density` is device pixels per CSS pixel. */
export function draw(
  context: CanvasRenderingContext2D,
  pixels: number,
  density: number,
  schema: FrameSchema,
  picture: Picture | null,
  theme: Theme,
): void {
  context.setTransform(density, 0, 0, density, 0, 0)
  const camera = aim(pixels / density, schema.extent)
  drawScenery(context, camera, schema, theme)
  if (!picture) return
  const { entities, arena } = schema
  const { row } = picture
  const colors = actorColors(schema, theme)
  const reading = readingOf(schema)
  const places: readonly (Point | null)[] = entities.map((_, i) => reading.place(row, i))
  const at = (i: number) => places[i]!
  const landmarks = entities.flatMap(({ kind }, i) => (kind === 'landmark' && at(i) ? [i] : []))
  const actors = entities.flatMap(({ kind }, i) => (kind === 'agent' && at(i) ? [i] : []))

  for (const i of landmarks) drawLandmark(context, camera, entities[i]!, at(i)!, landmarkColor(entities[i]!, theme))
  const wishes = actors.flatMap(agent => {
    const goal = reading.goal(row, agent)
    return goal === null || !at(goal) ? [] : [{ agent, goal, color: colors[agent]! }]
  })
  const rings = ringsOf(wishes)
  drawRings(context, camera, schema, rings, at)
  const discs = actors.map(i => ({ ...at(i)!, radius: entities[i]!.size }))
  for (const i of landmarks) {
    const outside = ringRadius(entities[i]!.size, camera, rings.filter(ring => ring.goal === i).length - 1)
    drawLandmarkName(context, camera, entities[i]!, at(i)!, outside, discs, theme)
  }
  const longest = arena?.edge === 'wrap' ? arena.half : Number.POSITIVE_INFINITY
  for (const i of actors) {
    const been = [...picture.trail.map(frame => reading.place(frame.row, i)), at(i)]
    drawTrail(context, camera, been, longest, colors[i]!)
  }
  drawWays(context, camera, schema, wishes, at)
  for (const i of actors) {
    const entity = entities[i]!
    const color = colors[i]!
    const velocity = reading.velocity(row, i)
    const heading = reading.heading(row, i)
    if (velocity) drawVelocity(context, camera, entity, at(i)!, velocity, color)
    if (heading !== null) drawHeading(context, camera, entity, at(i)!, heading, color)
    if (entity.agent === null) drawScripted(context, camera, entity, at(i)!, color, theme)
    else drawAgent(context, camera, entity, at(i)!, color, theme)
  }
  const onCanvas = discs.map(disc => ({ x: camera.x(disc.x), y: camera.y(disc.y), radius: disc.radius * camera.scale }))
  const ringed = rings.map(({ goal, nth }) => {
    const { x, y } = at(goal)!
    return { x: camera.x(x), y: camera.y(y), radius: ringRadius(entities[goal]!.size, camera, nth) }
  })
  const obstacles = [...onCanvas, ...ringed]
  actors.forEach((i, n) => {
    const speaker = onCanvas[n]!
    const utterance = reading.utterance(row, i)
    const inside = Math.max(speaker.x, speaker.y) <= camera.pixels && Math.min(speaker.x, speaker.y) >= 0
    if (utterance === null || !inside) return
    const others = obstacles.filter(obstacle => obstacle !== speaker)
    obstacles.push(drawUtterance(context, speaker, utterance, camera.pixels, others, colors[i]!, theme))
  })
}

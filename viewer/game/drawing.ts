// The game on a canvas, to scale, y up: scenery, landmarks, goals, fading trails, what is seen, agents, contacts, words.
import { actionWords } from '../../src/picture/action-words.ts'
import { aim, type Camera, type Point } from '../../src/picture/camera.ts'
import { actorColors, isAdversary, landmarkColor, type Theme } from '../../src/picture/colors.ts'
import { ringRadius, ringsOf } from '../../src/picture/layout.ts'
import { type Reading, readingOf, waitingOpacity } from '../../src/picture/reading.ts'
import type { FrameAgent, PictureSchema } from '../../src/stream/protocol.ts'
import type { Picture } from '../time/motion.ts'
import { type Marks, noMarks, type PictureLayer } from '../view/marks.ts'
import {
  drawAgent,
  drawFlash,
  drawHeading,
  drawLabel,
  drawLandmark,
  drawLandmarkName,
  drawScripted,
  drawVelocities,
} from './figures.ts'
import { drawRings, drawWays } from './goals.ts'
import { drawThing, drawWord } from './grid.ts'
import { drawScenery } from './scenery.ts'
import { drawChosen, drawSight } from './sight.ts'
import { drawUtterance } from './speech.ts'
import { drawTrails } from './trails.ts'

/** Beyond this many actors nobody is named beside a disc or at the edge. */
const NAMED_MOST = 60

/** Draws the whole world, or the empty picture, on a square canvas of `pixels`; `density` is device pixels per CSS pixel. */
export function draw(
  context: CanvasRenderingContext2D,
  pixels: number,
  density: number,
  schema: PictureSchema,
  picture: Picture | null,
  theme: Theme,
): void {
  drawScene(context, aim(pixels / density, schema.extent), density, schema, picture, theme, noMarks)
}

/** Draws what a camera sees. */
export function drawScene(
  context: CanvasRenderingContext2D,
  camera: Camera,
  density: number,
  schema: PictureSchema,
  picture: Picture | null,
  theme: Theme,
  marks: Marks,
): void {
  context.setTransform(density, 0, 0, density, 0, 0)
  drawScenery(context, camera, schema, theme)
  if (!picture) return
  const { entities, arena } = schema
  const { row } = picture
  const shows = (layer: PictureLayer) => !marks.hidden.has(layer)
  const colors = colorsOf(schema, theme)
  const reading = readingOf(schema)
  const places: readonly (Point | null)[] = entities.map((_, i) => reading.place(row, i))
  const at = (i: number) => places[i]!
  const there = (kind: 'agent' | 'landmark') =>
    entities.flatMap((entity, i) => (entity.kind === kind && at(i) ? [i] : []))
  const landmarks = there('landmark')
  const actors = there('agent')
  const near = actors.filter(i => isNear(camera, at(i)!, entities[i]!.size))
  const names = shows('names') && actors.length <= NAMED_MOST
  const words = schema.grid && names ? actionWords(agentsIn(schema), picture.frame.actions) : []

  for (const i of landmarks) {
    const entity = entities[i]!
    if (schema.grid) drawThing(context, camera, entity, at(i)!, landmarkColor(entity, theme), reading.marked(row, i))
    else if (entity.size > 0) drawLandmark(context, camera, entity, at(i)!, landmarkColor(entity, theme))
    const text = reading.label(row, i)
    if (text !== null) drawLabel(context, camera, entity, at(i)!, text, theme)
  }
  const wishes = shows('goals') ? wishesOf(reading, row, actors, at, colors) : []
  const rings = ringsOf(wishes)
  drawRings(context, camera, schema, rings, at)
  const discs = actors.map(i => ({ ...at(i)!, radius: entities[i]!.size }))
  // On a grid the legend says what things are.
  if (names && !schema.grid) {
    for (const i of landmarks) {
      // What is written on says what it is.
      if (reading.label(row, i) !== null) continue
      const outside = ringRadius(entities[i]!.size, camera, rings.filter(ring => ring.goal === i).length - 1)
      drawLandmarkName(context, camera, entities[i]!, at(i)!, outside, discs, theme)
    }
  }
  const longest = arena?.edge === 'wrap' ? arena.half : Number.POSITIVE_INFINITY
  if (shows('trails')) drawTrails(context, camera, picture, reading, actors, longest, colors)
  drawWays(context, camera, schema, wishes, at)
  if (shows('sight') && marks.selected !== null) {
    const heading = reading.heading(row, marks.selected) ?? 0
    drawSight(context, camera, schema, marks, at, heading, theme.ink)
  }
  if (shows('velocity')) {
    drawVelocities(context, camera, schema, near, at, i => reading.velocity(row, i), colors)
  }
  for (const i of names ? actors : near) {
    const entity = entities[i]!
    const heading = reading.heading(row, i)
    context.globalAlpha = reading.waits(row, i) ? waitingOpacity : 1
    if (heading !== null) drawHeading(context, camera, entity, at(i)!, heading, colors[i]!)
    if (entity.agent === null) drawScripted(context, camera, entity, at(i)!, colors[i]!, theme)
    else drawAgent(context, camera, entity, at(i)!, colors[i]!, isAdversary(entity.team), names, density, theme)
    const text = reading.label(row, i)
    if (text !== null && isNear(camera, at(i)!, entity.size)) drawLabel(context, camera, entity, at(i)!, text, theme)
    const word = entity.agent === null ? null : words[entity.agent]
    if (word) drawWord(context, camera, entity, at(i)!, word, theme)
    context.globalAlpha = 1
  }
  drawChosen(context, camera, schema, marks, at, theme)
  if (shows('contacts')) for (const flash of marks.flashes) drawFlash(context, camera, flash, theme)
  if (shows('utterances')) drawWords(context, camera, schema, row, near, rings, at, colors, theme)
}

/** Bubbles that cover as little as they can, one after the other. */
function drawWords(
  context: CanvasRenderingContext2D,
  camera: Camera,
  schema: PictureSchema,
  row: Float32Array,
  actors: readonly number[],
  rings: ReturnType<typeof ringsOf>,
  at: (entity: number) => Point | null,
  colors: readonly string[],
  theme: Theme,
): void {
  const reading = readingOf(schema)
  if (!actors.some(i => reading.utterance(row, i) !== null)) return
  const { entities } = schema
  const disc = (entity: number, radius: number) => {
    const { x, y } = at(entity)!
    return { x: camera.x(x), y: camera.y(y), radius }
  }
  const discs = actors.map(i => disc(i, entities[i]!.size * camera.scale))
  const obstacles = [
    ...discs,
    ...rings.map(({ goal, nth }) => disc(goal, ringRadius(entities[goal]!.size, camera, nth))),
  ]
  actors.forEach((i, n) => {
    const utterance = reading.utterance(row, i)
    if (utterance === null) return
    const others = obstacles.filter(obstacle => obstacle !== discs[n])
    obstacles.push(drawUtterance(context, discs[n]!, utterance, camera, others, colors[i]!, theme))
  })
}

function wishesOf(
  reading: Reading,
  row: Float32Array,
  actors: readonly number[],
  at: (entity: number) => Point | null,
  colors: readonly string[],
) {
  return actors.flatMap(agent => {
    const goal = reading.goal(row, agent)
    return goal === null || !at(goal) ? [] : [{ agent, goal, color: colors[agent]! }]
  })
}

/** Who acts; pictures without a session, as in reports, do not say. */
function agentsIn(schema: PictureSchema): readonly FrameAgent[] {
  return 'agents' in schema ? (schema.agents as readonly FrameAgent[]) : []
}

function isNear({ x, y, scale, width, height }: Camera, place: Point, size: number): boolean {
  const [left, top, radius] = [x(place.x), y(place.y), size * scale + 2]
  return left > -radius && top > -radius && left < width + radius && top < height + radius
}

const known = new WeakMap<PictureSchema, { theme: Theme; colors: readonly string[] }>()

function colorsOf(schema: PictureSchema, theme: Theme): readonly string[] {
  const before = known.get(schema)
  if (before?.theme === theme) return before.colors
  const colors = actorColors(schema, theme)
  known.set(schema, { theme, colors })
  return colors
}

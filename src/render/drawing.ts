// A game as SVG, to scale under a fixed camera, y up, as the live page draws it: one moment, or an episode that moves.
import type { Point } from '../picture/camera.ts'
import { landmarkColor, type Theme } from '../picture/colors.ts'
import { ringRadius, ringsOf } from '../picture/layout.ts'
import { type Child, type Markup, tag, textOf } from '../picture/markup.ts'
import { waitingOpacity } from '../picture/reading.ts'
import {
  agentFigure,
  headingFigure,
  labelFigure,
  landmarkFigure,
  landmarkName,
  nameCorner,
  scriptedFigure,
  shine,
  velocityFigure,
} from './figures.ts'
import { ringFigure, wayBetween, wayFigure, waysMost } from './goals.ts'
import { thingFigure, wordFigure } from './grid.ts'
import { animated, movingGroup, turning, visibility } from './motion.ts'
import { momentOf, motionOf, type Scene } from './scene.ts'
import { scenery } from './scenery.ts'
import { bubbles } from './speech.ts'
import { arrowHead, label } from './strokes.ts'
import { stepsPerSecond, type Take } from './take.ts'
import { movingTrail, trail } from './trails.ts'

export interface Look {
  /** Pixels. The picture is as high, and its caption comes on top of that. */
  readonly width: number
  readonly theme: Theme
}

/** Pixels below the picture, for what it shows. */
export const captionHeight = 30

/** One moment as an SVG file: `at` counts frames from 0; 3.5 is halfway from the fourth to the fifth. */
export function drawMoment(take: Take, at: number, { width, theme }: Look): string {
  const scene = momentOf(take, at, width, theme)
  const reached = Math.min(Math.floor(at), take.frames.length - 1)
  const part = take.frames.length === 1 ? 1 : Math.min(1, at / (take.frames.length - 1))
  return svgOf(take, scene, [
    label(`step ${take.frames[reached]!.step}`, [width - 10, width + captionHeight / 2], theme.muted, 12, {
      'text-anchor': 'end',
    }),
    take.frames.length === 1 ? null : progress(scene, [part]),
  ])
}

/** The whole take as one SVG file that moves by itself, over and over; `speed` 1 is the pace of the live page. */
export function drawMotion(take: Take, speed: number, { width, theme }: Look): string {
  const scene = motionOf(take, width, theme, 1 / (stepsPerSecond * speed))
  const last = take.frames.length - 1
  return svgOf(take, scene, [
    progress(
      scene,
      scene.rows.map((_, i) => Math.min(1, i / Math.max(1, last))),
    ),
  ])
}

function svgOf(take: Take, scene: Scene, caption: readonly Child[]): string {
  const { camera, theme } = scene
  const [width, height] = [camera.width, camera.width + captionHeight]
  const svg = tag(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}`, role: 'img' },
    tag('title', {}, take.title),
    tag('defs', {}, shine),
    tag(
      'g',
      { 'font-family': 'ui-sans-serif, system-ui, sans-serif', 'font-weight': 600, 'text-anchor': 'middle' },
      scenery(camera, scene.schema, theme),
      game(scene),
      // What is out of sight must not reach into the caption.
      tag('rect', { y: width, width, height: captionHeight, fill: theme.ground }),
      tag('path', { d: `M0 ${width}.5H${width}`, stroke: theme.line }),
      label(take.title, [10, width + captionHeight / 2], theme.ink, 12, { 'text-anchor': 'start' }),
      caption,
    ),
  )
  return `${textOf(svg)}\n`
}

/** How far the take has come, as a line under the picture. */
function progress({ camera, theme, timing }: Scene, parts: readonly number[]): Markup {
  const ends = parts.map(part => Math.round(part * camera.width * 10) / 10)
  const y = camera.width + captionHeight - 1.5
  return tag(
    'line',
    { x1: 0, y1: y, x2: ends[0]!, y2: y, stroke: theme.teams[0]!, 'stroke-width': 3 },
    animated('x2', ends, timing),
  )
}

function game(scene: Scene): Child[] {
  const { entities } = scene.schema
  const there = (kind: string) =>
    entities.flatMap((entity, i) => (entity.kind === kind && scene.places(i).some(place => place !== null) ? [i] : []))
  const [landmarks, actors] = [there('landmark'), there('agent')]
  return [
    landmarks.map(i => placed(scene, i, landmarkLook(scene, i), written(scene, i))),
    goals(scene, landmarks, actors),
    actors.map(i => trailOf(scene, i)),
    ways(scene, actors),
    actors.map(i => placed(scene, i, faded(scene, i, actorFigure(scene, i), written(scene, i)))),
    bubbles(scene, actors),
  ]
}

/** Of size 0 a landmark is what is written on it. */
function landmarkLook({ schema, camera, theme, rows, reading, timing }: Scene, i: number): Child {
  const entity = schema.entities[i]!
  if (schema.grid !== undefined) {
    const color = landmarkColor(entity, theme)
    const marked = rows.map(row => reading.marked(row, i))
    const look = (stands: boolean) => thingFigure(entity, camera.scale, color, stands)
    if (marked.every(stands => stands === marked[0])) return look(marked[0]!)
    const shown = (stands: boolean) =>
      visibility(
        marked.map(it => it === stands),
        timing,
      )
    return [tag('g', {}, shown(false), look(false)), tag('g', {}, shown(true), look(true))]
  }
  return entity.size > 0 ? landmarkFigure(entity, camera.scale, landmarkColor(entity, theme)) : null
}

/** What stands on an entity; nothing where that changes while it moves. */
function written({ schema, rows, reading, camera, theme }: Scene, i: number): Child {
  const all = new Set(rows.flatMap(row => (reading.place(row, i) === null ? [] : [reading.label(row, i)])))
  const [text] = all
  if (all.size !== 1 || text === null || text === undefined) return null
  return labelFigure(schema.entities[i]!, text, camera.scale, theme)
}

/** A figure where its entity is, or on its way. */
function placed(scene: Scene, entity: number, ...figure: readonly Child[]): Markup | null {
  const { rows, camera, timing } = scene
  const places = scene.places(entity).map(place => place && { x: camera.x(place.x), y: camera.y(place.y) })
  const { breaks } = scene.way(entity)
  return movingGroup(places, rows.length === 1 ? [] : breaks, timing, {}, ...figure)
}

/** What waits is seen through. */
function faded({ rows, reading, timing }: Scene, entity: number, ...figure: readonly Child[]): Child {
  const opacities = rows.map(row => (reading.waits(row, entity) ? waitingOpacity : 1))
  if (opacities.every(opacity => opacity === 1)) return figure
  return tag('g', { opacity: opacities[0]! }, animated('opacity', opacities, timing, true), ...figure)
}

function trailOf(scene: Scene, entity: number): Markup[] {
  const { places, breaks } = scene.way(entity)
  const color = scene.colors[entity]!
  return scene.rows.length === 1 ? trail(places, breaks, color) : movingTrail(places, breaks, scene.timing, color)
}

function actorFigure(scene: Scene, i: number): Child {
  const { schema, camera, theme, rows, reading, timing } = scene
  const { scale, width: pixels } = camera
  const entity = schema.entities[i]!
  const color = scene.colors[i]!
  const headings = rows.map(row => reading.heading(row, i))
  const nose = headings.some(heading => heading !== null)
    ? tag('g', ...turning(headings, timing), headingFigure(entity, scale, color))
    : null
  if (entity.agent === null) return [nose, scriptedFigure(entity, scale, color, theme)]
  const figure = agentFigure(entity, scale, color, theme)
  if (rows.length > 1) return [nose, figure]
  const word = scene.words[entity.agent]
  if (schema.grid !== undefined) return [nose, figure, word ? wordFigure(entity, scale, word, theme) : null]
  const away = beyond(scene, i)
  if (away !== null) return edgeArrow(away, String(entity.agent), color, pixels)
  const velocity = reading.velocity(rows[0]!, i)
  return [velocity && velocityFigure(entity, velocity, scale, color), nose, figure]
}

/** From an agent that is out of sight back to the edge of the picture; null where it can be seen. */
function beyond({ reading, rows, camera, schema }: Scene, i: number): { at: Point; from: Point } | null {
  const place = reading.place(rows[0]!, i)!
  const margin = 12
  const inside = (pixel: number) => Math.min(Math.max(pixel, margin), camera.width - margin)
  const at = { x: camera.x(place.x), y: camera.y(place.y) }
  const from = { x: inside(at.x), y: inside(at.y) }
  const hidden = Math.hypot(at.x - from.x, at.y - from.y) > schema.entities[i]!.size * camera.scale + margin
  return hidden ? { at, from } : null
}

/** Out of the picture: an arrow at the edge says where, relative to where the agent is. */
function edgeArrow({ at, from }: { at: Point; from: Point }, name: string, color: string, pixels: number): Child {
  const [x, y] = [from.x - at.x, from.y - at.y]
  const turn = (Math.atan2(-y, -x) * 180) / Math.PI
  const aside = at.x === from.x ? 14 : 16 * Math.sign(pixels / 2 - from.x)
  return [
    tag('g', { transform: `translate(${x} ${y}) rotate(${turn})` }, arrowHead({ fill: color })),
    label(name, [x + aside, y], color, 11),
  ]
}

/** A ring around each goal for every colour that wants to be there, and the landmarks' names outside of them. */
function goals(scene: Scene, landmarks: readonly number[], actors: readonly number[]): Child {
  const { schema, camera, theme, rows, reading, timing } = scene
  const wants = (agent: number) =>
    rows.map(row => (reading.place(row, agent) === null ? null : reading.goal(row, agent)))
  const goalsOf = new Map(actors.map(agent => [agent, wants(agent)]))
  const rings = ringsOf(
    actors.flatMap(agent =>
      [...new Set(goalsOf.get(agent))].flatMap(goal =>
        goal === null ? [] : [{ agent, goal, color: scene.colors[agent]! }],
      ),
    ),
  )
  const count = (goal: number) => rings.filter(ring => ring.goal === goal).length
  const discs = actors.map(i => ({ at: reading.place(rows[0]!, i), radius: schema.entities[i]!.size * camera.scale }))
  const covered = (i: number, corner: number) => {
    const place = reading.place(rows[0]!, i)
    if (place === null || rows.length > 1) return false
    const [x, y] = [camera.x(place.x) + corner, camera.y(place.y) - corner]
    return discs.some(({ at, radius }) => at && Math.hypot(camera.x(at.x) - x, camera.y(at.y) - y) < radius + 8)
  }
  return [
    rings.map(ring => {
      const shown = rows.map((_, moment) => ring.agents.some(agent => goalsOf.get(agent)![moment] === ring.goal))
      return placed(scene, ring.goal, visibility(shown, timing), ringFigure(schema, ring, count(ring.goal) - 1, camera))
    }),
    landmarks.map(i => {
      const outside = ringRadius(schema.entities[i]!.size, camera, count(i) - 1)
      // What is written on says what it is.
      return schema.grid !== undefined || written(scene, i) !== null || covered(i, nameCorner(outside))
        ? null
        : placed(scene, i, landmarkName(schema.entities[i]!, outside, theme))
    }),
  ]
}

/** Dotted, from each agent to its goal. */
function ways(scene: Scene, actors: readonly number[]): Child {
  const { schema, camera, rows, reading, timing } = scene
  const wishing = actors.filter(agent => rows.some(row => reading.goal(row, agent) !== null))
  if (wishing.length > waysMost) return null
  return wishing.map(agent => {
    const lines = rows.map(row => {
      const goal = reading.goal(row, agent)
      const [from, to] = [reading.place(row, agent), goal === null ? null : reading.place(row, goal)]
      return from && to ? wayBetween(schema, { index: agent, at: from }, { index: goal!, at: to }, camera) : null
    })
    const first = lines.find(line => line !== null)
    if (first === undefined) return null
    let last = first!
    const filled = lines.map(line => (last = line ?? last))
    const along = (attribute: string, end: 0 | 1, axis: 0 | 1) =>
      animated(
        attribute,
        filled.map(line => Math.round(line[end][axis] * 10) / 10),
        timing,
      )
    const shown = visibility(
      lines.map(line => line !== null),
      timing,
    )
    const color = scene.colors[agent]!
    return wayFigure(
      filled[0]!,
      color,
      along('x1', 0, 0),
      along('y1', 0, 1),
      along('x2', 1, 0),
      along('y2', 1, 1),
      shown,
    )
  })
}

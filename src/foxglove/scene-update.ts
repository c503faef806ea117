// A game as Foxglove draws it: foxglove.SceneUpdate messages, from the same schema and frames that the page draws.

import { atan2, cos, hypot, sin } from '../elementary.ts'
import type { FrameEntity, FrameSchema, GridPicture } from '../envs/frame.ts'
import type { WallDefinition } from '../envs/walls.ts'
import { actorColors, dark } from '../picture/colors.ts'
import { boxOf, halfSides, markColor } from '../picture/grid-ground.ts'
import { loudest, readingOf, waitingOpacity } from '../picture/reading.ts'
import { encode, type MessageData, sceneSchema } from './messages.ts'

/** What says how the bytes are to be read: of a channel of the Foxglove protocol, or of an MCAP file. */
export const sceneUpdateSchema = {
  name: 'foxglove.SceneUpdate',
  encoding: 'protobuf',
  data: sceneSchema(),
} as const

export interface SceneEncoder {
  /** What stands still, walls and the edge of the arena: once is enough. `at`: milliseconds since 1970. */
  ground(at: number): Uint8Array
  /**
   * Whatever may move, in whole: who is no longer there is deleted. `anew`: all that was drawn before goes, as at the begin of an
   * episode and when another game begins.
   */
  scene(row: Float32Array, at: number, anew: boolean): Uint8Array
}

/** World units; x and y as in the world, z upwards. */
const frameId = 'world'
/** Seconds of way that an arrow of velocity shows, as on the page. */
const velocitySeconds = 0.15

export function createSceneEncoder(schema: FrameSchema): SceneEncoder {
  const { entities } = schema
  const reading = readingOf(schema)
  const drawnIn = actorColors(schema, dark)
  // Landmarks that can be passed are seen through.
  const colors = entities.map(({ kind, collides }, i) => ofHex(drawnIn[i]!, kind === 'agent' || collides ? 1 : 0.35))

  const drawn = (i: number, row: Float32Array, timestamp: MessageData): MessageData | null => {
    const entity = entities[i]!
    const place = reading.place(row, i)
    if (place === null) return null
    const color = reading.waits(row, i) ? ofHex(drawnIn[i]!, waitingOpacity) : colors[i]!
    const height = entity.kind === 'agent' ? entity.size : entity.collides ? entity.size / 2 : 0.01
    const thing = { timestamp, frame_id: frameId, id: entity.id, metadata: metadataOf(entity) }
    const disc = disk(place.x, place.y, entity.size, height, color)
    if (schema.grid !== undefined && entity.kind === 'landmark') {
      const shade = { ...color, a: reading.marked(row, i) ? 1 : 0.35 }
      const text = reading.label(row, i)
      const square = entity.form === 'square'
      const cube = cubeAt(place.x, place.y, 2 * entity.size, 2 * entity.size, entity.size / 2, shade)
      return {
        ...thing,
        ...(square ? { cubes: [cube] } : { cylinders: [disk(place.x, place.y, entity.size, entity.size / 2, shade)] }),
        texts: text === null ? [] : [label(text, place.x, place.y, entity.size / 2, entity.size)],
      }
    }
    if (entity.kind === 'landmark') {
      return { ...thing, cylinders: [disc], texts: [label(entity.id, place.x, place.y, height, entity.size / 2)] }
    }
    const heading = reading.heading(row, i)
    const velocity = reading.velocity(row, i)
    const speed = velocity === null ? 0 : hypot(velocity.x, velocity.y)
    const goal = reading.goal(row, i)
    const target = goal === null ? null : reading.place(row, goal)
    const utterance = reading.utterance(row, i)
    const words = utterance === null ? entity.id : `${entity.id}: ${loudest(utterance)}`
    const arrow = (angle: number, length: number, width: number) => ({
      pose: pose(place.x, place.y, height / 2, angle),
      shaft_length: entity.size + length,
      shaft_diameter: width,
      head_length: 2 * width,
      head_diameter: 2 * width,
      color,
    })
    return {
      ...thing,
      cylinders: [disc],
      arrows: [
        ...(speed * velocitySeconds < 0.01
          ? []
          : [arrow(atan2(velocity!.y, velocity!.x), speed * velocitySeconds, entity.size / 5)]),
        ...(heading === null ? [] : [arrow(heading, entity.size / 2, entity.size / 2)]),
      ],
      lines:
        target === null
          ? []
          : [
              line(
                'LINE_STRIP',
                [
                  [place.x, place.y],
                  [target.x, target.y],
                ],
                { ...color, a: 0.5 },
              ),
            ],
      texts: [label(words, place.x, place.y, height, entity.size)],
    }
  }

  return {
    ground(at) {
      const timestamp = stamp(at)
      const thing = { timestamp, frame_id: frameId, id: 'arena' }
      const cubes = schema.grid ? cellsOf(schema.grid) : (schema.walls ?? []).map(wall => wallOf(wall))
      const half = schema.arena?.half ?? schema.extent
      const { x, y } = schema.grid ? halfSides(schema.grid) : { x: half, y: half }
      const corners = [
        [-x, -y],
        [x, -y],
        [x, y],
        [-x, y],
      ] as const
      const edge =
        schema.arena === undefined && schema.grid === undefined ? { ...ofHex(dark.muted, 0.3) } : ofHex(dark.muted, 1)
      return encode('SceneUpdate', {
        deletions: [{ timestamp, type: 1 }],
        entities: [{ ...thing, cubes, lines: [line('LINE_LOOP', corners, edge)] }],
      })
    },
    scene(row, at, anew) {
      const timestamp = stamp(at)
      const deletions: MessageData[] = anew ? [{ timestamp, type: 1 }] : []
      const there: MessageData[] = []
      for (let i = 0; i < entities.length; i++) {
        const entity = drawn(i, row, timestamp)
        if (entity !== null) there.push(entity)
        else if (!anew) deletions.push({ timestamp, id: entities[i]!.id })
      }
      return encode('SceneUpdate', { deletions, entities: there })
    },
  }
}

/** A message's time. */
function stamp(at: number): MessageData {
  const seconds = Math.floor(at / 1000)
  return { seconds, nanos: Math.floor((at - 1000 * seconds) * 1e6) }
}

function metadataOf({ team }: FrameEntity): readonly MessageData[] {
  return team === null ? [] : [{ key: 'team', value: team }]
}

function pose(x: number, y: number, z: number, angle = 0): MessageData {
  return { position: { x, y, z }, orientation: { z: sin(angle / 2), w: cos(angle / 2) } }
}

function disk(x: number, y: number, radius: number, height: number, color: MessageData): MessageData {
  const size = { x: 2 * radius, y: 2 * radius, z: height }
  return { pose: pose(x, y, height / 2), size, bottom_scale: 1, top_scale: 1, color }
}

function label(text: string, x: number, y: number, height: number, size: number): MessageData {
  const color = { r: 1, g: 1, b: 1, a: 1 }
  return { pose: pose(x, y, height + size), billboard: true, font_size: Math.max(0.03, size), color, text }
}

function line(
  type: 'LINE_STRIP' | 'LINE_LOOP',
  points: readonly (readonly [number, number])[],
  color: MessageData,
): MessageData {
  return {
    type: type === 'LINE_LOOP' ? 1 : 0,
    pose: pose(0, 0, 0.005),
    thickness: 2,
    scale_invariant: true,
    points: points.map(([x, y]) => ({ x, y })),
    color,
  }
}

/** The walls of a grid, and its cells that mean something. */
function cellsOf(grid: GridPicture): MessageData[] {
  const cubes = (cells: readonly number[], height: number, color: MessageData) =>
    cells.map(cell => {
      const { left, top, width } = boxOf(grid, cell)
      return cubeAt(left + width / 2, top - width / 2, width, width, height, color)
    })
  return [
    ...cubes(grid.walls, 0.1, ofHex(dark.wall, 1)),
    ...grid.marks.flatMap(mark => cubes(mark.cells, 0.002, ofHex(markColor(mark, dark), 0.35))),
  ]
}

/** Stands on the ground. */
function cubeAt(x: number, y: number, width: number, depth: number, height: number, color: MessageData): MessageData {
  return { pose: pose(x, y, height / 2), size: { x: width, y: depth, z: height }, color }
}

function wallOf(wall: WallDefinition): MessageData {
  const height = 0.1
  const color = ofHex(dark.wall, 1)
  const cube = (
    from: readonly [number, number],
    to: readonly [number, number],
    angle: number,
    x: number,
    y: number,
  ) => {
    const middle = pose((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, height / 2, angle)
    return { pose: middle, size: { x, y, z: height }, color }
  }
  if ('low' in wall) return cube(wall.low, wall.high, 0, wall.high[0] - wall.low[0], wall.high[1] - wall.low[1])
  const { from, to, thickness = 0 } = wall
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]]
  return cube(from, to, atan2(dy, dx), hypot(dx, dy) + thickness, Math.max(thickness, 0.01))
}

/** #rrggbb */
function ofHex(hex: string, a: number): MessageData {
  const part = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16) / 255
  return { r: part(1), g: part(3), b: part(5), a }
}

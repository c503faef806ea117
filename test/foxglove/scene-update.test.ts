import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { createSceneEncoder, sceneUpdateSchema } from '../../src/foxglove/scene-update.ts'
import { circlingFrame, gridSchema, knowingSchema, tinySchema } from '../stream/tiny-stream.ts'
import { published, readScene, rootOf } from './read-scene.ts'

const at = 1_700_000_000_250

describe('the schema of scene updates', () => {
  it('has the messages, fields, numbers and types that Foxglove publishes', () => {
    expect(outlineOf(sceneUpdateSchema.data)).toEqual(outlineOf(published()))
  })
})

describe('a scene update', () => {
  it('shows whoever is there, where the frame has them, as the published schema reads it', () => {
    const schema = knowingSchema()
    const row = new Float32Array(schema.size)
    const fields = Object.fromEntries(schema.fields.map(({ name, offset }) => [name, offset]))
    row.fill(1, fields.present, fields.present! + schema.entities.length)
    row[fields.present! + 1] = 0
    row.set([0.5, -0.25], fields.position)
    row.set([0, 2], fields.velocity)
    row.set([0, 0, 1], fields.utterance)
    row[fields.heading!] = Math.PI / 2
    const scene = readScene(createSceneEncoder(schema).scene(row, at, false))
    expect(scene.entities.map(({ id }) => id)).toEqual(
      schema.entities.map(({ id }) => id).filter(id => id !== schema.entities[1]!.id),
    )
    expect(scene.deletions.map(({ id, type }) => [id, type])).toEqual([[schema.entities[1]!.id, 'MATCHING_ID']])
    const [agent] = scene.entities
    expect(agent).toMatchObject({
      frame_id: 'world',
      timestamp: { seconds: 1_700_000_000, nanos: 250_000_000 },
      metadata: [{ key: 'team', value: 'agent' }],
      cylinders: [{ pose: { position: { x: 0.5, y: -0.25 } }, size: { x: 0.16, y: 0.16 } }],
      texts: [{ text: 'agent_0: 2', billboard: true }],
      lines: [
        {
          points: [
            { x: 0.5, y: -0.25 },
            { x: 0, y: 0 },
          ],
        },
      ],
    })
    // The velocity, and where it looks: both along +y.
    expect(agent!.arrows.map(({ pose }) => [pose.orientation.z, pose.orientation.w])).toEqual(
      [
        [Math.SQRT1_2, expect.closeTo(Math.SQRT1_2)],
        [Math.SQRT1_2, expect.closeTo(Math.SQRT1_2)],
      ].map(([z, w]) => [expect.closeTo(z as number), w]),
    )
  })

  it('of a grid has its cells as the ground, and its things as they are drawn', () => {
    const schema = gridSchema()
    const encoder = createSceneEncoder(schema)
    const [ground] = readScene(encoder.ground(at)).entities
    // A wall in row 1, column 1 and a goal in row 2, column 3, in cells that are half a unit wide.
    const places = ground!.cubes.map(({ pose: { position } }) => [position.x, position.y])
    expect(places).toEqual([[-0.25, 0], [0.75, -0.5]]) // biome-ignore format: one row per thing
    const row = new Float32Array(schema.size)
    row.set([-0.75, 0.5, 0.25, 0.5, Number.NaN, Number.NaN, Number.NaN, 3])
    const [agent, food, ...others] = readScene(encoder.scene(row, at, false)).entities
    expect([agent!.id, agent!.cylinders.length, food!.id, food!.texts[0]!.text]).toEqual(['agent_0', 1, 'food_0', '3'])
    expect(others).toEqual([])
    row.set([0.25, 0], 4)
    expect(readScene(encoder.scene(row, at, false)).entities[2]).toMatchObject({
      id: 'box_0',
      cylinders: [],
      cubes: [{}],
    })
  })

  it('deletes everything before it begins anew', () => {
    const schema = tinySchema()
    const { deletions, entities } = readScene(createSceneEncoder(schema).scene(circlingFrame(schema, 3).row, at, true))
    expect(deletions.map(({ type }) => type)).toEqual(['ALL'])
    expect(entities).toHaveLength(schema.entities.length)
  })

  it('knows walls and the edge of the arena', () => {
    const { entities } = readScene(createSceneEncoder(knowingSchema()).ground(at))
    const [segment, box] = entities[0]!.cubes
    expect(segment).toMatchObject({ pose: { position: { x: -0.5, y: 0.5 } }, size: { x: 1.05, y: 0.05 } })
    expect(box!.pose.position).toMatchObject({ x: expect.closeTo(0.65), y: -0.75 })
    expect(entities[0]!.lines[0]).toMatchObject({ type: 'LINE_LOOP', points: [{ x: -1.2, y: -1.2 }, {}, {}, {}] })
  })
})

/** Per message its fields, and the values of its enumerations. */
function outlineOf(schema: Uint8Array): Record<string, unknown> {
  const outline: Record<string, unknown> = {}
  const walk = (space: protobuf.NamespaceBase) => {
    for (const it of space.nestedArray) {
      if (it instanceof protobuf.Type) {
        outline[it.fullName] = it.fieldsArray
          .map(({ id, name, type, repeated, resolvedType }) => [id, name, resolvedType?.fullName ?? type, repeated])
          .sort()
      }
      if (it instanceof protobuf.Enum) outline[it.fullName] = it.values
      if (it instanceof protobuf.Namespace) walk(it)
    }
  }
  walk(rootOf(schema))
  return outline
}

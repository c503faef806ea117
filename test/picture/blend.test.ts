import { describe, expect, it } from 'vitest'
import type { FrameField, PictureSchema } from '../../src/envs/frame.ts'
import { blendOf } from '../../src/picture/blend.ts'

function only(name: FrameField['name'], arena?: PictureSchema['arena']): PictureSchema {
  return {
    kind: 'particles',
    extent: 1,
    entities: [],
    fields: [{ name, offset: 0, size: 1 }],
    size: 1,
    ...(arena && { arena }),
  }
}

const half = { half: 1, edge: 'wrap' } as const

describe('between two frames', () => {
  it.each([
    ['places move straight', only('position'), -0.8, 0.8, 0.25, -0.4],
    ['places go over an edge that wraps', only('position', half), 0.8, -0.8, 0.25, 0.9],
    ['and come in at the other side', only('position', half), 0.8, -0.8, 0.75, -0.9],
    ['but not through a wall', only('position', { half: 1, edge: 'wall' }), 0.8, -0.8, 0.25, 0.4],
    ['headings turn the short way', only('heading'), 3, -3, 0.5, -Math.PI],
    ['velocities change evenly', only('velocity', half), 0, 4, 0.5, 2],
    ['goals change at once', only('goal'), 0, 2, 0.9, 0],
    ['who leaves is there until then', only('present'), 1, 0, 0.9, 1],
    ['words are said at once', only('utterance'), 0, 1, 0.9, 0],
  ])('%s', (_, schema, from, to, part, expected) => {
    const between = blendOf(schema)(Float32Array.of(from), Float32Array.of(to), part)[0]!
    // Half a turn is the same to both sides.
    if (schema.fields[0]!.name === 'heading') expect(Math.abs(between)).toBeCloseTo(-expected, 5)
    else expect(between).toBeCloseTo(expected, 5)
  })
})
